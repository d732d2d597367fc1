"""What became of numbered words: said by a talker, received by a server, in a memory or not."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from benchmarks.talker import Talker
from domain.watermark import text_of


def words_in(memory: dict[str, list[dict[str, str]]]) -> list[str]:
    """The words of a memory, as a server tells of it."""
    return [word for segment in memory["transcript_segments"] for word in segment["text"].split()]


def words_account(memories: dict[str, list[str]], talker: Talker, *, received: Iterable[int]) -> dict[str, int]:
    """Counts, by what they count; all but `words` ought to be 0.

    Args:
        memories: the words of each.
        talker: who said them.
        received: numbers of the words that no server may lose.
    """
    heard = Counter(word for words in memories.values() for word in words)
    expected = set(map(text_of, received))
    return {
        "words": len(expected),
        "words_lost": len(expected - heard.keys()),
        "words_doubled": sum(count - 1 for count in heard.values()),
        "words_foreign": len(heard.keys() - talker.said),
        "words_misplaced": sum(_misplaced(words) for words in memories.values()),
        "told_lost": len(set(talker.told) - heard.keys()),
    }


def _misplaced(words: Sequence[str]) -> int:
    numbers = [int(word.removeprefix("word")) for word in words]
    return sum(earlier >= later for earlier, later in pairwise(numbers))
