"""Text in, values out."""

from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from domain.transcript import TranscriptSegment

T = TypeVar("T")


class Task(Struct, Generic[T], frozen=True, kw_only=True):
    """Something a model shall make of a transcript."""

    name: str
    """Of the task: `structure_memory`. Implementations that are not models look at it."""
    instructions: str
    """Trusted: what to do."""
    segments: tuple[TranscriptSegment, ...]
    """Untrusted: what people said. Never part of the instructions."""
    output: type[T]
    """The Struct to fill."""
    language: str = "en"
    """Of the answer."""


class LanguageModel(Protocol):
    """Does tasks."""

    name: str

    async def generate(self, task: Task[T]) -> T:
        """The filled output.

        Raises:
            Rejected: this model does not do such tasks, or refuses this one.
            TemporarilyUnavailable: no answer in time, or none that fits the output.
        """
        ...
