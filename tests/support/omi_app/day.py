"""A day: what is said when, what goes wrong when, and what has to come out."""

import random
from collections.abc import Iterator

from msgspec import Struct, field

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.watermark import WORD_SAMPLES, text_of, word

HOURS = 8.0
BETWEEN_WORDS = 2_400
"""Samples of silence."""


class Burst(Struct, frozen=True):
    """Some words in a row."""

    at: float
    """Seconds from the start of the day."""
    words: range


class Talk(Struct, frozen=True):
    """A conversation as it takes place, whether somebody hears it or not."""

    bursts: tuple[Burst, ...]
    is_ended_by_hand: bool
    """The user wants its memory at once."""

    @property
    def start(self) -> float:
        return self.bursts[0].at

    @property
    def end(self) -> float:
        last = self.bursts[-1]
        return last.at + seconds_of(len(last.words))

    @property
    def words(self) -> range:
        return range(self.bursts[0].words.start, self.bursts[-1].words.stop)


class Heard(Struct):
    """What became of the words on their way to the server."""

    sent: set[str] = field(default_factory=set)
    """Some of them was sent ..."""
    unsent: set[str] = field(default_factory=set)
    """... or was not. What is in both may be heard or not."""


def talks(count: int, *, seed: int) -> list[Talk]:
    """Conversations over the day, with pauses too short to end them, and far enough from each other."""
    chance = random.Random(seed)
    slot = HOURS * 3600 / count
    return [_talk(number, number * slot + chance.uniform(5, 60), chance) for number in range(count)]


def _talk(number: int, at: float, chance: random.Random) -> Talk:
    bursts, first = [], number * 1_000
    for _ in range(chance.randint(3, 5)):
        words = range(first, first + chance.randint(8, 16))
        bursts.append(Burst(at, words))
        first = words.stop
        at += seconds_of(len(words)) + chance.uniform(8, 35)
    return Talk(tuple(bursts), is_ended_by_hand=number % 5 == 4)


def seconds_of(words: int) -> float:
    return words * (WORD_SAMPLES + BETWEEN_WORDS) / SAMPLE_RATE


def messages(words: range, *, size: int) -> Iterator[tuple[bytes, set[int]]]:
    """The audio of a burst and the second behind it, in messages; which words each has a part of."""
    silence = bytes(BETWEEN_WORDS * SAMPLE_BYTES)
    pcm = b"".join(word(number) + silence for number in words) + bytes(2 * SAMPLE_RATE * SAMPLE_BYTES)
    step = (WORD_SAMPLES + BETWEEN_WORDS) * SAMPLE_BYTES
    for at in range(0, len(pcm), size):
        touched = range(at // step, (at + size - 1) // step + 1)
        inside = {
            words[place] for place in touched if place < len(words) and at < place * step + WORD_SAMPLES * SAMPLE_BYTES
        }
        yield pcm[at : at + size], inside


def verdict(all_talks: list[Talk], memories: list[list[str]], heard: Heard) -> list[str]:
    """What is wrong with the memories of the day; empty for nothing."""
    wrong = []
    for number, talk in enumerate(all_talks):
        said = [text_of(number) for number in talk.words]
        own = [memory for memory in memories if set(memory) & set(said)]
        if len(own) != 1:
            wrong.append(f"conversation {number} became {len(own)} memories")
            continue
        [memory] = own
        expected = [word for word in said if word in heard.sent and (word in memory or word not in heard.unsent)]
        if memory != expected:
            lost, more = [w for w in expected if w not in memory], [w for w in memory if w not in expected]
            wrong.append(f"conversation {number}: lost {lost}, too much {more}, or out of order")
    if len(memories) != len(all_talks):
        wrong.append(f"{len(memories)} memories of {len(all_talks)} conversations")
    return wrong
