"""A language model for tests: answers as told, or in the simplest way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar, cast

from anyio.lowlevel import checkpoint

from domain.memory import MemoryDraft, Structure
from ports.errors import AdapterError
from ports.language_model import Answer, Capabilities, Refused, Task

T = TypeVar("T")


class FakeLanguageModel:
    """Titles a memory with the first five words of its transcript, unless an answer is scripted.

    Of other tasks it gives the fallback.
    """

    name = "fake"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.answers: list[object] = []
        """Values to answer next, in order; an error is raised. Used up before the simple answers."""
        self.tasks: list[Task[object]] = []
        """What was asked, in order."""

    async def generate(self, task: Task[T]) -> Answer[T]:
        """The scripted answer, the draft of a memory, or the task's fallback.

        Raises:
            AdapterError: it is scripted; Refused when there is nothing to answer.
        """
        await checkpoint()
        self.tasks.append(cast("Task[object]", task))
        return Answer(value=cast("T", self._scripted() if self.answers else _simplest(task)), model=self.name)

    @asynccontextmanager
    async def stream(self, task: Task[str]) -> AsyncIterator[AsyncIterator[str]]:
        """What `generate` would give, word by word."""
        yield _words((await self.generate(task)).value)

    def _scripted(self) -> object:
        answer = self.answers.pop(0)
        if isinstance(answer, AdapterError):
            raise answer
        return answer


def _simplest(task: Task[T]) -> object:
    if task.output is MemoryDraft:
        words = " ".join(segment.text for segment in task.segments).split()
        structure = Structure(title=" ".join(words[:5]), overview=" ".join(words))
        return MemoryDraft(discard=not words, structure=structure)
    if task.fallback is None:
        raise Refused(f"fake has no answer for {task.name}")
    return task.fallback


async def _words(text: str) -> AsyncIterator[str]:
    for place, word in enumerate(text.split(" ")):
        await checkpoint()
        yield word if place == 0 else f" {word}"
