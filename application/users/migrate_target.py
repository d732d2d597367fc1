"""Where a migration puts what it finds: what is there already, and how each kind of thing is written."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import structs

from application.memories.import_memories import ImportMemories
from application.users.archive_format import ArchivedSettings
from application.users.archived_settings import combined, put_settings, settings_of
from application.users.migrate_records import (
    OriginalFile,
    OriginalReview,
    OriginalSettings,
    OriginalWebhook,
    Value,
)
from application.users.push_addresses import PushAddresses
from application.users.user_data import ALL, UserData
from domain.chat import Message
from domain.errors import InvalidRequest
from domain.fact import Fact
from domain.ids import UserId
from domain.memory import Memory
from domain.person import Person
from ports.errors import NotFound


class MigrationTarget:
    """The stores of one user."""

    def __init__(self, user: UserId, *, data: UserData, memories: ImportMemories) -> None:
        self._user = user
        self._data = data
        self._memories = memories
        self._people: dict[str, Person] | None = None
        self._messages: dict[str, Message] | None = None
        self._kinds: dict[type[Any], tuple[Callable[[Any], Awaitable[Value | None]], Callable[[Any], Awaitable[None]]]]
        self._kinds = {
            Memory: (self._memory, self._put_memory),
            Person: (self._person, self._put_person),
            Fact: (self._fact, self._put_fact),
            Message: (self._message, self._put_message),
            OriginalSettings: (self._settings, self._put_settings),
            OriginalReview: (self._review, self._put_review),
            OriginalFile: (self._file, self._put_file),
            OriginalWebhook: (self._webhook, self._put_webhook),
        }

    async def found(self, value: Value) -> Value | None:
        """What is there in the place of a value. Raises TemporarilyUnavailable."""
        find, _ = self._kinds[type(value)]
        return await find(value)

    async def put(self, value: Value) -> None:
        """Writes a value; doing it twice does it once.

        Raises:
            Rejected: the store does not take it.
            TemporarilyUnavailable: not written, or not known.
        """
        _, write = self._kinds[type(value)]
        await write(value)

    async def _memory(self, memory: Memory) -> Memory | None:
        try:
            return await self._data.memories.get(self._user, memory.id)
        except NotFound:
            return None

    async def _put_memory(self, memory: Memory) -> None:
        await self._memories.put(self._user, memory)

    async def _person(self, person: Person) -> Person | None:
        if self._people is None:
            self._people = {known.id: known for known in await self._data.people.list(self._user)}
        return self._people.get(person.id)

    async def _put_person(self, person: Person) -> None:
        await self._data.people.save(self._user, person)

    async def _fact(self, fact: Fact) -> Fact | None:
        try:
            return await self._data.facts.get(self._user, fact.id)
        except NotFound:
            return None

    async def _put_fact(self, fact: Fact) -> None:
        await self._data.facts.save(self._user, fact)

    async def _message(self, message: Message) -> Message | None:
        if self._messages is None:
            messages = await self._data.chat.recent(self._user, limit=ALL)
            self._messages = {known.id: known for known in messages}
        return self._messages.get(message.id)

    async def _put_message(self, message: Message) -> None:
        await self._data.chat.append(self._user, message)

    async def _settings(self, original: OriginalSettings) -> OriginalSettings | None:
        """None while something is to be added; what was chosen here since goes before what was chosen there."""
        kept = await settings_of(self._data, self._user)
        has_address = bool((await self._data.accounts.get(self._user)).push_token) or not original.push_token
        return original if has_address and combined(kept, original.chosen) == kept else None

    async def _put_settings(self, original: OriginalSettings) -> None:
        account = await self._data.accounts.get(self._user)
        if original.push_token and not account.push_token:
            addresses = PushAddresses(accounts=self._data.accounts, values=self._data.values)
            try:
                await addresses.register(
                    self._user, original.push_token, time_zone=_zone(original.chosen, account.time_zone)
                )
            except InvalidRequest:  # no address that anybody could use
                original = structs.replace(original, push_token="")
        kept = await settings_of(self._data, self._user)
        await put_settings(self._data, self._user, combined(kept, original.chosen))

    async def _review(self, original: OriginalReview) -> OriginalReview | None:
        there = (await self._data.reviews.of(original.plugin)).get(self._user)
        return None if there is None else OriginalReview(plugin=original.plugin, review=there)

    async def _put_review(self, original: OriginalReview) -> None:
        await self._data.reviews.put(original.plugin, original.review)

    async def _file(self, file: OriginalFile) -> OriginalFile | None:
        try:
            return OriginalFile(key=file.key, content=await self._data.objects.get(self._user, file.key))
        except NotFound:
            return None

    async def _put_file(self, file: OriginalFile) -> None:
        await self._data.objects.put(self._user, file.key, file.content)

    async def _webhook(self, webhook: OriginalWebhook) -> OriginalWebhook | None:
        there = await self._data.values.get(webhook.key)
        return None if there is None else OriginalWebhook(key=webhook.key, value=there)

    async def _put_webhook(self, webhook: OriginalWebhook) -> None:
        await self._data.values.put(webhook.key, webhook.value)


def _zone(chosen: ArchivedSettings, kept: str) -> str:
    return kept if kept != "UTC" or chosen.account is None else chosen.account.time_zone
