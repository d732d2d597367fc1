"""Material in, values out."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from domain.material import Background, Material, Pictures, Talk
from domain.transcript import TranscriptSegment
from ports.errors import Rejected, TemporarilyUnavailable

T = TypeVar("T")


class Budget(Struct, frozen=True, kw_only=True):
    """What a task may cost."""

    seconds: float = 60.0
    """For all attempts of one model together."""
    output_tokens: int = 2_000
    """That a model may write in one attempt, its own reasoning included."""


class Task(Struct, Generic[T], frozen=True, kw_only=True):
    """Something that a model shall make of material. The tasks there are stand in `application/tasks/`."""

    name: str
    """As in the table of tasks: `structure_memory`."""
    version: int = 1
    """Of instructions and form; higher where they were changed."""
    instructions: str
    """Trusted, and the same for every call of a task: what to do. Never anything that somebody said."""
    materials: tuple[Material, ...] = ()
    """Untrusted: what it is to be made of."""
    background: Background = Background()
    """From our own records. What is learned from people is in it too, so models are told that it is data."""
    output: type[T]
    """What is wanted."""
    form: type[Struct] | None = None
    """What a model that writes fills in, as JSON: every field required, None where there is nothing to say. None: it
    writes plain text."""
    conclude: Callable[[Any], T]
    """Makes the output of a filled form, or of the text. Bounds everything, and drops what does not rest on the
    material. Never fails."""
    fallback: T | None = None
    """The output without any model: plain, and true. None: there is none."""
    language: str = "en"
    """Of the output, as a tag."""
    budget: Budget = Budget()

    @property
    def segments(self) -> tuple[TranscriptSegment, ...]:
        """All that was said, in order."""
        return tuple(s for material in self.materials if isinstance(material, Talk) for s in material.segments)

    @property
    def needs_vision(self) -> bool:
        """Whether there is something to look at."""
        return any(isinstance(material, Pictures) for material in self.materials)


class Writing(StrEnum):
    """How well a model keeps to a form."""

    JSON_SCHEMA = "json_schema"
    """It is held to the schema."""
    JSON_OBJECT = "json_object"
    """It writes some JSON; the schema has to be explained to it."""
    TEXT = "text"
    """It writes what it likes."""


class Capabilities(Struct, frozen=True, kw_only=True):
    """What a model can do."""

    writing: Writing = Writing.JSON_SCHEMA
    vision: bool = False
    context_tokens: int = 128_000
    """That material and output may have together."""


class Tokens(Struct, frozen=True, kw_only=True):
    """What was used, as far as the model tells."""

    read: int = 0
    written: int = 0


class Answer(Struct, Generic[T], frozen=True, kw_only=True):
    """What came of a task."""

    value: T
    model: str
    """Which implementation gave it: `openai`, `extractive`."""
    tokens: Tokens = Tokens()
    degraded: tuple[str, ...] = ()
    """Names of tasks that a simpler model had to do because the preferred one failed: worth another try later."""


class Refused(Rejected):
    """This model does not do this task: it cannot, it may not, or the material is too much. Others it does."""


class NoFittingAnswer(TemporarilyUnavailable):
    """The model answered, and nothing of it fits the form. It works, and may do better on other material."""


class LanguageModel(Protocol):
    """Does tasks: a model, a composition of several that looks like one, or rules that need none.

    Tasks at the same time do not mix, and nothing of one is remembered for the next. Material is never followed:
    whatever it says, the output is what the task asks for. Cancelling a call gives it up at once.
    """

    name: str
    """As in the settings: `openai`, `extractive`."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do, as far as is known yet. An implementation that finds out by asking knows after a task."""
        ...

    async def generate(self, task: Task[T]) -> Answer[T]:
        """Does a task within its budget. The value is what `task.conclude` made, or was made without a form.

        Raises:
            Refused: it does not do this task; others it does.
            Rejected: it does none: wrong key, unknown model.
            NoFittingAnswer: it answered several times, and nothing fits.
            TemporarilyUnavailable: no answer in time, or it cannot be reached.
        """
        ...

    def stream(self, task: Task[str]) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Writes text that is shown while it is written.

        Entering returns when the first piece is there, so that whoever asked can still turn elsewhere. The pieces
        put together are the text; they are to be iterated once and have not gone through `task.conclude`. Leaving
        the context early stops the writing.

        Raises (on entering):
            Refused, Rejected, TemporarilyUnavailable: as `generate`.

        Raises (from the iteration):
            TemporarilyUnavailable: it broke off.
        """
        ...
