"""Stretches of time as pairs of positions, start and the first position behind."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

Span = tuple[int, int]


def union(spans: Iterable[Span], *, bridge: int = 0) -> list[Span]:
    """What any of the spans covers, in order, disjoint; what is no further apart than `bridge` becomes one."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start - found[-1][1] <= bridge:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What both cover. Both are in order and disjoint; so is the result."""
    found: list[Span] = []
    first = second = 0
    while first < len(some) and second < len(others):
        start = max(some[first][0], others[second][0])
        end = min(some[first][1], others[second][1])
        if start < end:
            found.append((start, end))
        if some[first][1] < others[second][1]:
            first += 1
        else:
            second += 1
    return found


def without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """What the spans cover and the holes do not. Both are in order and disjoint."""
    if not spans:
        return []
    start, end = spans[0][0], spans[-1][1]
    edges = [(start, start), *(hole for hole in holes if hole[1] > start and hole[0] < end), (end, end)]
    return common(spans, [(before[1], after[0]) for before, after in pairwise(edges) if before[1] < after[0]])


def length(spans: Iterable[Span]) -> int:
    """How much disjoint spans cover."""
    return sum(end - start for start, end in spans)
