"""Everything that is kept of a user, into one archive that others can read."""

import re
from collections.abc import AsyncIterator, Iterable
from hashlib import sha256
from pathlib import Path

from msgspec import structs

from application.memories.pages import every_memory
from application.memories.readable_transcript import as_text, as_webvtt
from application.users import archive_format as of
from application.users.archive_format import ArchivedCost, ArchivedReview, StoredFile
from application.users.archive_readme import readme
from application.users.archive_writing import NotedArchive
from application.users.archived_settings import settings_of
from application.users.user_data import ALL, Told, UserData, tell_nobody
from application.users.user_values import UserReviews
from domain.fact import Fact
from domain.ids import UserId
from domain.memory import Memory
from ports.archive import Archive
from ports.errors import NotFound

LENT = "lent/"
"""Keys of what is kept for a day at most, for a purpose of its own: it is not the user's to take along."""
_PAGE = 500
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ExportUser:
    """Writes archives. What changes meanwhile is in it or not; each memory, fact and file is whole."""

    def __init__(self, data: UserData, *, archive: Archive) -> None:
        self._data = data
        self._archive = archive

    async def export(self, user: UserId, path: Path, *, told: Told = tell_nobody) -> dict[str, int]:
        """Writes all data of a user to a file, in memory that does not grow with them.

        Args:
            user: whose data.
            path: where to; nothing must be there.
            told: how far it is.

        Returns:
            Lines of each table, by file.

        Raises:
            Conflict: something is there already.
            TemporarilyUnavailable: a store cannot be read, or the file not be written. There is no file then.
        """
        async with self._archive.create(path) as writer:
            archive = NotedArchive(writer, told=told)
            await self._add_tables(archive, user)
            await archive.add(of.SETTINGS, of.json(await settings_of(self._data, user)))
            await self._add_transcripts(archive, user, told)
            await archive.add_table(of.FILES, _each(await self._add_files(archive, user, told)))
            await archive.add(of.README, readme(archive.counts))
            await archive.finish(user)
        return archive.counts

    async def _add_tables(self, archive: NotedArchive, user: UserId) -> None:
        data = self._data
        await archive.add_table(of.MEMORIES, every_memory(data.memories, user))
        await archive.add_table(of.PEOPLE, _each(await data.people.list(user)))
        await archive.add_table(of.FACTS, self._facts(user))
        messages = await data.chat.recent(user, limit=ALL)
        await archive.add_table(of.CHAT, _each(reversed(messages)))
        await archive.add_table(of.REVIEWS, _each([review async for review in reviews_of(data, user)]))
        await archive.add_table(of.COSTS, _each(await costs_of(data, user)))

    async def _facts(self, user: UserId) -> AsyncIterator[Fact]:
        offset = 0
        while found := await self._data.facts.list(user, limit=_PAGE, offset=offset):
            for fact in found:
                yield fact
            offset += len(found)

    async def _add_transcripts(self, archive: NotedArchive, user: UserId, told: Told) -> None:
        names = {person.id: person.name for person in await self._data.people.list(user)}
        done = 0
        async for memory in every_memory(self._data.memories, user):
            if memory.segments:
                place = _transcript(memory)
                await archive.add(f"{place}.txt", _text(as_text(memory, names)))
                await archive.add(f"{place}.vtt", _text(as_webvtt(memory, names)))
                done += 1
                told(of.TRANSCRIPTS, done)

    async def _add_files(self, archive: NotedArchive, user: UserId, told: Told) -> list[StoredFile]:
        taken: set[str] = set()
        stored: list[StoredFile] = []
        for key in await self._data.objects.list(user):
            if key.startswith(LENT):
                continue
            try:
                content = await self._data.objects.get(user, key)
            except NotFound:  # removed meanwhile
                continue
            stored.append(StoredFile(key=key, file=of.file_of(key, taken=taken)))
            await archive.add(stored[-1].file, content)
            told(of.STORED, len(stored))
        return stored


async def reviews_of(data: UserData, user: UserId) -> AsyncIterator[ArchivedReview]:
    """What a user thinks of plugins, those that are gone among them. Without the name of the user."""
    for plugin in await UserReviews(data.values, reviews=data.reviews).plugins(user):
        review = (await data.reviews.of(plugin)).get(user)
        if review is not None:
            yield ArchivedReview(plugin=plugin, score=review.score, text=review.text, rated_at=review.rated_at)


async def costs_of(data: UserData, user: UserId) -> list[ArchivedCost]:
    """What recognition cost for a user, oldest first. Without the name of the user."""
    rows = [structs.asdict(usage) for usage in await data.usage.of(user)]
    costs = [ArchivedCost(**{name: row[name] for name in ArchivedCost.__struct_fields__}) for row in rows]
    return sorted(costs, key=lambda cost: (cost.started_at, str(cost)))


async def _each(values: Iterable[object]) -> AsyncIterator[object]:
    for value in values:
        yield value


def _transcript(memory: Memory) -> str:
    name = memory.id if _PLAIN_ID.fullmatch(memory.id) else sha256(memory.id.encode("utf-8", "replace")).hexdigest()
    return f"{of.TRANSCRIPTS}{memory.created_at:%Y-%m-%d}-{name}"


def _text(content: str) -> bytes:
    return content.encode("utf-8", "replace")
