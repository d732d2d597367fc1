"""`/v1/conversations`: memories, by the name that they have had since 2025."""

from collections.abc import Sequence
from typing import Annotated

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.in_progress import ProcessedConversation, processed
from adapters.inbound.http.memories import StoredMemoriesController
from adapters.inbound.http.memory_edits import MemoryEditsController, PublicMemoriesController
from adapters.inbound.http.photos import PhotosController
from adapters.inbound.http.post_processing import PostProcessingController
from adapters.inbound.http.segments import SegmentsController
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from application.conversations_in_progress import ConversationsInProgress
from application.manage_memories import ManageMemories
from domain.ids import UserId

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
        first = (data.page - 1) * data.per_page
        return FoundConversations(
            items=[memory_to_wire(memory) for memory in found[first : first + data.per_page]],
            total_pages=-(-len(found) // data.per_page),
            current_page=data.page,
            per_page=data.per_page,
        )


class ConversationEditsController(MemoryEditsController):
    """Changes by hand."""

    path = "/v1/conversations/{memory_id:str}"
    tags: Sequence[str] | None = ["conversations"]


class ConversationSegmentsController(SegmentsController):
    """Who said something."""

    path = "/v1/conversations/{memory_id:str}/segments"
    tags: Sequence[str] | None = ["conversations"]


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
    ConversationsController,
    PublicConversationsController,
)
