"""Segments that others spoke in the middle of: they are parted there, so that words stand in the order of time.

When each word of a segment was said is not kept. The stretches are known in which it was spoken; its words are
distributed over them by their length, and it is parted between two words.
"""

import bisect
from collections.abc import Sequence
from itertools import accumulate, pairwise

from msgspec import structs

from domain.ids import SegmentId, derived_id
from domain.spans import Span, common, length, without
from domain.transcript import TranscriptSegment

Segments = Sequence[TranscriptSegment]
_BESIDES = 3
"""Letters that take as long as what a word takes besides its own: a short one is longer than it looks."""


def in_turns(
    some: Segments, others: Segments, *, spoken: tuple[Sequence[Span], Sequence[Span]]
) -> tuple[TranscriptSegment, ...]:
    """Segments of both, each parted where one of the others was said in the middle of it.

    Args:
        some: segments that were heard in one sound.
        others: those that were heard in another one.
        spoken: the stretches of both sounds, each in order and disjoint; no moment is in both.
    """
    first = _parted_by(some, others, spoken[1])
    return (*first, *_parted_by(others, first, spoken[0]))


def parted(segment: TranscriptSegment, *, holes: Sequence[Span]) -> tuple[TranscriptSegment, ...]:
    """A segment without some stretches of it; the first part keeps the identifier.

    Args:
        segment: what was said around the holes.
        holes: in order and disjoint.
    """
    spans = without([(segment.start, segment.end)], holes)
    if len(spans) < 2:
        return (segment,)
    words = segment.text.split()
    cuts = [0, *_cuts(words, spans), len(words)]
    pieces = [(span, at, words[at:end]) for span, (at, end) in zip(spans, pairwise(cuts), strict=True) if at < end]
    parts = tuple(
        structs.replace(
            segment,
            id=SegmentId(derived_id(segment.id, str(at))) if at else segment.id,
            text=" ".join(piece),
            start=span[0],
            end=span[1],
            translations=(),
        )
        for span, at, piece in pieces
    )
    return parts or (segment,)


def _parted_by(segments: Segments, others: Segments, sound: Sequence[Span]) -> tuple[TranscriptSegment, ...]:
    holes = [span for span in sound if any(common([span], [(other.start, other.end)]) for other in others)]
    return tuple(part for segment in segments for part in parted(segment, holes=holes))


def _cuts(words: Sequence[str], spans: Sequence[Span]) -> list[int]:
    """How many words come before the end of each span but the last: at the boundary that is nearest."""
    ends = [0, *accumulate(len(word) + _BESIDES for word in words)]
    whole = length(spans)
    shares = list(accumulate(end - start for start, end in spans))[:-1]
    return [_nearest(ends, share * ends[-1] / whole) for share in shares]


def _nearest(numbers: Sequence[int], sought: float) -> int:
    """The place of the number, of those in order, that is nearest; of two, the earlier one."""
    at = bisect.bisect_left(numbers, sought)
    if at and (at == len(numbers) or sought - numbers[at - 1] <= numbers[at] - sought):
        return at - 1
    return at
