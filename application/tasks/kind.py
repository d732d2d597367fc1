"""What is fixed of a task, whatever it is done with."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from msgspec import Struct

from domain.material import NOTHING_KNOWN, Background, Material
from ports.language_model import Budget, Task

T = TypeVar("T")


class Part(StrEnum):
    """What a task is given."""

    TALK = "talk"
    PASSAGES = "passages"
    PHOTO_NOTES = "photo notes"
    PICTURES = "pictures"
    TEXT = "text"
    BACKGROUND = "background"


class TaskKind(Struct, frozen=True, kw_only=True):
    """A row of the table of tasks."""

    name: str
    version: int
    instructions: str
    form: type[Struct] | None = None
    """What the model fills in; None: it writes text."""
    budget: Budget = Budget()
    trusted: tuple[Part, ...] = ()
    """From our own records."""
    untrusted: tuple[Part, ...] = ()
    """Somebody's words, or what a model made of them."""

    def task(
        self,
        output: type[T],
        *,
        materials: tuple[Material, ...],
        conclude: Callable[[Any], T],
        background: Background = NOTHING_KNOWN,
        language: str = "en",
        fallback: T | None = None,
    ) -> Task[T]:
        """The task with something to do it with."""
        return Task(
            name=self.name,
            version=self.version,
            instructions=self.instructions,
            materials=materials,
            background=background,
            output=output,
            form=self.form,
            conclude=conclude,
            fallback=fallback,
            language=language,
            budget=self.budget,
        )
