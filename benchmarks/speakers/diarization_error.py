"""Diarization error rate: time that is given to nobody, to somebody in silence, or to the wrong one."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

STEP = 0.01
"""Seconds. Who speaks is compared once in each."""


class Said(Struct, frozen=True):
    """Somebody speaks."""

    start: float
    """Seconds."""
    end: float
    speaker: str
    """Any name; those of reference and hypothesis need not agree."""


class DiarizationErrors(Struct, frozen=True, kw_only=True):
    """Seconds of speech, added up over those who speak at the same time."""

    speech: float
    missed: float = 0.0
    false_alarm: float = 0.0
    confused: float = 0.0
    """Given to a wrong one, when every voice bears the name that suits it best."""

    @property
    def rate(self) -> float:
        """Errors for a second of speech; can exceed 1."""
        return (self.missed + self.false_alarm + self.confused) / self.speech if self.speech else 0.0


def read_rttm(path: Path) -> list[Said]:
    """The turns in an RTTM file."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return [Said(float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in rows if row and row[0] == "SPEAKER"]


def diarization_errors(
    reference: Sequence[Said], hypothesis: Sequence[Said], *, collar: float = 0.0
) -> DiarizationErrors:
    """Compares who speaks when. Where several speak at the same time, each of them counts.

    Args:
        reference: what is true.
        hypothesis: what was found.
        collar: seconds around each start and end of the reference that are not judged.
    """
    frames = round(max((said.end for said in (*reference, *hypothesis)), default=0.0) / STEP)
    judged = _judged(reference, frames, collar)
    true, found = _speaking(reference, frames), _speaking(hypothesis, frames)
    shared: dict[tuple[str, str], int] = {}
    speech = missed = false_alarm = both = 0
    for at in judged:
        speech += len(true[at])
        missed += max(0, len(true[at]) - len(found[at]))
        false_alarm += max(0, len(found[at]) - len(true[at]))
        both += min(len(true[at]), len(found[at]))
        for pair in ((t, f) for t in true[at] for f in found[at]):
            shared[pair] = shared.get(pair, 0) + 1
    return DiarizationErrors(
        speech=speech * STEP,
        missed=missed * STEP,
        false_alarm=false_alarm * STEP,
        confused=(both - best_match(shared)) * STEP,
    )


def total(errors: Iterable[DiarizationErrors]) -> DiarizationErrors:
    """The sum over several recordings."""
    rows = list(errors)
    return DiarizationErrors(
        speech=sum(row.speech for row in rows),
        missed=sum(row.missed for row in rows),
        false_alarm=sum(row.false_alarm for row in rows),
        confused=sum(row.confused for row in rows),
    )


def best_match(shared: dict[tuple[str, str], int]) -> int:
    """The most that can be shared when each name of one side goes with one of the other side at most."""
    found = sorted({f for _, f in shared})
    true = {name: place for place, name in enumerate(sorted({t for t, _ in shared}))}

    @cache
    def best(at: int, taken: int) -> int:
        if at == len(found):
            return 0
        options = [best(at + 1, taken)]
        for name, place in true.items():
            if not taken >> place & 1 and (name, found[at]) in shared:
                options.append(shared[name, found[at]] + best(at + 1, taken | 1 << place))
        return max(options)

    return best(0, 0)


def _speaking(turns: Iterable[Said], frames: int) -> list[set[str]]:
    speaking: list[set[str]] = [set() for _ in range(frames)]
    for said in turns:
        for at in range(round(said.start / STEP), min(round(said.end / STEP), frames)):
            speaking[at].add(said.speaker)
    return speaking


def _judged(reference: Iterable[Said], frames: int, collar: float) -> list[int]:
    """The frames that no border of a turn is near to."""
    near: set[int] = set()
    around = round(collar / STEP)
    for said in reference:
        for border in (said.start, said.end):
            near.update(range(round(border / STEP) - around, round(border / STEP) + around))
    return [at for at in range(frames) if at not in near]
