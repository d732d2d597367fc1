"""A talk of real voices, put together from recordings: who speaks when is known to the sample."""

from pathlib import Path

from msgspec import Struct

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from tests.support.recordings import read

PAUSE = SAMPLE_RATE
"""Samples between two turns."""

OWNER, ANNA, BEN, STRANGER = "owner", "anna", "ben", "stranger"

ENROLLMENT = "spk_367-130732-0005.flac"
"""The owner, who uploads a profile."""

FIRST_MEETING = ((ANNA, "spk_2033-164914-0002.flac"), (BEN, "eagle_speaker_1_test_utt.wav"))
"""Two people become known: the user says who they were."""

TALK = (
    (OWNER, "spk_367-130732-0002.flac"),
    (ANNA, "spk_2033-164914-0003.flac"),
    (STRANGER, "spk_3080-5032-0002.flac"),
    (BEN, "eagle_speaker_1_utt_1.wav"),
    (OWNER, "spk_367-130732-0003.flac"),
    (ANNA, "spk_2033-164914-0005.flac"),
    (STRANGER, "spk_3080-5032-0005.flac"),
    (BEN, "eagle_speaker_1_utt_2.wav"),
)
"""All four, twice; none of it was used to make them known."""


class Turn(Struct, frozen=True):
    """What one of them says."""

    speaker: str
    start: int
    """Samples from the start of the talk."""
    end: int
    pcm: bytes
    """With the pause behind it."""


def turns(folder: Path, script: tuple[tuple[str, str], ...]) -> list[Turn]:
    """The turns of a script, one behind the other."""
    found: list[Turn] = []
    at = 0
    for speaker, name in script:
        pcm = read(folder / name)
        length = len(pcm) // SAMPLE_BYTES
        found.append(Turn(speaker, at, at + length, pcm + bytes(PAUSE * SAMPLE_BYTES)))
        at += length + PAUSE
    return found


def speaker_of(script: list[Turn], start: float, end: float) -> str:
    """Who spoke most of a stretch, given in seconds of the talk."""
    spans = [(min(turn.end, end * SAMPLE_RATE) - max(turn.start, start * SAMPLE_RATE), turn.speaker) for turn in script]
    return max(spans)[1]
