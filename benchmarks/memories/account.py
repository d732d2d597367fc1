"""What became of every conversation."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from application.memories.create_memory import can_be_upgraded
from application.memories.deliver_memories import DELIVER_MEMORY, Delivery
from application.memories.pages import every_memory
from application.recordings.hear_conversation import IDENTIFY_SPEAKERS
from benchmarks.memories.life import HOOKS
from benchmarks.memories.talks import Talk
from bootstrap.container import Container
from domain.ids import MemoryId, PluginId, UserId
from domain.memory import Memory

Told = Collection[tuple[UserId, PluginId, MemoryId]]


class Account(Struct, kw_only=True):
    """Counts; all but the first few are violations."""

    conversations: int = 0
    deleted_by_users: int = 0
    dead_letters_of_plugins: int = 0
    without_speakers: int = 0
    """Nobody could tell who spoke: the stores of voices failed three times."""
    lost_memories: int = 0
    doubled_memories: int = 0
    wrong_words: int = 0
    not_found_by_words: int = 0
    not_found_by_meaning: int = 0
    still_degraded: int = 0
    lost_facts: int = 0
    doubled_facts: int = 0
    vanished_deliveries: int = 0
    work_given_up: int = 0
    deleted_that_came_back: int = 0
    journals_left: int = 0

    @property
    def violations(self) -> int:
        """How many things are not as they should be."""
        harmless = {"conversations", "deleted_by_users", "dead_letters_of_plugins", "without_speakers"}
        return sum(getattr(self, name) for name in self.__struct_fields__ if name not in harmless)

    def told(self) -> list[str]:
        """The counts, to read."""
        return [f"{getattr(self, name):>8,}  {name.replace('_', ' ')}" for name in self.__struct_fields__]


async def counted(container: Container, talks: Sequence[Talk], *, deleted: Collection[MemoryId], told: Told) -> Account:
    """Looks into every store."""
    account = Account(conversations=len(talks), deleted_by_users=len(deleted))
    for user in sorted({talk.user for talk in talks}):
        own = [talk for talk in talks if talk.user == user]
        memories = [memory async for memory in every_memory(container.memory_repository(), user)]
        _memories(account, own, memories, deleted)
        for talk in own:
            await _findable(account, container, talk, is_deleted=talk.memory in deleted)
        await _facts(account, container, user, own, deleted)
    await _deliveries(account, container, talks, deleted=deleted, told=set(told))
    account.journals_left = len(await container.capture_journal().conversations())
    return account


def _memories(account: Account, own: list[Talk], memories: list[Memory], deleted: Collection[MemoryId]) -> None:
    found = Counter(memory.id for memory in memories)
    known = {talk.memory: talk for talk in own}
    for talk in own:
        if talk.memory in deleted:
            account.deleted_that_came_back += found[talk.memory]
        else:
            account.lost_memories += int(not found[talk.memory])
            account.doubled_memories += max(found[talk.memory] - 1, 0)
    for memory in memories:
        talk = known.get(memory.id)
        account.doubled_memories += int(talk is None)
        said = " ".join(segment.text for segment in memory.segments)
        account.wrong_words += int(talk is not None and said != talk.text)
        account.still_degraded += int(can_be_upgraded(memory))
        account.without_speakers += int(IDENTIFY_SPEAKERS in memory.degraded)


async def _findable(account: Account, container: Container, talk: Talk, *, is_deleted: bool) -> None:
    hits = {hit.memory_id for hit in await container.text_index().search(talk.user, talk.words[0])}
    embedder: Any = container.text_embedder()
    [vector] = await embedder.embed([talk.text])
    near = await container.vector_index().search(
        talk.user, vector, space=embedder.name, limit=1, also=[(talk.memory, 1)]
    )
    is_near = talk.memory in {one.memory_id for one in near}
    if is_deleted:
        account.deleted_that_came_back += int(talk.memory in hits) + int(is_near)
    else:
        account.not_found_by_words += int(talk.memory not in hits)
        account.not_found_by_meaning += int(not is_near)


async def _facts(
    account: Account, container: Container, user: UserId, own: list[Talk], deleted: Collection[MemoryId]
) -> None:
    facts = await container.remember_facts().all(user)
    found = Counter(fact.content for fact in facts)
    unsure = {talk.fact for talk in own if talk.memory in deleted}  # told by others too, perhaps before, perhaps behind
    wanted = {talk.fact for talk in own if talk.fact} - unsure
    account.lost_facts += sum(1 for fact in wanted if not found[fact])
    account.doubled_facts += sum(max(count - 1, 0) for count in found.values())
    account.deleted_that_came_back += sum(1 for fact in facts if fact.memory_id in deleted)


async def _deliveries(
    account: Account,
    container: Container,
    talks: Sequence[Talk],
    *,
    deleted: Collection[MemoryId],
    told: set[tuple[UserId, PluginId, MemoryId]],
) -> None:
    dead: set[tuple[UserId, PluginId, MemoryId]] = set()
    for letter in await container.job_queue().dead_letters():
        if letter.job.kind != DELIVER_MEMORY:
            account.work_given_up += 1
            continue
        delivery = msgspec.json.decode(letter.job.payload, type=Delivery)
        dead.add((letter.job.user, delivery.plugin, delivery.memory))
        account.deleted_that_came_back += int(delivery.memory in deleted)
    account.dead_letters_of_plugins = len(dead)
    reached = told | dead
    for talk in talks:
        for hook in HOOKS:
            place = (talk.user, hook, talk.memory)
            account.vanished_deliveries += int(talk.memory not in deleted and place not in reached)
