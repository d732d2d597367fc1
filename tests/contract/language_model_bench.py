"""What a harness of the `language_model` suite gives, and what is asked in it."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from application.tasks.structure_memory import structure_memory
from domain.ids import SegmentId
from domain.memory import MemoryDraft
from domain.transcript import TranscriptSegment
from ports.language_model import LanguageModel, Task


class Bench(Struct, frozen=True, kw_only=True):
    """A model, and what can be done to it."""

    model: LanguageModel
    follows_instructions: bool = False
    """It does tasks that it has never heard of."""
    break_down: Callable[[], Awaitable[None]] | None = None
    """Makes every call fail from now on. None: it cannot fail."""


def said(*turns: str) -> tuple[TranscriptSegment, ...]:
    """A talk of two."""
    return tuple(
        TranscriptSegment(
            id=SegmentId(f"s{n}"), text=turn, start=n * 16_000, end=(n + 1) * 16_000, speaker=n % 2, is_user=n % 2 == 0
        )
        for n, turn in enumerate(turns)
    )


def draft(*turns: str) -> Task[MemoryDraft]:
    """What CreateMemory asks."""
    return structure_memory(said(*turns))
