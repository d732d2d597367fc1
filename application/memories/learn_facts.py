"""What apps tell of users becomes facts: sentence by sentence, or as far as a text says some."""

from collections.abc import Sequence

from msgspec import structs

from application.memories.remember_external import spoken_evenly
from application.memories.remember_facts import Remembered, RememberFacts
from application.memories.understand_memory import UnderstandMemory
from domain.errors import NothingToRemember
from domain.ids import MemoryId, UserId, new_id
from domain.integration import ExternalText, TextSource
from domain.memory import FactDraft, Memory
from ports.clock import Clock


class LearnFacts:
    """Keeps facts that belong to no memory. What is known already, or was rejected, is not kept again."""

    def __init__(self, *, understand: UnderstandMemory, facts: RememberFacts, clock: Clock) -> None:
        self._understand = understand
        self._facts = facts
        self._clock = clock

    async def told(self, user: UserId, drafts: Sequence[FactDraft]) -> Remembered:
        """Keeps sentences as they are.

        Raises:
            NothingToRemember: there are none, or they are blank.
            TemporarilyUnavailable: not all were kept; repeating completes it.
        """
        said = [draft for draft in drafts if draft.content.strip()]
        if not said:
            raise NothingToRemember("memories: there is nothing to remember")
        return await self._facts.learn(user, said)

    async def found_in(self, user: UserId, text: str) -> Remembered:
        """Keeps what a text of the user says of them; nothing where it says nothing, or no model finds it.

        Raises:
            NothingToRemember: the text is blank.
            TemporarilyUnavailable: a store failed.
        """
        if not text.strip():
            raise NothingToRemember("text: there is nothing to remember")
        brought = ExternalText(text=text, text_source=TextSource.OTHER_TEXT)
        read = MemoryId(new_id())
        lines = spoken_evenly(brought, read, length=len(text))
        segments = tuple(structs.replace(line, is_user=True) for line in lines)
        memory = Memory(id=read, created_at=self._clock.now(), segments=segments)
        drafts = (await self._understand.understand(user, memory)).facts
        return await self._facts.learn(user, [structs.replace(draft, evidence=()) for draft in drafts])
