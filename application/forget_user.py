"""What each store does when a user goes. Everything here is harmless when it is repeated."""

from contextlib import suppress

import anyio
import msgspec

from application.accounts import Accounts
from application.conversations import LETTING_GO, Conversations
from application.delete_account import DELETE_ACCOUNT
from application.forget_memory import ForgetMemory
from application.integration_keys import IntegrationKeys
from application.pages import every_memory
from application.plugin_reviews import PluginReviews
from application.push_addresses import PushAddresses
from application.replay_journal import opened
from domain.ids import MemoryId, UserId
from domain.integration import Integration
from ports.capture_journal import CaptureJournal
from ports.errors import NotFound
from ports.facts import Facts
from ports.job_queue import JobQueue
from ports.key_value_store import KeyValueStore
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore
from ports.people import People
from ports.plugin_catalog import PluginCatalog
from ports.vector_index import VectorIndex

_PAGE = 500


class ForgetConversations:
    """Conversations that go on, and journals of those that have no memory yet."""

    def __init__(self, *, conversations: Conversations, journal: CaptureJournal, forget: ForgetMemory) -> None:
        self._conversations = conversations
        self._journal = journal
        self._forget = forget

    async def __call__(self, user: UserId) -> None:
        """Has connected devices let go, then removes all."""
        for live in self._conversations.open:
            if live.user == user:
                live.taken_over.set()
                with anyio.move_on_after(LETTING_GO):
                    await live.released.wait()
                await self._conversations.drop(live)
        for conversation in await self._journal.conversations():
            with suppress(NotFound, msgspec.MsgspecError):  # gone meanwhile; not one of ours
                first = await opened(self._journal, conversation)
                if first is not None and first.user == user:
                    await self._forget.now(user, MemoryId(conversation))


class ForgetMemories:
    """Memories and all that belongs to them."""

    def __init__(self, *, memories: MemoryRepository, forget: ForgetMemory) -> None:
        self._memories = memories
        self._forget = forget

    async def __call__(self, user: UserId) -> None:
        """Removes all. A crash in between leaves memories that are removed next time, with their traces."""
        for memory_id in [memory.id async for memory in every_memory(self._memories, user)]:
            await self._forget.now(user, memory_id)
            await self._memories.delete(user, memory_id)


class ForgetReviews:
    """What the user thinks of plugins."""

    def __init__(self, *, reviews: PluginReviews, catalog: PluginCatalog) -> None:
        self._reviews = reviews
        self._catalog = catalog

    async def __call__(self, user: UserId) -> None:
        """Removes it."""
        for plugin in await self._catalog.plugins():
            await self._reviews.remove(plugin.id, user)


class ForgetAccount:
    """What the user said of themselves, and the way to their device."""

    def __init__(self, *, accounts: Accounts, push_addresses: PushAddresses) -> None:
        self._accounts = accounts
        self._push_addresses = push_addresses

    async def __call__(self, user: UserId) -> None:
        """Removes it."""
        address = await self._push_addresses.of(user)
        if address:
            await self._push_addresses.forget(user, address)
        await self._accounts.delete(user)


class ForgetWork:
    """Work for the user that waits or was given up. What erases the user goes on."""

    def __init__(self, *, jobs: JobQueue) -> None:
        self._jobs = jobs

    async def __call__(self, user: UserId) -> None:
        """Removes it."""
        for job_id in await self._jobs.ids_of(user):
            if not job_id.startswith(f"{DELETE_ACCOUNT}:"):
                await self._jobs.forget(job_id)


async def forget_facts(facts: Facts, user: UserId) -> None:
    """Removes all facts, the rejected ones among them."""
    while found := await facts.list(user, limit=_PAGE):
        for fact in found:
            await facts.delete(user, fact.id)


async def forget_people(people: People, user: UserId) -> None:
    """Removes everybody whom the user knows."""
    for person in await people.list(user):
        await people.delete(user, person.id)


async def forget_objects(objects: ObjectStore, user: UserId) -> None:
    """Removes recordings, voices, photos, transcripts: whatever lies in the user's folder."""
    for key in await objects.list(user):
        await objects.delete(user, key)


async def forget_vectors(vectors: VectorIndex, user: UserId) -> None:
    """Removes all meanings, in all spaces."""
    for space in await vectors.spaces(user):
        await vectors.delete_space(user, space)


async def forget_values(values: KeyValueStore, user: UserId) -> None:
    """Removes small things that nobody else removes. Comes last: it leaves nothing in the log of the store either."""
    await values.delete(f"users:{user}:emotional_message")


async def forget_integration_keys(keys: IntegrationKeys, user: UserId) -> None:
    """From now on, no program acts for the user."""
    for integration in Integration:
        await keys.revoke(integration, user)
