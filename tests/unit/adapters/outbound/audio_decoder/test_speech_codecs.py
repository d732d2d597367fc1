"""Real speech through every codec, and what is particular to each of them."""

import subprocess
import sys
import textwrap
from pathlib import Path

import lc3
import numpy as np
import pytest
import soxr

from adapters.inbound.command_line.audio_files import read_audio
from adapters.inbound.command_line.packets import SAMPLE_RATES, packets
from adapters.outbound.audio_decoder.aac import AacStream
from adapters.outbound.audio_decoder.lc3 import Lc3Stream
from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
from domain.audio import SAMPLE_RATE, AudioFormat, Codec

MOST_DELAY = 1_100
"""Samples by which any of the codecs lags."""


@pytest.fixture(scope="module")
def speech(audio_folder: Path) -> bytes:
    return read_audio(audio_folder / "LJ001-0001.wav")[: 5 * SAMPLE_RATE * 2]


@pytest.fixture(scope="module")
def aac(speech: bytes) -> list[bytes]:
    return list(packets(speech, Codec.AAC))


def likeness(heard: bytes, spoken: bytes) -> float:
    """Correlation at the delay that fits best."""
    here, there = np.frombuffer(heard, "<i2").astype(float), np.frombuffer(spoken, "<i2").astype(float)
    length = min(len(here), len(there)) - MOST_DELAY
    spectrum = np.fft.rfft(here, 2 * len(here)) * np.conj(np.fft.rfft(there[:length], 2 * len(here)))
    delay = int(np.argmax(np.fft.irfft(spectrum)[:MOST_DELAY]))
    return float(np.corrcoef(here[delay : delay + length], there[:length])[0, 1])


@pytest.mark.parametrize("codec", list(Codec))
def test_speech_is_heard_as_it_was_spoken(speech: bytes, codec: Codec) -> None:
    stream = LibopusAudioDecoder().open_stream(AudioFormat(codec=codec, sample_rate=SAMPLE_RATES[codec]))
    heard = b"".join(map(stream.decode, packets(speech, codec))) + stream.flush()
    assert likeness(heard, speech) > 0.9
    assert (stream.corrupt_packets, stream.concealed) == (0, 0)


@pytest.mark.parametrize("rate", [8_000, 24_000, 32_000, 48_000])
def test_lc3_of_other_rates_is_heard_at_ours(speech: bytes, rate: int) -> None:
    spoken = soxr.resample(np.frombuffer(speech, "<i2"), SAMPLE_RATE, rate).astype("<i2").tobytes()
    encoder, step, stream = lc3.Encoder(10_000, rate), rate // 100 * 2, Lc3Stream(rate)
    frames = [encoder.encode(spoken[at : at + step].ljust(step, b"\0"), 80, 16) for at in range(0, len(spoken), step)]
    heard = b"".join(map(stream.decode, frames)) + stream.flush()
    assert len(heard) == len(frames) * 320
    assert likeness(heard, speech) > 0.9


def test_a_packet_may_hold_several_lc3_frames_of_30_bytes(speech: bytes) -> None:
    frames = list(packets(speech, Codec.LC3_FS1030))
    one, several = Lc3Stream(SAMPLE_RATE, frame_size=30), Lc3Stream(SAMPLE_RATE, frame_size=30)
    together = b"".join(several.decode(b"".join(frames[at : at + 4])) for at in range(0, len(frames), 4))
    assert together == b"".join(map(one.decode, frames))


def test_an_lc3_frame_that_broke_off_costs_its_own_time_alone() -> None:
    stream = Lc3Stream(SAMPLE_RATE, frame_size=30)
    assert len(stream.decode(bytes(75))) == 3 * 320
    assert stream.corrupt_packets == 1


def test_aac_frames_may_be_cut_in_any_way(aac: list[bytes]) -> None:
    whole, cut, content = AacStream(SAMPLE_RATE), AacStream(SAMPLE_RATE), b"".join(aac)
    expected = b"".join(map(whole.decode, aac))
    assert b"".join(cut.decode(content[at : at + 97]) for at in range(0, len(content), 97)) == expected
    assert cut.corrupt_packets == 0


@pytest.mark.parametrize("junk", [b"\xff", b"no frame", b"\xff\xf1\x60", b"\xff\xf1\x60\x40\x40\xff\xfc"])
def test_aac_goes_on_behind_junk(aac: list[bytes], junk: bytes) -> None:
    stream = AacStream(SAMPLE_RATE)
    heard = [stream.decode(packet) for packet in (*aac[:10], junk + aac[10], *aac[11:20])]
    assert sum(map(len, heard)) == 21 * 1_024 * 2
    assert stream.corrupt_packets == 1


def test_a_damaged_aac_frame_is_silence_of_its_length(aac: list[bytes]) -> None:
    stream = AacStream(SAMPLE_RATE)
    damaged = aac[10][:7] + bytes(len(aac[10]) - 7)
    heard = [stream.decode(packet) for packet in (*aac[:10], damaged, *aac[11:20])]
    assert heard[10] == bytes(2_048)
    assert (stream.corrupt_packets, stream.concealed) == (1, 1_024)
    assert [len(piece) for piece in heard] == [2_048] * 20


def test_what_is_not_used_is_not_loaded_and_what_is_not_installed_is_named() -> None:
    code = """
        import sys
        from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
        from domain.audio import AudioFormat, Codec
        from domain.errors import UnsupportedAudio

        decoder = LibopusAudioDecoder()
        for codec in set(Codec) - {Codec.AAC}:
            decoder.open_stream(AudioFormat(codec=codec, sample_rate=16_000))
        assert "av" not in sys.modules
        assert "lc3" not in sys.modules
        sys.modules["av"] = None
        try:
            decoder.open_stream(AudioFormat(codec=Codec.AAC, sample_rate=16_000))
        except UnsupportedAudio as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        "codec aac needs PyAV, which is not installed on this server; install it with: make codecs"
    )
