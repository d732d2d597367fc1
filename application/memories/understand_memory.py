"""What a memory is about: with what is known of its user, in one call of a model."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct, structs

from application.memories.condense import condensed
from application.users.accounts import Accounts
from domain.fact import Fact
from domain.ids import UserId
from domain.material import Background
from domain.memory import FactDraft, Memory, MemoryDraft, Structure
from ports.language_model import Answer, LanguageModel
from ports.people import People

MOST_FACTS = 100
"""Facts that a model is told are known already, newest first."""


class KnownFacts(Protocol):
    """What is known of users; `RememberFacts` does."""

    async def all(self, user: UserId) -> Sequence[Fact]:
        """All facts of a user, in any order. Raises TemporarilyUnavailable."""
        ...


class Understood(Struct, frozen=True, kw_only=True):
    """A memory with what was made of it, and what was learned."""

    memory: Memory
    facts: tuple[FactDraft, ...] = ()


class UnderstandMemory:
    """Gives memories title, overview, category, action items, events; finds facts, people and topics."""

    def __init__(self, *, model: LanguageModel, accounts: Accounts, people: People, facts: KnownFacts) -> None:
        self._model = model
        self._accounts = accounts
        self._people = people
        self._facts = facts

    async def understand(self, user: UserId, memory: Memory) -> Understood:
        """The memory, understood. What the user did with an earlier understanding is kept where it still applies.

        Raises:
            TemporarilyUnavailable: a store failed. A model that fails is no error: the memory is degraded then.
        """
        answer = await self._drafted(user, memory)
        draft = answer.value
        structure = with_ticks(draft.structure, before=memory.structure)
        understood = structs.replace(
            memory,
            structure=structure,
            discarded=draft.discard,
            people=draft.people,
            topics=draft.topics,
            degraded=answer.degraded,
        )
        return Understood(memory=understood, facts=draft.facts)

    async def _drafted(self, user: UserId, memory: Memory) -> Answer[MemoryDraft]:
        account = await self._accounts.get(user)
        people = await self._people.list(user)
        facts = sorted(await self._facts.all(user), key=lambda fact: fact.created_at, reverse=True)
        said_at = memory.started_at or memory.created_at
        background = Background(
            now=said_at.astimezone(account.zone),
            user_name=account.name,
            people=tuple(person.name for person in people),
            facts=tuple(fact.content for fact in facts if _is_believed(fact))[:MOST_FACTS],
        )
        return await condensed(
            self._model,
            memory.segments,
            background=background,
            language=account.language or memory.language or "en",
            names={person.id: person.name for person in people},
            photo_notes=tuple(photo.description for photo in memory.photos if photo.description),
        )


def with_ticks(structure: Structure, *, before: Structure) -> Structure:
    """A new understanding with what the user ticked off or deleted in the one before."""
    done = {item.description: item for item in before.action_items}
    created = {(event.title, event.start) for event in before.events if event.created}
    return structs.replace(
        structure,
        action_items=tuple(
            structs.replace(item, completed=known.completed, deleted=known.deleted)
            if (known := done.get(item.description))
            else item
            for item in structure.action_items
        ),
        events=tuple(
            structs.replace(event, created=(event.title, event.start) in created) for event in structure.events
        ),
    )


def _is_believed(fact: Fact) -> bool:
    return fact.valid_to is None and fact.user_review is not False
