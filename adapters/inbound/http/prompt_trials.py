"""`/v1/conversations/{id}/test-prompt`: for those who write plugins."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.inbound.http.errors import FAILURES
from application.memories.manage_memories import ManageMemories
from application.plugins.try_prompt import TryPrompt
from domain.ids import MemoryId, UserId


class PromptIn(Struct, kw_only=True):
    """What a plugin would have done with a conversation."""

    prompt: Annotated[str, Meta(min_length=1, max_length=20_000)]


class PromptOut(Struct, frozen=True):
    """What a language model makes of it; empty where it has nothing to say."""

    summary: str


class PromptTrialsController(Controller):
    """Prompts tried on conversations of the caller."""

    path = "/v1/conversations/{memory_id:str}/test-prompt"
    tags: Sequence[str] | None = ["conversations"]

    @post(status_code=200, responses=FAILURES, summary="Try a prompt on a conversation")
    async def try_prompt(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        trial: NamedDependency[TryPrompt],
        memory_id: FromPath[str],
        data: JSONBody[PromptIn],
    ) -> PromptOut:
        """As when a memory is made. Nothing of it is kept; 503 where no model answers."""
        memory = await memories.get(user, MemoryId(memory_id))
        return PromptOut(await trial.on(memory, data.prompt))
