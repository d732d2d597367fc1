"""Recordings of any kind become what the backend hears."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from adapters.inbound.command_line.audio_files import read_audio
from domain.errors import InvalidRequest


def tone(*, rate: int, channels: int = 1) -> np.ndarray:
    sound = 0.25 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    return np.repeat(sound[:, None], channels, axis=1)


def samples(path: Path) -> np.ndarray:
    return np.frombuffer(read_audio(path), "<i2").astype(float)


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (44_100, 2), (8_000, 1), (48_000, 2)])
def test_a_tone_is_read_from_any_kind_of_file(tmp_path: Path, kind: str, rate: int, channels: int) -> None:
    path = tmp_path / f"tone.{kind}"
    soundfile.write(path, tone(rate=rate, channels=channels), rate)
    heard = samples(path)
    assert len(heard) == pytest.approx(16_000, abs=2_500)  # mp3 pads to whole frames
    middle = heard[4_000:12_000]
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) * 16_000 / len(middle) == pytest.approx(440, abs=2)
    assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(0.25 * 32_768, rel=0.05)


def test_a_file_at_16_khz_is_read_to_the_bit(tmp_path: Path) -> None:
    expected = np.random.default_rng(1).integers(-32_768, 32_767, 200_001).astype("<i2")
    soundfile.write(tmp_path / "noise.wav", expected, 16_000)
    assert read_audio(tmp_path / "noise.wav") == expected.tobytes()


def test_the_duration_is_kept(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.wav", np.zeros((44_100 * 5 + 7, 2)), 44_100)
    assert len(read_audio(tmp_path / "long.wav")) == 2 * round((44_100 * 5 + 7) * 16_000 / 44_100)


def test_what_is_too_loud_is_clipped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loud.wav", 3 * np.ones(1_000), 16_000, subtype="FLOAT")
    assert samples(tmp_path / "loud.wav").max() == 32_767


def test_a_file_that_is_no_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.wav").write_text("Dear Sir or Madam")
    with pytest.raises(InvalidRequest, match=r"letter\.wav: not an audio file"):
        read_audio(tmp_path / "letter.wav")


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 16_000)
    with pytest.raises(InvalidRequest, match="holds no sound"):
        read_audio(tmp_path / "empty.wav")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nothing.mp3").touch()
    with pytest.raises(InvalidRequest):
        read_audio(tmp_path / "nothing.mp3")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"gone\.wav: there is no such file"):
        read_audio(tmp_path / "gone.wav")
