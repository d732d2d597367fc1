from itertools import pairwise

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.ledger import CaptureLedger, Fate, Span

lengths = st.integers(0, 300)


def test_a_session_of_speech_and_silence_adds_up() -> None:
    ledger = CaptureLedger()
    ledger.capture(100)
    ledger.gate(0, 30)
    ledger.send(30, 80)
    ledger.gate(80, 100)
    assert ledger.finalize(80, recognizer="deepgram") == 50
    assert list(ledger.spans()) == [
        Span(0, 30, Fate.GATED),
        Span(30, 80, Fate.FINALIZED, "deepgram"),
        Span(80, 100, Fate.GATED),
    ]
    coverage = ledger.coverage()
    assert (coverage.captured, coverage.gated, coverage.transcribed, coverage.pending) == (100, 50, {"deepgram": 50}, 0)


def test_nothing_is_finalized_twice() -> None:
    ledger = CaptureLedger()
    ledger.capture(100)
    ledger.send(0, 100)
    assert ledger.finalize(60, recognizer="a") == 60
    assert ledger.finalize(100, recognizer="b") == 40
    assert ledger.coverage().transcribed == {"a": 60, "b": 40}


def test_what_was_finalized_cannot_be_gated() -> None:
    ledger = CaptureLedger()
    ledger.capture(10)
    ledger.send(0, 10)
    ledger.finalize(10, recognizer="a")
    with pytest.raises(ValueError, match="finalized 0-10 cannot become gated"):
        ledger.gate(0, 10)


def test_a_gap_can_be_repaired_and_says_by_whom() -> None:
    ledger = CaptureLedger()
    ledger.capture(10)
    ledger.send(0, 10)
    assert ledger.lose(2, 6, "vendor gone") == 4
    ledger.finalize(10, recognizer="a")
    assert ledger.repair(2, 6, recognizer="b") == 4
    assert ledger.coverage().transcribed == {"a": 6, "b": 4}


def test_time_without_audio_counts_as_nothing_but_is_told() -> None:
    ledger = CaptureLedger()
    ledger.capture(10)
    ledger.skip(30, "device away")
    ledger.capture(40)
    ledger.gate(0, 10)
    assert ledger.coverage().captured == 20
    assert [(gap.start, gap.end) for gap in ledger.coverage().absences] == [(10, 30)]


def test_the_capture_never_goes_back() -> None:
    ledger = CaptureLedger(50)
    ledger.capture(60)
    ledger.capture(55)
    assert ledger.end == 60


def test_what_a_lost_recognizer_had_can_be_sent_anew() -> None:
    ledger = CaptureLedger()
    ledger.capture(10)
    ledger.send(0, 10)
    ledger.finalize(4, recognizer="a")
    assert ledger.recall(0, 10) == 6
    ledger.gate(4, 10)
    assert ledger.coverage().gated == 6


class Conservation(RuleBasedStateMachine):
    """Any order of captures, sends, gates, losses and repairs: every sample keeps exactly one fate."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = CaptureLedger(7)
        self.truth: list[str] = []

    def fate(self, start: int, end: int, fates: set[str]) -> bool:
        return all(self.truth[i - 7] in fates for i in range(start, end))

    @rule(length=lengths)
    def capture(self, length: int) -> None:
        self.ledger.capture(self.ledger.end + length)
        self.truth += ["captured"] * length

    @rule(length=lengths)
    def skip(self, length: int) -> None:
        self.ledger.skip(self.ledger.end + length, "away")
        self.truth += ["absent"] * length

    @precondition(lambda self: self.truth)
    @rule(data=st.data(), fate=st.sampled_from(["gated", "sent"]))
    def decide(self, data: st.DataObject, fate: str) -> None:
        start = data.draw(st.integers(7, self.ledger.end))
        end = data.draw(st.integers(start, self.ledger.end))
        allowed = {"captured"} if fate == "gated" else {"captured", "sent"}
        change = self.ledger.gate if fate == "gated" else self.ledger.send
        if self.fate(start, end, allowed):
            change(start, end)
            self.truth[start - 7 : end - 7] = [fate] * (end - start)
        else:
            with pytest.raises(ValueError, match="cannot become"):
                change(start, end)

    @precondition(lambda self: self.truth)
    @rule(data=st.data(), what=st.sampled_from(["finalize", "lose", "repair"]))
    def settle(self, data: st.DataObject, what: str) -> None:
        start = data.draw(st.integers(7, self.ledger.end))
        end = data.draw(st.integers(start, self.ledger.end))
        old, new = {
            "finalize": ({"sent"}, "finalized"),
            "lose": ({"sent", "captured"}, "gap"),
            "repair": ({"gap"}, "finalized"),
        }[what]
        hit = [i for i in range(start - 7, end - 7) if self.truth[i] in old]
        if what == "finalize":
            changed = self.ledger.finalize(end, recognizer="x", since=start)
        elif what == "lose":
            changed = self.ledger.lose(start, end, "gone")
        else:
            changed = self.ledger.repair(start, end, recognizer="x")
        assert changed == len(hit)
        for i in hit:
            self.truth[i] = new

    @invariant()
    def every_sample_has_exactly_one_fate(self) -> None:
        spans = list(self.ledger.spans())
        position = 7
        for span in spans:
            assert span.start == position < span.end
            position = span.end
        assert position == self.ledger.end
        assert all(a.fate != b.fate or a.note != b.note for a, b in pairwise(spans))
        assert [span.fate.value for span in spans for _ in range(span.start, span.end)] == self.truth

    @invariant()
    def the_sums_add_up(self) -> None:
        c = self.ledger.coverage()
        gaps = sum(gap.end - gap.start for gap in c.gaps)
        assert c.captured == c.gated + sum(c.transcribed.values()) + c.pending + gaps

    @invariant()
    def the_watermark_lies_at_the_first_open_sample(self) -> None:
        opened = [i for i, fate in enumerate(self.truth) if fate in ("sent", "captured")]
        assert self.ledger.watermark == (opened[0] + 7 if opened else self.ledger.end)
        assert self.ledger.pending() == ("sent" in self.truth)


TestConservation = Conservation.TestCase


def test_24_hours_of_packets_keep_the_law() -> None:
    ledger, packet, position = CaptureLedger(), 160, 0
    for second in range(24 * 3600):
        for _ in range(4):
            ledger.capture(position + packet)
            if second % 8 < 3:
                ledger.send(position, position + packet)
            position += packet
        if second % 8 >= 3:
            ledger.gate(position - 4 * packet, position)
        if second % 8 == 3:
            ledger.finalize(position, recognizer="moonshine")
    coverage = ledger.coverage()
    assert coverage.captured == 24 * 3600 * 4 * packet
    assert coverage.captured == coverage.gated + coverage.transcribed["moonshine"]
