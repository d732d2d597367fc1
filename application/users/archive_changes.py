"""What reading an archive back would change, piece by piece; nothing is changed by finding out."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from functools import partial
from hashlib import sha256

from msgspec import Struct, structs

from application.memories.import_memories import ImportMemories
from application.users import archive_format as of
from application.users.archive_format import ArchivedCost, ArchivedReview, StoredFile
from application.users.archive_reading import CheckedArchive
from application.users.archived_settings import combined, put_settings, settings_of
from application.users.export_user import costs_of
from application.users.user_data import ALL, UserData
from domain.chat import Message
from domain.fact import Fact
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from domain.person import Person
from domain.plugin_rating import Review
from domain.usage import Usage
from ports.errors import NotFound

_TOGETHER = 10
"""Memories that are compared with what is there at once: each may be hours of talk."""


class Verdict(StrEnum):
    """What becomes of a piece of an archive."""

    ADDED = "added"
    SAME = "same"
    """It is there already."""
    REPLACED = "replaced"
    """Another one was there."""
    KEPT = "kept"
    """Another one is there, and stays."""


class Conflicts(StrEnum):
    """What happens where the archive and the store differ."""

    NEWER = "newer"
    """The newer one wins; where nobody can tell, what is stored."""
    REPLACE = "replace"
    """The archive wins."""


class Change(Struct, frozen=True):
    """A piece of an archive, and what is to be done about it."""

    table: str
    verdict: Verdict
    make: Callable[[], Awaitable[object]]


class ArchiveChanges:
    """Compares an archive with what is kept of a user."""

    def __init__(
        self,
        archive: CheckedArchive,
        *,
        user: UserId,
        data: UserData,
        memories: ImportMemories,
        conflicts: Conflicts,
    ) -> None:
        self._archive = archive
        self._user = user
        self._data = data
        self._memories = memories
        self._conflicts = conflicts

    async def all(self) -> AsyncIterator[Change]:
        """Everything in the archive, in the order in which it is to be made.

        Raises (from the iteration):
            Rejected: the archive cannot be read any more.
            TemporarilyUnavailable: a store failed.
        """
        parts = (
            self._files(),
            self._people(),
            self._facts(),
            self._messages(),
            self._memory_changes(),
            self._reviews(),
            self._costs(),
            self._settings(),
        )
        for part in parts:
            async for change in part:
                yield change

    async def _files(self) -> AsyncIterator[Change]:
        known = set(await self._data.objects.list(self._user))
        async for stored in self._archive.rows(of.FILES, StoredFile):
            digest = self._archive.manifest.files[stored.file].sha256
            there = await self._digest(stored.key) if stored.key in known else None
            verdict = self._verdict(there, digest, newer=False)
            yield Change(of.FILES, verdict, partial(self._put_file, stored))

    async def _digest(self, key: str) -> str | None:
        try:
            return sha256(await self._data.objects.get(self._user, key)).hexdigest()
        except NotFound:
            return None

    async def _put_file(self, stored: StoredFile) -> None:
        await self._data.objects.put(self._user, stored.key, await self._archive.content(stored.file))

    async def _people(self) -> AsyncIterator[Change]:
        known = {person.id: person for person in await self._data.people.list(self._user)}
        async for person in self._archive.rows(of.PEOPLE, Person):
            there = known.get(person.id)
            verdict = self._verdict(there, person, newer=_is_newer(person, there))
            yield Change(of.PEOPLE, verdict, partial(self._data.people.save, self._user, person))

    async def _facts(self) -> AsyncIterator[Change]:
        async for fact in self._archive.rows(of.FACTS, Fact):
            there = await self._fact(fact.id)
            verdict = self._verdict(there, fact, newer=_is_newer(fact, there))
            yield Change(of.FACTS, verdict, partial(self._data.facts.save, self._user, fact))

    async def _fact(self, fact_id: str) -> Fact | None:
        try:
            return await self._data.facts.get(self._user, fact_id)
        except NotFound:
            return None

    async def _messages(self) -> AsyncIterator[Change]:
        known = {message.id: message for message in await self._data.chat.recent(self._user, limit=ALL)}
        async for message in self._archive.rows(of.CHAT, Message):
            there = known.get(message.id)
            verdict = self._verdict(there, message, newer=_is_newer(message, there))
            yield Change(of.CHAT, verdict, partial(self._data.chat.append, self._user, message))

    async def _memory_changes(self) -> AsyncIterator[Change]:
        async for some in _few_at_once(self._archive.rows(of.MEMORIES, Memory)):
            known = {memory.id: memory for memory in await self._data.memories.several(self._user, list(some))}
            for memory in some.values():
                there = known.get(memory.id)
                verdict = self._verdict(there, memory, newer=_is_newer(memory, there))
                yield Change(of.MEMORIES, verdict, partial(self._memories.put, self._user, memory))

    async def _reviews(self) -> AsyncIterator[Change]:
        async for archived in self._archive.rows(of.REVIEWS, ArchivedReview):
            review = Review(user=self._user, score=archived.score, text=archived.text, rated_at=archived.rated_at)
            there = (await self._data.reviews.of(archived.plugin)).get(self._user)
            verdict = self._verdict(there, review, newer=_is_newer(review, there))
            yield Change(of.REVIEWS, verdict, partial(self._data.reviews.put, archived.plugin, review))

    async def _costs(self) -> AsyncIterator[Change]:
        known = Counter(map(str, await costs_of(self._data, self._user)))
        async for cost in self._archive.rows(of.COSTS, ArchivedCost):
            known[str(cost)] -= 1
            verdict = Verdict.SAME if known[str(cost)] >= 0 else Verdict.ADDED
            usage = Usage(user=self._user, **structs.asdict(cost))
            yield Change(of.COSTS, verdict, partial(self._data.usage.record, [usage]))

    async def _settings(self) -> AsyncIterator[Change]:
        kept, archived = await settings_of(self._data, self._user), await self._archive.settings()
        wanted = combined(kept, archived)
        if self._conflicts is Conflicts.REPLACE and archived.account is not None:
            wanted = structs.replace(wanted, account=archived.account)
        verdict = Verdict.SAME if wanted == kept else Verdict.ADDED
        yield Change(of.SETTINGS, verdict, partial(put_settings, self._data, self._user, wanted))

    def _verdict(self, there: object | None, archived: object, *, newer: bool) -> Verdict:
        if there is None:
            return Verdict.ADDED
        if there == archived:
            return Verdict.SAME
        return Verdict.REPLACED if newer or self._conflicts is Conflicts.REPLACE else Verdict.KEPT


async def _few_at_once(memories: AsyncIterator[Memory]) -> AsyncIterator[dict[MemoryId, Memory]]:
    """Memories in their order, some together; one that comes again is not together with itself."""
    some: dict[MemoryId, Memory] = {}
    async for memory in memories:
        if len(some) == _TOGETHER or memory.id in some:
            yield some
            some = {}
        some[memory.id] = memory
    if some:
        yield some


def _is_newer(archived: object, there: object | None) -> bool:
    """Whether something was changed later than what is there; where it does not say when, made later."""
    mine, other = _changed(archived), _changed(there)
    return mine is not None and other is not None and mine > other


def _changed(value: object) -> datetime | None:
    for name in ("updated_at", "rated_at", "created_at"):
        moment = getattr(value, name, None)
        if isinstance(moment, datetime):
            return moment
    return None
