"""Words as Whisper at FAL reports them, made whole: it leaves out ends, voices, and sometimes a time altogether."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from domain.audio import AudioFrame, samples
from domain.transcript import Word

_PREFIX = "SPEAKER_"
_LONGEST = samples(1.0)
"""Of a word whose end is missing."""


class FalChunk(Struct, frozen=True):
    """One word of the answer. Seconds from the start of what was sent."""

    text: str = ""
    timestamp: tuple[float | None, float | None] | None = None
    speaker: str | None = None


class FalTranscript(Struct, frozen=True):
    """The answer. There is more in it that nobody needs here."""

    chunks: tuple[FalChunk, ...] = ()


class _Timed(Struct, frozen=True):
    """A chunk that has a start."""

    text: str
    start: int
    end: int | None
    speaker: int | None


def cleaned(chunks: Sequence[FalChunk], part: AudioFrame, *, first_speaker: int = 0) -> list[Word]:
    """The words of a part of a recording, in order, inside of it.

    A missing start is where the word before ended, a missing end where the next word starts, a second later at most;
    a missing voice is that of the nearest word.

    Args:
        chunks: as they came.
        part: what was sent.
        first_speaker: number of the first voice of this part. Voices of two parts have nothing to do with each other.
    """
    timed = sorted(_timed(chunks, part), key=lambda chunk: chunk.start)
    starts = [chunk.start for chunk in timed]
    following = [after if after > now else None for now, after in pairwise([*starts, part.end])]
    voices = _voices(timed)
    return [
        Word(
            chunk.text,
            chunk.start,
            _end(chunk, next_start, part.end),
            1.0,
            first_speaker + voice,
        )
        for chunk, next_start, voice in zip(timed, following, voices, strict=True)
    ]


def _timed(chunks: Sequence[FalChunk], part: AudioFrame) -> list[_Timed]:
    found: list[_Timed] = []
    latest = part.start
    for chunk in chunks:
        text = chunk.text.strip()
        if not text:
            continue
        first, last = chunk.timestamp or (None, None)
        start = latest if first is None else part.start + samples(first)
        start = max(part.start, min(start, part.end - 1))
        end = None if last is None else min(part.start + samples(last), part.end)
        end = None if end is not None and end <= start else end
        found.append(_Timed(text, start, end, _number(chunk.speaker)))
        latest = end or start
    return found


def _end(chunk: _Timed, next_start: int | None, last: int) -> int:
    if chunk.end is not None:
        return chunk.end
    ends = [chunk.start + _LONGEST, last]
    if next_start is not None:
        ends.append(next_start)
    return min(ends)


def _voices(timed: Sequence[_Timed]) -> list[int]:
    """The number of each word's voice; that of the nearest word in time where it is missing."""
    known = [(chunk.start, chunk.speaker) for chunk in timed if chunk.speaker is not None]
    before: list[tuple[int, int] | None] = []
    latest: tuple[int, int] | None = None
    for chunk in timed:
        latest = (chunk.start, chunk.speaker) if chunk.speaker is not None else latest
        before.append(latest)
    voices: list[int] = []
    upcoming = len(known)
    for chunk, earlier in zip(reversed(timed), reversed(before), strict=True):
        upcoming -= chunk.speaker is not None
        later = known[upcoming] if upcoming < len(known) else None
        near = [place for place in (earlier, later) if place is not None]
        voices.append(min(near, key=lambda place: abs(place[0] - chunk.start))[1] if near else 0)
    return voices[::-1]


def _number(speaker: str | None) -> int | None:
    digits = (speaker or "").removeprefix(_PREFIX)
    return int(digits) if digits.isascii() and digits.isdigit() else None
