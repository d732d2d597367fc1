"""Speech that a detector misses, and silence that it keeps, against what people wrote down."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from benchmarks.speakers.diarization_error import STEP, Said
from benchmarks.speakers.recorded_voices import Conversation

Stretches = Sequence[tuple[float, float]]
"""Starts and ends in seconds."""


class Detection(Struct, frozen=True, kw_only=True):
    """Seconds."""

    detector: str
    recording: str
    speech: float
    missed: float
    silence: float
    kept: float
    """Of the silence, taken for speech."""


def detection(detector: str, conversation: Conversation, found: Stretches) -> Detection:
    """Compares found speech with the turns. Pauses inside a turn count as speech: some is always missed."""
    frames = round(len(conversation.pcm) / 32_000 / STEP)
    true, kept = _marked(_stretches(conversation.turns), frames), _marked(found, frames)
    return Detection(
        detector=detector,
        recording=conversation.name,
        speech=sum(true) * STEP,
        missed=sum(t and not k for t, k in zip(true, kept, strict=True)) * STEP,
        silence=(frames - sum(true)) * STEP,
        kept=sum(k and not t for t, k in zip(true, kept, strict=True)) * STEP,
    )


def lines(found: Sequence[Detection]) -> Iterator[str]:
    """To be printed: each recording, then the sums."""
    yield f"{'speech detection':<44}{'speech missed':>22}{'silence kept':>22}"
    for detector in dict.fromkeys(row.detector for row in found):
        rows = [row for row in found if row.detector == detector]
        for row in rows:
            yield _line(f"  {detector}: {row.recording}", [row])
        yield _line(f"  {detector}: all", rows)


def _line(what: str, rows: Sequence[Detection]) -> str:
    speech, missed = sum(row.speech for row in rows), sum(row.missed for row in rows)
    silence, kept = sum(row.silence for row in rows), sum(row.kept for row in rows)
    shown = f"{missed:.1f} of {speech:.1f} s {missed / (speech or 1):.1%}"
    return f"{what:<44}{shown:>22}{f'{kept:.1f} of {silence:.1f} s {kept / (silence or 1):.1%}':>22}"


def _stretches(turns: Iterable[Said]) -> list[tuple[float, float]]:
    return [(said.start, said.end) for said in turns]


def _marked(stretches: Stretches, frames: int) -> list[bool]:
    marked = [False] * frames
    for start, end in stretches:
        for at in range(max(0, round(start / STEP)), min(round(end / STEP), frames)):
            marked[at] = True
    return marked
