"""Each word once, although two servers may have heard the same audio: what one of them made of it was not seen yet."""

import bisect
from collections.abc import Iterable, Iterator, Sequence

from msgspec import structs

from domain.recognition import FinalWords
from domain.transcript import Word

_Said = tuple[int, int, str]
"""First sample, last, and what."""


def heard_once(results: Iterable[FinalWords]) -> Iterator[FinalWords]:
    """Final results without the words that earlier ones have at the same moment; what they finalize stays.

    Only the same word at the same moment was heard twice: two voices say different words at once, and where a
    recognizer made something else of it the second time, nobody knows which is right.

    Args:
        results: in the order in which they were written down.
    """
    taken: list[_Said] = []
    for result in results:
        fresh = tuple(word for word in result.words if not _is_taken(word, taken))
        for word in fresh:
            bisect.insort(taken, _said(word))
        yield result if len(fresh) == len(result.words) else structs.replace(result, words=fresh)


def _said(word: Word) -> _Said:
    return word.start, word.end, word.text.strip(".,?!").casefold()


def _is_taken(word: Word, taken: Sequence[_Said]) -> bool:
    """Whether an earlier result has the word where most of it lies."""
    said = _said(word)
    length = word.end - word.start
    at = bisect.bisect_left(taken, (word.start - length,))
    while at < len(taken) and taken[at][0] < word.end:
        if _is_same(said, taken[at]):
            return True
        at += 1
    return False


def _is_same(one: _Said, other: _Said) -> bool:
    common = min(one[1], other[1]) - max(one[0], other[0])
    return one[2] == other[2] and 2 * common > min(one[1] - one[0], other[1] - other[0]) > 0
