"""The conversation that goes on: `POST /v2/memories`, and `/v1/processing-memories` of older apps."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from litestar import Controller, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import GeolocationIn, geolocation, present
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from adapters.inbound.http.wire_pieces import WireGeolocation, geolocation_to_wire
from application.days.emotional_feedback import EmotionalFeedback
from application.listening.conversations_in_progress import ConversationsInProgress
from application.memories.manage_memories import ManageMemories
from application.users.whereabouts import Whereabouts
from domain.ids import MemoryId, UserId
from domain.memory import Memory, MemoryStatus

STATUSES = {
    MemoryStatus.IN_PROGRESS: "capturing",
    MemoryStatus.PROCESSING: "processing",
    MemoryStatus.COMPLETED: "done",
    MemoryStatus.FAILED: "failed",
}
"""How the apps of 2024 call it."""


class ProcessedConversation(Struct, frozen=True):
    """A memory under both of its names, and what plugins had to say by then: that comes with the chat."""

    memory: WireMemory
    conversation: WireMemory
    messages: list[Any] = []


class ProcessingMemoryIn(Struct, kw_only=True):
    """What an app knows of a conversation that goes on."""

    geolocation: GeolocationIn | None = None
    emotional_feedback: bool = False


class WireProcessingMemory(Struct, kw_only=True):
    """A conversation that goes on, as the apps of 2024 read it."""

    id: str
    created_at: datetime
    timer_start: float
    """Seconds since 1970."""
    geolocation: WireGeolocation | None
    emotional_feedback: bool
    memory_id: str | None
    """Set when the memory is there."""
    status: str


class ProcessingMemoryResult(Struct, frozen=True):
    """One of them."""

    result: WireProcessingMemory


class ProcessingMemoriesResult(Struct, frozen=True):
    """Some of them."""

    result: list[WireProcessingMemory]


class ProcessController(Controller):
    """Has the memory made now, of what was said so far."""

    path = "/v2/memories"
    tags: Sequence[str] | None = ["memories"]

    @post(status_code=200, responses=FAILURES, summary="End the conversation that goes on, and read its memory")
    async def process(
        self, *, user: NamedDependency[UserId], conversations_in_progress: NamedDependency[ConversationsInProgress]
    ) -> ProcessedConversation:
        """404 where nothing was said. A memory that takes long is told as `processing`, and comes over the socket."""
        return processed(await conversations_in_progress.process(user))


class ProcessingMemoriesController(Controller):
    """Conversations that go on, and what became of them: both bear one id."""

    path = "/v1/processing-memories"
    tags: Sequence[str] | None = ["memories"]

    @get(status_code=200, responses=FAILURES, summary="List conversations that go on")
    async def list_processing(
        self,
        *,
        user: NamedDependency[UserId],
        conversations_in_progress: NamedDependency[ConversationsInProgress],
        whereabouts: NamedDependency[Whereabouts],
        feedback: NamedDependency[EmotionalFeedback],
        filter_ids: FromQuery[str | None] = None,
    ) -> ProcessingMemoriesResult:
        """Lists them; with `filter_ids`, by commas, only some."""
        wanted = set((present(filter_ids) or "").split(",")) - {""}
        going_on = await conversations_in_progress.of(user)
        found = [memory for memory in going_on if not wanted or memory.id in wanted]
        return ProcessingMemoriesResult([await _to_wire(user, m, whereabouts, feedback) for m in found])

    @get("/{memory_id:str}", status_code=200, responses=FAILURES, summary="Read one")
    async def read_processing(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        whereabouts: NamedDependency[Whereabouts],
        feedback: NamedDependency[EmotionalFeedback],
        memory_id: FromPath[str],
    ) -> ProcessingMemoryResult:
        """Reads one."""
        memory = await memories.get(user, MemoryId(memory_id))
        return ProcessingMemoryResult(await _to_wire(user, memory, whereabouts, feedback))

    @patch("/{memory_id:str}", status_code=200, responses=FAILURES, summary="Say where it takes place")
    async def change_processing(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        whereabouts: NamedDependency[Whereabouts],
        feedback: NamedDependency[EmotionalFeedback],
        memory_id: FromPath[str],
        data: JSONBody[ProcessingMemoryIn],
    ) -> ProcessingMemoryResult:
        """Notes the place, and whether the user wants to be told of feelings.

        The place is noted even where the answer is 404: of a conversation that is over, and has no memory yet.
        """
        if data.geolocation is not None:
            await whereabouts.note(user, geolocation(data.geolocation))
        memory = await memories.get(user, MemoryId(memory_id))
        if data.emotional_feedback:  # false is what apps send when nobody was asked
            await feedback.want(user)
        return ProcessingMemoryResult(await _to_wire(user, memory, whereabouts, feedback))


def processed(memory: Memory) -> ProcessedConversation:
    """A memory that was asked for while its conversation went on."""
    wire = memory_to_wire(memory)
    return ProcessedConversation(wire, wire)


async def _to_wire(
    user: UserId, memory: Memory, whereabouts: Whereabouts, feedback: EmotionalFeedback
) -> WireProcessingMemory:
    seen = await whereabouts.last(user)
    place = memory.geolocation or (seen.place if seen else None)
    started = memory.started_at or memory.created_at
    return WireProcessingMemory(
        id=memory.id,
        created_at=memory.created_at.astimezone(UTC),
        timer_start=started.timestamp(),
        geolocation=geolocation_to_wire(place) if place else None,
        emotional_feedback=await feedback.is_wanted(user),
        memory_id=memory.id if memory.status is MemoryStatus.COMPLETED else None,
        status=STATUSES[memory.status],
    )
