"""`/v1/conversations`: memories, by the name that they have had since 2025."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.in_progress import ProcessedConversation, processed
from adapters.inbound.http.memories import StoredMemoriesController
from adapters.inbound.http.memory_edits import MemoryEditsController, PublicMemoriesController
from adapters.inbound.http.photos import PhotosController
from adapters.inbound.http.post_processing import PostProcessingController
from adapters.inbound.http.requests import present
from adapters.inbound.http.segments import AssignedMemory, SegmentsController, assigned_to_wire, person_said
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from application.listening.conversations_in_progress import ConversationsInProgress
from application.memories.manage_memories import ManageMemories
from application.voices.learn_voices import Assignment, Extent, LearnVoices
from domain.errors import MemoryNotFound
from domain.ids import MemoryId, UserId
from domain.memory import Memory

MOST_FOUND = 100


class ConversationSearchIn(Struct, kw_only=True):
    """What to look for, and which page of it."""

    query: Annotated[str, Meta(min_length=1, max_length=2_000)]
    page: Annotated[int, Meta(ge=1, le=1_000)] = 1
    per_page: Annotated[int, Meta(ge=1, le=MOST_FOUND)] = 10
    include_discarded: bool = True


class FoundConversations(Struct, frozen=True):
    """A page of what was found."""

    items: list[WireMemory]
    total_pages: int
    current_page: int
    per_page: int


class ConversationsController(StoredMemoriesController):
    """The conversations of the caller."""

    path = "/v1/conversations"
    tags: Sequence[str] | None = ["conversations"]

    @post(status_code=200, responses=FAILURES, summary="End the conversation that goes on, and read its memory")
    async def process(
        self, *, user: NamedDependency[UserId], conversations_in_progress: NamedDependency[ConversationsInProgress]
    ) -> ProcessedConversation:
        """404 where nothing was said."""
        return processed(await conversations_in_progress.process(user))

    @delete("/in-progress/clear", status_code=200, responses=FAILURES, summary="Throw away what was said so far")
    async def clear(
        self, *, user: NamedDependency[UserId], conversations_in_progress: NamedDependency[ConversationsInProgress]
    ) -> dict[str, str]:
        """Ends the conversation that goes on: no memory is made of it. A device that is connected begins the next."""
        await conversations_in_progress.clear(user)
        return {"status": "ok"}

    @post("/search", status_code=200, responses=FAILURES, summary="Find conversations, best first")
    async def search(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        data: JSONBody[ConversationSearchIn],
    ) -> FoundConversations:
        """Finds conversations by words and by meaning; the best hundred at most."""
        found = [found.memory for found in await memories.search(user, data.query, limit=MOST_FOUND)]
        found = [memory for memory in found if data.include_discarded or not memory.discarded]
        found, pages = page_of(found, data.page, size=data.per_page)
        return FoundConversations(
            items=[memory_to_wire(memory) for memory in found],
            total_pages=pages,
            current_page=data.page,
            per_page=data.per_page,
        )


def page_of(found: list[Memory], number: int, *, size: int) -> tuple[list[Memory], int]:
    """A page of what was found, and how many there are."""
    first = (number - 1) * size
    return found[first : first + size], -(-len(found) // size)


class ConversationEditsController(MemoryEditsController):
    """Changes by hand."""

    path = "/v1/conversations/{memory_id:str}"
    tags: Sequence[str] | None = ["conversations"]


class ConversationSegmentsController(SegmentsController):
    """Who said something."""

    path = "/v1/conversations/{memory_id:str}/segments"
    tags: Sequence[str] | None = ["conversations"]


class ConversationSpeakersController(Controller):
    """Whose voices they are."""

    path = "/v1/conversations/{memory_id:str}/assign-speaker"
    tags: Sequence[str] | None = ["conversations"]

    @patch("/{speaker_id:int}", status_code=200, responses=FAILURES, summary="Say whose voice one is")
    async def assign_speaker(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        learn_voices: NamedDependency[LearnVoices],
        memory_id: FromPath[str],
        speaker_id: FromPath[int],
        assign_type: FromQuery[str],
        value: FromQuery[str | None] = None,
        use_for_speech_training: FromQuery[bool] = True,
    ) -> AssignedMemory:
        """Gives all that a voice said to the owner, to a person, or to nobody; learns it from the longest of it."""
        memory = await memories.get(user, MemoryId(memory_id))
        said = [index for index, segment in enumerate(memory.segments) if segment.speaker == speaker_id]
        if not said:
            raise MemoryNotFound("Speaker not found")
        assignment = Assignment(
            memory=memory.id,
            index=max(said, key=lambda index: memory.segments[index].end - memory.segments[index].start),
            person=person_said(assign_type, present(value)),
            extent=Extent.VOICE,
            learn=use_for_speech_training,
        )
        return assigned_to_wire(await learn_voices.assign(user, assignment))


class ConversationRecordingsController(PostProcessingController):
    """Recordings and transcripts."""

    path = "/v1/conversations/{memory_id:str}"
    tags: Sequence[str] | None = ["conversations"]


class ConversationPhotosController(PhotosController):
    """What a camera saw meanwhile."""

    path = "/v1/conversations/{memory_id:str}/photos"
    tags: Sequence[str] | None = ["conversations"]


class PublicConversationsController(PublicMemoriesController):
    """What anybody may read."""

    path = "/v1/public-conversations"
    tags: Sequence[str] | None = ["conversations"]


CONVERSATIONS = (
    ConversationEditsController,
    ConversationPhotosController,
    ConversationRecordingsController,
    ConversationSegmentsController,
    ConversationSpeakersController,
    ConversationsController,
    PublicConversationsController,
)
