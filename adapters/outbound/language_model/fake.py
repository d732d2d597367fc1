"""A language model for tests: answers as told, or in the simplest way."""

from typing import TypeVar, cast

from anyio.lowlevel import checkpoint

from domain.memory import MemoryDraft, Structure
from ports.errors import AdapterError, Rejected
from ports.language_model import Task

T = TypeVar("T")


class FakeLanguageModel:
    """Titles a memory with the first five words of its transcript, unless an answer is scripted."""

    name = "fake"

    def __init__(self) -> None:
        self.answers: list[object] = []
        """What to answer next, in order; an error is raised. Used up before the simple answers."""
        self.tasks: list[Task[object]] = []
        """What was asked, in order."""

    async def generate(self, task: Task[T]) -> T:
        """The scripted answer, or the draft of a memory.

        Raises:
            AdapterError: it is scripted; Rejected when something but a memory is asked for without a script.
        """
        await checkpoint()
        self.tasks.append(cast("Task[object]", task))
        if self.answers:
            return cast("T", self._scripted())
        if task.output is not MemoryDraft:
            raise Rejected(f"{self.name} has no answer for {task.name}")
        words = " ".join(segment.text for segment in task.segments).split()
        structure = Structure(title=" ".join(words[:5]), overview=" ".join(words))
        return cast("T", MemoryDraft(discard=not words, structure=structure))

    def _scripted(self) -> object:
        answer = self.answers.pop(0)
        if isinstance(answer, AdapterError):
            raise answer
        return answer
