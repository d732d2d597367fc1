import wave
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from adapters.inbound.command_line.identify import (
    Identify,
    WireTurn,
    rttm_lines,
    show_turns,
    time,
    voices_in_files,
)
from adapters.outbound.speaker_encoder.fake import FakeSpeakerEncoder
from adapters.outbound.speaker_segmenter.fake import FakeSpeakerSegmenter
from application.recordings.diarize_recording import DiarizeRecording
from domain.errors import InvalidRequest
from domain.ids import PersonId
from domain.speaker import OWNER, VoiceCalibration
from tests.unit.application.recordings.test_diarize_recording import HIGH, LOW, silence, tone

TURNS = [
    WireTurn(start=0.5, end=3.0, speaker=1, person=None),
    WireTurn(start=3.0, end=64.26, speaker=2, person="Ann Lee"),
    WireTurn(start=65.0, end=66.0, speaker=0, person=None),
]


def written(folder: Path, name: str, pcm: bytes) -> Path:
    path = folder / name
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(pcm)
    return path


def diarize() -> DiarizeRecording:
    calibration = VoiceCalibration(threshold=0.8, margin=0.05)
    return DiarizeRecording(segmenter=FakeSpeakerSegmenter(), encoder=FakeSpeakerEncoder(), calibration=calibration)


def shown(turns: list[WireTurn]) -> str:
    output = StringIO()
    show_turns(turns, Console(file=output, width=80, highlight=False))
    return output.getvalue()


async def test_a_file_is_told_turn_by_turn_with_the_names_of_known_voices(tmp_path: Path):
    encode = FakeSpeakerEncoder().encode
    known = {OWNER: await encode(tone(LOW, 2)), PersonId("p1"): await encode(tone(HIGH, 2))}
    talk = written(tmp_path, "talk.wav", tone(LOW, 3) + silence(1) + tone(HIGH, 3) + silence(1) + tone(2700, 3))

    turns = await Identify(diarize=diarize(), known=known, names={PersonId("p1"): "Bob"}).file(talk)

    assert [(turn.speaker, turn.person) for turn in turns] == [(1, "you"), (2, "Bob"), (3, None)]
    assert [turn.start for turn in turns] == pytest.approx([0, 4, 8], abs=0.1)


async def test_recordings_of_one_voice_make_it_known(tmp_path: Path):
    path = written(tmp_path, "ann.wav", tone(LOW, 2))

    assert await voices_in_files({"Ann": path}, FakeSpeakerEncoder()) == {
        PersonId("Ann"): await FakeSpeakerEncoder().encode(tone(LOW, 2))
    }


async def test_a_recording_too_short_for_a_voice_is_named_in_the_message(tmp_path: Path):
    with pytest.raises(InvalidRequest, match=r"ann\.wav"):
        await voices_in_files({"Ann": written(tmp_path, "ann.wav", tone(LOW, 0.2))}, FakeSpeakerEncoder())


def test_the_table_says_from_when_to_when_and_who():
    lines = [line.split() for line in shown(TURNS).splitlines()]

    assert lines[1] == ["0:00.5", "0:03.0", "speaker", "1"]
    assert lines[2] == ["0:03.0", "1:04.3", "Ann", "Lee"]
    assert lines[3] == ["1:05.0", "1:06.0", "unknown"]
    assert "Ann Lee speaks for 61.3 s" in shown(TURNS)


def test_where_nobody_speaks_the_table_says_so():
    assert shown([]) == "Nobody speaks.\n"


def test_rttm_has_ten_fields_a_line():
    lines = rttm_lines(Path("my talk.wav"), TURNS)

    assert lines[1] == "SPEAKER my_talk 1 3.000 61.260 <NA> <NA> Ann_Lee <NA> <NA>"
    assert all(len(line.split()) == 10 for line in lines)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.0"), (65.25, "1:05.2"), (59.96, "1:00.0"), (3725.04, "1:02:05.0")]
)
def test_times_are_told_to_the_tenth_of_a_second(seconds: float, text: str):
    assert time(seconds) == text
