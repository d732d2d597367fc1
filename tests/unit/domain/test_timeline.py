from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.audio import SAMPLE_RATE
from domain.timeline import Timeline

spans = st.lists(st.tuples(st.integers(1, 50_000), st.integers(0, 400_000)), min_size=1, max_size=40)
"""(samples sent, samples left out behind them)"""


def sent(parts: list[tuple[int, int]]) -> tuple[Timeline, list[tuple[int, int, int]]]:
    """A timeline, and the truth: (leg start, capture start, length) of each span."""
    timeline, truth, position, leg = Timeline(), [], 0, 0
    for length, gap in parts:
        timeline.send(position, position + length)
        truth.append((leg, position, length))
        leg += length
        position += length + gap
    return timeline, truth


@given(spans, st.data())
def test_a_moment_inside_a_span_maps_back_exactly(parts: list[tuple[int, int]], data: st.DataObject) -> None:
    timeline, truth = sent(parts)
    leg, capture, length = data.draw(st.sampled_from(truth))
    inside = data.draw(st.integers(0, length - 1))
    assert timeline.start_of((leg + inside) / SAMPLE_RATE) == capture + inside
    assert timeline.end_of((leg + inside + 1) / SAMPLE_RATE) == capture + inside + 1


@given(spans)
def test_at_a_cut_an_end_stays_before_it_and_a_start_lies_behind_it(parts: list[tuple[int, int]]) -> None:
    timeline, truth = sent(parts)
    for (_, before, length), (leg, after, _) in pairwise(truth):
        assert timeline.end_of(leg / SAMPLE_RATE) == before + length
        assert timeline.start_of(leg / SAMPLE_RATE) == after


@given(spans, st.lists(st.floats(-5, 200, allow_nan=False), min_size=2, max_size=20))
def test_both_mappings_are_monotone_and_stay_within_what_was_sent(
    parts: list[tuple[int, int]], moments: list[float]
) -> None:
    timeline, _ = sent(parts)
    moments = sorted(moments)
    for mapping in (timeline.start_of, timeline.end_of):
        mapped = [mapping(moment) for moment in moments]
        assert mapped == sorted(mapped)
        assert all(0 <= position <= timeline.end for position in mapped)


@given(spans, st.data())
def test_forgetting_changes_nothing_behind_the_position(parts: list[tuple[int, int]], data: st.DataObject) -> None:
    timeline, truth = sent(parts)
    leg, capture, length = data.draw(st.sampled_from(truth))
    timeline.forget_before(capture)
    assert timeline.start_of((leg + length - 1) / SAMPLE_RATE) == capture + length - 1


def test_24_hours_of_gated_speech_map_back_to_the_sample() -> None:
    timeline = Timeline()
    hours, cycle = 24, 8 * SAMPLE_RATE
    for number in range(hours * 3600 // 8):
        timeline.send(number * cycle, number * cycle + 3 * SAMPLE_RATE)
    last = hours * 3600 // 8 - 1
    assert timeline.start_of((last * 3 * SAMPLE_RATE + 1) / SAMPLE_RATE) == last * cycle + 1
