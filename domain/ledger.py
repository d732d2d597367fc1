"""The capture ledger: what became of each captured sample.

```
captured ──> gated                       silence, judged before anybody had to hear it
         ──> sent ──> finalized          a recognizer has dealt with it, once
               └────> gap(reason)        nobody did; it may be repaired later
absent(reason)                           time that passed without audio: never captured
```

Spans are disjoint and leave nothing out: at any moment every sample from the first to the last captured one
lies in exactly one of them. That is the conservation law the promise "no word is lost" rests on.
"""

import bisect
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from domain.coverage import Coverage, Gap


class Fate(StrEnum):
    """What became of a sample."""

    CAPTURED = "captured"
    GATED = "gated"
    SENT = "sent"
    FINALIZED = "finalized"
    GAP = "gap"
    ABSENT = "absent"


_MAY_BECOME: dict[Fate, frozenset[Fate]] = {
    Fate.GATED: frozenset({Fate.CAPTURED}),
    Fate.SENT: frozenset({Fate.CAPTURED, Fate.SENT}),
    Fate.FINALIZED: frozenset({Fate.SENT, Fate.GAP}),
    Fate.GAP: frozenset({Fate.CAPTURED, Fate.SENT}),
}


class Span(Struct, frozen=True, gc=False):
    """Neighboring samples that share a fate."""

    start: int
    end: int
    fate: Fate
    note: str = ""
    """The recognizer that finalized it, or the reason of a gap or an absence."""


class CaptureLedger:
    """Spans of one conversation, from the sample it begins with."""

    def __init__(self, start: int = 0) -> None:
        self._start = start
        self._end = start
        self._ends: list[int] = []
        self._fates: list[tuple[Fate, str]] = []
        self._unsettled = 0
        """Index of the first run that may still be sent: everything before it is final."""

    @property
    def start(self) -> int:
        """Position of the first sample."""
        return self._start

    @property
    def end(self) -> int:
        """Position behind the last captured sample: now."""
        return self._end

    @property
    def decided(self) -> int:
        """Everything before this position has left `captured`."""
        return self._ends[-1] if self._ends else self._start

    @property
    def watermark(self) -> int:
        """Position of the first sample that is still sent or captured; `end` when there is none."""
        self._settle()
        return self._begin(self._unsettled) if self._unsettled < len(self._ends) else self.decided

    def capture(self, end: int) -> None:
        """Audio was captured up to a position. Called for every packet; what is known already changes nothing."""
        self._end = max(self._end, end)

    def skip(self, end: int, reason: str) -> None:
        """Time passed without audio up to a position. What was captured before it stays as it is."""
        before, self._end = self._end, end
        if end > before:
            self._write(before, end, Fate.ABSENT, reason)

    def cut(self, end: int) -> None:
        """Takes back the capture from a position on: another ledger goes on from there.

        Raises:
            ValueError: something behind the position was decided already.
        """
        if not self.decided <= end <= self._end:
            raise ValueError(f"cannot cut at {end}: decided up to {self.decided}, captured up to {self._end}")
        self._end = end

    def gate(self, start: int, end: int) -> None:
        """Captured audio was judged to be silence."""
        if not self._lengthens(start, end, Fate.GATED):
            self._assign(start, end, Fate.GATED)

    def send(self, start: int, end: int) -> None:
        """Captured audio was handed to a recognizer."""
        if not self._lengthens(start, end, Fate.SENT):
            self._assign(start, end, Fate.SENT)

    def finalize(self, through: int, *, recognizer: str, since: int = 0) -> int:
        """A recognizer has dealt with all that was sent in a stretch; returns how many samples that settles.

        What was not sent is left alone, and what was settled before is not settled again.
        """
        return self._resettle(max(since, self._start), through, Fate.SENT, (Fate.FINALIZED, recognizer))

    def recall(self, start: int, end: int) -> int:
        """What was sent in a stretch was never dealt with: it has to be judged and sent anew."""
        return self._resettle(start, end, Fate.SENT, (Fate.CAPTURED, ""))

    def lose(self, start: int, end: int, reason: str) -> int:
        """What nobody has dealt with in a stretch will not be transcribed now; returns how many samples that are."""
        gap = (Fate.GAP, reason)
        return self._resettle(start, end, Fate.SENT, gap) + self._resettle(start, end, Fate.CAPTURED, gap)

    def repair(self, start: int, end: int, *, recognizer: str) -> int:
        """Gaps in a stretch were transcribed after all; returns how many samples that are."""
        return self._resettle(start, end, Fate.GAP, (Fate.FINALIZED, recognizer))

    def parts(self, start: int, end: int, *fates: Fate) -> list[Span]:
        """What of a stretch has one of some fates."""
        inside = self._within(max(start, self._start), min(end, self._end))
        return [span for span in inside if span.fate in fates]

    def spans(self) -> Iterator[Span]:
        """All spans, in order, from the first sample to the last."""
        start = self._start
        for end, (fate, note) in zip(self._ends, self._fates, strict=True):
            yield Span(start, end, fate, note)
            start = end
        if start < self._end:
            yield Span(start, self._end, Fate.CAPTURED)

    def pending(self) -> bool:
        """Whether anything sent is not finalized yet."""
        self._settle()
        return any(fate is Fate.SENT for fate, _ in self._fates[self._unsettled :])

    def coverage(self) -> Coverage:
        """The sums, for people."""
        total = dict.fromkeys(Fate, 0)
        transcribed: dict[str, int] = {}
        gaps, absences = [], []
        for span in self.spans():
            length = span.end - span.start
            total[span.fate] += length
            if span.fate is Fate.FINALIZED:
                transcribed[span.note] = transcribed.get(span.note, 0) + length
            elif span.fate is Fate.GAP:
                gaps.append(Gap(span.start, span.end, span.note))
            elif span.fate is Fate.ABSENT:
                absences.append(Gap(span.start, span.end, span.note))
        return Coverage(
            captured=self._end - self._start - total[Fate.ABSENT],
            gated=total[Fate.GATED],
            transcribed=transcribed,
            pending=total[Fate.CAPTURED] + total[Fate.SENT],
            gaps=tuple(gaps),
            absences=tuple(absences),
        )

    def _lengthens(self, start: int, end: int, fate: Fate) -> bool:
        """Whether a stretch goes on where the last run ended, with the same fate; then the run has it now.

        What lies behind the last run is captured, and nothing else. This is how nearly every stretch comes.
        """
        if self._fates and start == self._ends[-1] and start < end <= self._end and self._fates[-1][0] is fate:
            self._ends[-1] = end
            return True
        return False

    def _begin(self, index: int) -> int:
        return self._ends[index - 1] if index else self._start

    def _settle(self) -> None:
        while self._unsettled < len(self._fates) and self._fates[self._unsettled][0] not in (Fate.SENT, Fate.CAPTURED):
            self._unsettled += 1

    def _assign(self, start: int, end: int, fate: Fate) -> None:
        if start >= end:
            return
        if start < self._start or end > self._end:
            raise ValueError(f"{fate} {start}-{end} lies outside of the capture {self._start}-{self._end}")
        allowed = _MAY_BECOME[fate]
        for span in self._within(start, end):
            if span.fate not in allowed:
                raise ValueError(f"{span.fate} {span.start}-{span.end} cannot become {fate} ({start}-{end})")
        self._write(start, end, fate, "")

    def _within(self, start: int, end: int) -> Iterator[Span]:
        """The spans that a stretch touches, cut to it."""
        index = bisect.bisect_right(self._ends, start)
        while start < end:
            if index == len(self._ends):
                yield Span(start, end, Fate.CAPTURED)
                return
            until = min(self._ends[index], end)
            yield Span(start, until, *self._fates[index])
            start, index = until, index + 1

    def _resettle(self, start: int, end: int, old: Fate, new: tuple[Fate, str]) -> int:
        self._settle()
        if old is Fate.SENT:
            start = max(start, self._begin(self._unsettled))
        changed = 0
        for span in list(self._within(start, min(end, self._end))):
            if span.fate is old:
                self._write(span.start, span.end, *new)
                changed += span.end - span.start
        return changed

    def _write(self, start: int, end: int, fate: Fate, note: str) -> None:
        """Replaces whatever a stretch holds, and joins it with equal neighbors."""
        if start > self.decided:
            self._ends.append(start)
            self._fates.append((Fate.CAPTURED, ""))
        first = bisect.bisect_right(self._ends, start)
        last = bisect.bisect_left(self._ends, end)
        ends, fates = [end], [(fate, note)]
        if first < len(self._ends):
            if self._begin(first) < start:
                ends.insert(0, start)
                fates.insert(0, self._fates[first])
            if last < len(self._ends) and self._ends[last] > end:
                ends.append(self._ends[last])
                fates.append(self._fates[last])
        self._ends[first : last + 1], self._fates[first : last + 1] = ends, fates
        self._join(max(first - 1, 0), first + len(ends) + 1)
        self._unsettled = min(self._unsettled, max(first - 1, 0))

    def _join(self, first: int, last: int) -> None:
        for index in range(min(last, len(self._ends) - 1), max(first, 1) - 1, -1):
            if self._fates[index] == self._fates[index - 1]:
                del self._ends[index - 1], self._fates[index]
