"""The sound of a memory, wherever it is kept, a part at a time."""

from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct

from application.recordings.keep_recordings import KeepRecordings
from domain.audio import SAMPLE_BYTES, AudioFrame, samples
from domain.coverage import Coverage
from domain.ids import UserId
from domain.memory import Memory
from domain.recording_parts import first_part
from domain.spans import Span, union
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector

PART = samples(600)
"""Samples of the longest part: no more is in memory at once."""
_BEHIND = samples(60)
"""Samples behind the last word that a recording may go on."""


class RecordedSound(Protocol):
    """A recording on the clock of its memory."""

    @property
    def end(self) -> int:
        """Samples. No sound lies behind it; what lies before may have holes."""
        ...

    async def read(self, start: int, end: int) -> AudioFrame | None:
        """The audio of a stretch; None where there is none. Raises TemporarilyUnavailable."""
        ...


class KeptSound:
    """A recording that was kept while its conversation took place."""

    def __init__(self, recordings: KeepRecordings, user: UserId, memory: Memory) -> None:
        self._recordings = recordings
        self._user = user
        self._memory = memory.id
        self.end = _end(memory) + _BEHIND

    async def read(self, start: int, end: int) -> AudioFrame | None:
        """The audio of a stretch."""
        return await self._recordings.read(self._user, self._memory, start=start, end=end)


class UploadedSound:
    """A recording that somebody sent for this purpose."""

    def __init__(self, pcm: bytes) -> None:
        self._whole = AudioFrame(0, pcm)
        self.end = len(pcm) // SAMPLE_BYTES

    async def read(self, start: int, end: int) -> AudioFrame | None:
        """The audio of a stretch."""
        return self._whole.between(start, end)


class Survey(Struct, frozen=True, kw_only=True):
    """What there is to hear."""

    samples: int
    """Of audio."""
    speech: tuple[Span, ...] = ()
    """Where somebody speaks, in order and disjoint."""


async def sound_parts(sound: RecordedSound) -> AsyncIterator[AudioFrame]:
    """A recording in parts that end at pauses. Raises TemporarilyUnavailable."""
    at = 0
    while at < sound.end:
        end = min(at + PART, sound.end)
        frame = await sound.read(at, end)
        if frame is None or not frame.pcm:
            at = end
            continue
        if end < sound.end:  # more follows: no word may be cut
            frame = first_part(frame, longest=max(1, len(frame.pcm) // SAMPLE_BYTES - 1))
        yield frame
        at = frame.end


async def surveyed(sound: RecordedSound, detector: RecordingVoiceActivityDetector) -> Survey:
    """How much there is to hear, and where somebody speaks. Raises TemporarilyUnavailable."""
    heard, speech = 0, list[Span]()
    async for part in sound_parts(sound):
        heard += len(part.pcm) // SAMPLE_BYTES
        speech += await detector.find_speech(part)
    return Survey(samples=heard, speech=tuple(union(speech)))


def _end(memory: Memory) -> int:
    """The last moment of a memory that is known, in samples of its clock."""
    last = max((segment.end for segment in memory.segments), default=0)
    coverage = memory.coverage or Coverage()
    whole = coverage.captured + sum(gap.end - gap.start for gap in coverage.absences)
    if memory.started_at and memory.finished_at:
        last = max(last, samples((memory.finished_at - memory.started_at).total_seconds()))
    return max(last, whole, *(gap.end for gap in (*coverage.gaps, *coverage.absences)), 0)
