"""Memories that answer a query, as the apps read them."""

from msgspec import Struct

from adapters.inbound.http.wire import WireMemory, memory_to_wire
from application.questions.recall import Found
from domain.audio import seconds


class WirePassage(Struct, kw_only=True):
    """A piece of a memory that answers a query."""

    text: str
    start: float
    """Seconds from the start of the memory."""
    segment_id: str | None
    """None: title and overview."""
    score: float


class WireFound(Struct, kw_only=True):
    """A memory that answers a query."""

    memory: WireMemory
    score: float
    """Compares within one answer only."""
    passages: list[WirePassage]


def found_to_wire(found: Found) -> WireFound:
    """A memory that was found, and where."""
    segments = found.memory.segments
    return WireFound(
        memory=memory_to_wire(found.memory),
        score=found.score,
        passages=[
            WirePassage(
                text=passage.text,
                start=seconds(passage.start),
                segment_id=segments[passage.number - 1].id if passage.number else None,
                score=passage.score,
            )
            for passage in found.passages
        ],
    )
