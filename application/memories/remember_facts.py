"""What was learned of the user in a memory, put to what was known: new, known already, or changed since."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, structs

from domain.embedding import Embedding, cosine
from domain.fact import Fact
from domain.fact_agreement import Agreement, agreement_of
from domain.ids import MemoryId, UserId, new_id
from domain.memory import FactDraft, Memory
from ports.clock import Clock
from ports.errors import AdapterError
from ports.facts import Facts
from ports.text_embedder import TextEmbedder

SAME = 0.9
"""Cosine from which two sentences that share most words say the same."""
_PAGE = 500


class Remembered(Struct, frozen=True, kw_only=True):
    """What became of what was learned."""

    added: tuple[Fact, ...] = ()
    known: tuple[Fact, ...] = ()
    """Facts that were there already."""
    superseded: tuple[Fact, ...] = ()
    """Facts that do not hold any more; they stay, with the end of their time."""


class RememberFacts:
    """Keeps facts with the time they hold for. Nothing is overwritten, and nothing is there twice."""

    def __init__(self, *, facts: Facts, embedder: TextEmbedder, clock: Clock) -> None:
        self._facts = facts
        self._embedder = embedder
        self._clock = clock

    async def remember(self, user: UserId, memory: Memory, drafts: Sequence[FactDraft]) -> Remembered:
        """Keeps what was learned in a memory. Harmless to repeat.

        Facts of an earlier understanding of the same memory that it does not say again go, unless the user reviewed
        or edited them. What the user deleted or rejected is not learned again.

        Raises:
            TemporarilyUnavailable: the store failed; what was kept so far stays, and repeating completes it.
        """
        known = list(await self.all(user))
        said = memory.started_at or memory.created_at
        remembered = await self._learned(user, drafts, known, memory=memory.id, said=said)
        kept = {fact.id for fact in (*remembered.added, *remembered.known)}
        await self._drop_unsaid(user, memory, known, kept=kept)
        return remembered

    async def learn(self, user: UserId, drafts: Sequence[FactDraft]) -> Remembered:
        """Keeps what was told elsewhere than in a memory. Harmless to repeat; what the user rejected stays rejected.

        Raises:
            TemporarilyUnavailable: the store failed; what was kept so far stays, and repeating completes it.
        """
        return await self._learned(user, drafts, list(await self.all(user)), memory=None, said=self._clock.now())

    async def forget_memory(self, user: UserId, memory: MemoryId) -> None:
        """Removes what was learned from a memory alone; for when it is deleted. What the user wrote stays.

        Raises:
            TemporarilyUnavailable: the store failed.
        """
        for fact in await self.all(user):
            if fact.memory_id == memory:
                await self._facts.delete(user, fact.id)
                await self._revive(user, fact)

    async def all(self, user: UserId) -> tuple[Fact, ...]:
        """Every fact that is kept, those that are over and those that the user rejected among them."""
        found: list[Fact] = []
        while page := await self._facts.list(user, limit=_PAGE, offset=len(found)):
            found += page
            if len(page) < _PAGE:
                break
        return tuple(found)

    async def _learned(
        self, user: UserId, drafts: Sequence[FactDraft], known: list[Fact], *, memory: MemoryId | None, said: datetime
    ) -> Remembered:
        """Keeps what is new of some sentences; `known` is brought up to date."""
        vectors = await self._vectors([*(draft.content for draft in drafts), *(fact.content for fact in known)])
        added: list[Fact] = []
        seen: dict[str, Fact] = {}
        superseded: list[Fact] = []
        for draft in drafts:
            same = _same(draft.content, known, vectors)
            if same is not None:
                seen[same.id] = same
                continue
            fact = self._fact(draft, memory, said)
            fact, ended = await self._put_in_time(user, fact, known)
            known[:] = [fact, *(_newest(one, ended) for one in known)]
            added.append(fact)
            superseded += ended
        return Remembered(added=tuple(added), known=tuple(seen.values()), superseded=tuple(superseded))

    async def _put_in_time(self, user: UserId, fact: Fact, known: Sequence[Fact]) -> tuple[Fact, list[Fact]]:
        """Keeps a new fact. Those that it contradicts end where it begins; told late, it may be over itself."""
        ended: list[Fact] = []
        for other in known:
            if other.valid_to is not None or other.user_review is False:
                continue
            if agreement_of(fact.content, other.content) is not Agreement.CHANGED or fact.category != other.category:
                continue
            if _since(other) > _since(fact):
                fact = structs.replace(fact, valid_to=_since(other), superseded_by=other.id)
            else:
                ended.append(structs.replace(other, valid_to=_since(fact), superseded_by=fact.id))
        await self._facts.save(user, fact)
        for other in ended:
            await self._facts.save(user, other)
        return fact, ended

    async def _drop_unsaid(self, user: UserId, memory: Memory, known: Sequence[Fact], *, kept: set[str]) -> None:
        for fact in known:
            if fact.memory_id == memory.id and fact.id not in kept and not _is_the_users(fact):
                await self._facts.delete(user, fact.id)
                await self._revive(user, fact)

    async def _revive(self, user: UserId, gone: Fact) -> None:
        """What a fact that is gone had superseded holds again."""
        for fact in await self.all(user):
            if fact.superseded_by == gone.id:
                await self._facts.save(user, structs.replace(fact, valid_to=None, superseded_by=None))

    async def _vectors(self, sentences: Sequence[str]) -> dict[str, Embedding]:
        """Meanings of sentences; none where the embedder fails: then words alone tell what is the same."""
        texts = list(dict.fromkeys(sentences))
        try:
            return dict(zip(texts, await self._embedder.embed(texts), strict=True))
        except AdapterError:
            return {}

    def _fact(self, draft: FactDraft, memory: MemoryId | None, said: datetime) -> Fact:
        now = self._clock.now()
        return Fact(
            id=new_id(),
            content=draft.content,
            category=draft.category,
            created_at=now,
            updated_at=now,
            memory_id=memory,
            valid_from=said,
            evidence=draft.evidence,
        )


def _same(content: str, known: Sequence[Fact], vectors: Mapping[str, Embedding]) -> Fact | None:
    """The fact that says the same; one that was rejected is among them, so that it is not learned again."""
    for fact in known:
        agreement = agreement_of(content, fact.content)
        if agreement is Agreement.SAME:
            return fact
        if agreement is Agreement.NEAR and _mean_the_same(vectors.get(content), vectors.get(fact.content)):
            return fact
    return None


def _mean_the_same(one: Embedding | None, other: Embedding | None) -> bool:
    return one is not None and other is not None and cosine(one, other) >= SAME


def _newest(fact: Fact, changed: Sequence[Fact]) -> Fact:
    return next((one for one in changed if one.id == fact.id), fact)


def _since(fact: Fact) -> datetime:
    return fact.valid_from or fact.created_at


def _is_the_users(fact: Fact) -> bool:
    return fact.reviewed or fact.edited or fact.manually_added or fact.user_review is not None
