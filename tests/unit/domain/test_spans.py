from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.spans import Span, common, length, union, without

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


def covered(spans: list[Span]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


@given(SPANS, SPANS)
def test_spans_are_sets_of_positions(some: list[Span], others: list[Span]) -> None:
    one, other = union(some), union(others)
    assert covered(one) == covered(some)
    assert covered(common(one, other)) == covered(some) & covered(others)
    assert covered(without(one, other)) == covered(some) - covered(others)
    assert length(one) == len(covered(some))


@given(SPANS, st.integers(0, 20))
def test_what_is_near_becomes_one(spans: list[Span], bridge: int) -> None:
    joined = union(spans, bridge=bridge)
    assert all(after[0] - before[1] > bridge for before, after in pairwise(joined))
    assert covered(spans) <= covered(joined)
