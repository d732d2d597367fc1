from hypothesis import given
from hypothesis import strategies as st

from domain.audio import SAMPLE_RATE, samples
from domain.speech_gate import GateDecision, GateSettings, SpeechGate

WINDOW = 512
SETTINGS = GateSettings()


def run(gate: SpeechGate, probabilities: list[float], start: int = 0) -> list[tuple[GateDecision, int]]:
    decisions = []
    for number, probability in enumerate(probabilities):
        at = start + number * WINDOW
        decision = gate.update(probability, start=at, end=at + WINDOW)
        if decision is not None:
            decisions.append((decision, at + WINDOW))
        if decision is GateDecision.CLOSED:
            gate.close(at=at + WINDOW)
    return decisions


def a_gate(**settings: float) -> SpeechGate:
    return SpeechGate(GateSettings(**settings), rate=SAMPLE_RATE)


def test_silence_never_opens_the_gate() -> None:
    assert run(a_gate(), [0.1] * 1000) == []


def test_the_gate_opens_with_what_came_before_the_first_word() -> None:
    gate = a_gate(pre_roll=0.32)
    run(gate, [0.0] * 50)
    assert run(gate, [0.9, 0.9], start=50 * WINDOW) == [(GateDecision.OPENED, 52 * WINDOW)]
    assert gate.settled == 50 * WINDOW - samples(0.32)


def test_a_click_shorter_than_speech_does_not_open_it() -> None:
    assert run(a_gate(shortest_speech=0.064), [0.9, *[0.0] * 30] * 5) == []


def test_a_pause_is_told_once_before_the_gate_closes() -> None:
    gate = a_gate(pause=0.5, hangover=1.0)
    decisions = run(gate, [0.9] * 4 + [0.1] * 40)
    assert [decision for decision, _ in decisions] == [GateDecision.OPENED, GateDecision.PAUSED, GateDecision.CLOSED]


def test_speech_in_the_hangover_keeps_it_open() -> None:
    gate = a_gate(pause=0.5, hangover=0.5)
    decisions = run(gate, [0.9] * 4 + [0.1] * 14 + [0.9] + [0.1] * 14)
    assert [decision for decision, _ in decisions] == [GateDecision.OPENED]


def test_what_is_neither_speech_nor_silence_keeps_an_open_gate_open() -> None:
    gate = a_gate()
    run(gate, [0.9] * 4)
    assert run(gate, [0.4] * 100, start=4 * WINDOW) == []


@given(st.lists(st.floats(0, 1), max_size=300))
def test_settled_never_goes_back_and_never_reaches_into_speech(probabilities: list[float]) -> None:
    gate, settled = a_gate(), 0
    for number, probability in enumerate(probabilities):
        start = number * WINDOW
        decision = gate.update(probability, start=start, end=start + WINDOW)
        assert gate.settled >= settled
        settled = gate.settled
        if decision is GateDecision.CLOSED:
            gate.close(at=start + WINDOW)
            settled = gate.settled
        elif not gate.is_open and probability >= SETTINGS.onset:
            assert gate.settled <= start


@given(st.lists(st.tuples(st.integers(3, 60), st.integers(1, 80)), min_size=1, max_size=20))
def test_every_sample_of_speech_passes(turns: list[tuple[int, int]]) -> None:
    """Turns of (windows of speech, windows of silence): no window of speech is ever settled as silence."""
    gate, number = a_gate(), 0
    for speech, silence in turns:
        for probability in [0.9] * speech + [0.05] * silence:
            start = number * WINDOW
            decision = gate.update(probability, start=start, end=start + WINDOW)
            assert probability < SETTINGS.onset or gate.is_open or gate.settled <= start
            if decision is GateDecision.CLOSED:
                gate.close(at=start + WINDOW)
            number += 1
