"""What is small is done at once, what is large in a thread."""

import threading

import pytest

from adapters.outbound.memory_repository.heavy_work import HEAVY, done, size_of
from domain.memory import Memory, Photo
from domain.transcript import Translation
from tests.support.memories import a_memory, a_segment


async def test_work_on_little_is_done_here_and_work_on_much_in_a_thread() -> None:
    assert await done(threading.get_ident, size=HEAVY - 1) == threading.get_ident()
    assert await done(threading.get_ident, size=HEAVY) != threading.get_ident()


@pytest.mark.parametrize(
    "large",
    [
        a_memory(segments=(a_segment("x" * HEAVY),)),
        a_memory(segments=(a_segment(translations=(Translation("de", "x" * HEAVY),)),)),
        a_memory(segments=tuple(a_segment("Yes.", at=second) for second in range(1_200))),
        a_memory(photos=(Photo(base64="x" * HEAVY),)),
        a_memory(external={"text": "x" * HEAVY}),
    ],
)
def test_everything_that_may_be_large_counts(large: Memory) -> None:
    assert size_of(large) >= HEAVY


def test_a_memory_of_a_few_words_is_small() -> None:
    assert size_of(a_memory(segments=(a_segment(),), external={"number": 1})) < 1_000
