"""All stores that keep what belongs to users: what each removes, and what it counts."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio
import msgspec
from msgspec import Struct

from application.listening.conversations import LETTING_GO, Conversations
from application.listening.replay_journal import opened
from application.memories.pages import every_memory
from application.users.erase_user import ERASE_USER, UserStore
from application.users.forget_user import forget_facts, forget_objects, forget_people, forget_vectors
from application.users.user_data import ALL, UserData
from application.users.user_values import UserReviews, UserValues
from domain.ids import ConversationId, JobId, UserId
from ports.capture_journal import CaptureJournal
from ports.errors import NotFound
from ports.job_queue import JobQueue
from ports.text_index import TextIndex
from ports.vault import Vault
from ports.vector_index import VectorIndex


class Derived(Struct, frozen=True, kw_only=True):
    """Stores that hold what goes on, and what was made of what is kept."""

    conversations: Conversations
    journal: CaptureJournal
    jobs: JobQueue
    texts: TextIndex
    vectors: VectorIndex
    forget_heard: Callable[[UserId], Awaitable[None]]
    """Has whoever remembers a user's voices by heart forget them."""
    vault: Vault


def all_stores(data: UserData, derived: Derived) -> tuple[UserStore, ...]:
    """Every store, in the order in which they are to be erased: first what would put something back."""
    conversations = _Conversations(derived)
    work = _Work(derived.jobs)
    reviews = UserReviews(data.values, reviews=data.reviews)
    values = UserValues(data.values, forget_heard=derived.forget_heard)
    count = _Counts(data, derived)
    return (
        UserStore("conversations that go on", conversations.erase, conversations.count),
        UserStore("work", work.erase, work.count),
        UserStore("words to search", derived.texts.clear, count.words),
        UserStore("meanings to search", lambda user: forget_vectors(derived.vectors, user), count.meanings),
        UserStore("memories", lambda user: _forget_memories(data, user), count.memories),
        UserStore("facts", lambda user: forget_facts(data.facts, user), count.facts),
        UserStore("people", lambda user: forget_people(data.people, user), count.people),
        UserStore("messages", data.chat.clear, count.messages),
        UserStore("recordings, photos, voices", lambda user: forget_objects(data.objects, user), count.objects),
        UserStore("costs", data.usage.forget, count.costs),
        UserStore("reviews of plugins", reviews.erase, reviews.count),
        UserStore("account and settings", values.erase, values.count),
        UserStore("keys", derived.vault.erase, derived.vault.count),  # last: what was missed opens no more
    )


class _Conversations:
    """Conversations that go on, and journals of those that have no memory yet."""

    def __init__(self, derived: Derived) -> None:
        self._conversations = derived.conversations
        self._journal = derived.journal

    async def count(self, user: UserId) -> int:
        """How many there are."""
        return len(await self._journals(user))

    async def erase(self, user: UserId) -> None:
        """Ends sessions that are connected, and removes what they heard."""
        for live in self._conversations.open:
            if live.user == user:
                live.taken_over.set()
                with anyio.move_on_after(LETTING_GO):
                    await live.released.wait()
                await self._conversations.drop(live)
        for conversation in await self._journals(user):
            await self._journal.remove(conversation)

    async def _journals(self, user: UserId) -> list[ConversationId]:
        found: list[ConversationId] = []
        for conversation in await self._journal.conversations():
            with suppress(NotFound, msgspec.MsgspecError):  # gone meanwhile; not one of ours
                first = await opened(self._journal, conversation)
                if first is not None and first.user == user:
                    found.append(conversation)
        return found


class _Work:
    """Work that is open or was given up, and what says whose finished work was; all but that of erasing."""

    def __init__(self, jobs: JobQueue) -> None:
        self._jobs = jobs

    async def count(self, user: UserId) -> int:
        """How much there is."""
        return len(await self._ids(user))

    async def erase(self, user: UserId) -> None:
        """Has it done no more. Who is at it finds that it is theirs no longer."""
        for job in await self._ids(user):
            await self._jobs.forget(job)

    async def _ids(self, user: UserId) -> list[JobId]:
        return [job for job in await self._jobs.ids_of(user) if not job.startswith(f"{ERASE_USER}:")]


class _Counts:
    """How much each store has of a user."""

    def __init__(self, data: UserData, derived: Derived) -> None:
        self._data = data
        self._derived = derived

    async def words(self, user: UserId) -> int:
        return len(await self._derived.texts.memories(user))

    async def meanings(self, user: UserId) -> int:
        return len(await self._derived.vectors.spaces(user))

    async def memories(self, user: UserId) -> int:
        number = 0
        async for _ in every_memory(self._data.memories, user):
            number += 1
        return number

    async def facts(self, user: UserId) -> int:
        return len(await self._data.facts.list(user, limit=ALL))

    async def people(self, user: UserId) -> int:
        return len(await self._data.people.list(user))

    async def messages(self, user: UserId) -> int:
        return len(await self._data.chat.recent(user, limit=ALL))

    async def objects(self, user: UserId) -> int:
        return len(await self._data.objects.list(user))

    async def costs(self, user: UserId) -> int:
        return len(await self._data.usage.of(user))


async def _forget_memories(data: UserData, user: UserId) -> None:
    for memory_id in [memory.id async for memory in every_memory(data.memories, user)]:
        await data.memories.delete(user, memory_id)
