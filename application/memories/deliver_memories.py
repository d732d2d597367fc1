"""New memories on their way to plugins that run elsewhere: written down first, then sent until they have arrived."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress

import anyio
import msgspec
from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.plugins.call_plugins import CallPlugins
from application.plugins.count_uses import CountUses
from application.plugins.enabled_plugins import EnabledPlugins
from application.plugins.plugin_replies import PluginReplies
from domain.chat import Message
from domain.ids import JobId, MemoryId, PluginId, UserId
from domain.memory import Memory
from domain.plugin import Plugin, PluginReply, Trigger
from domain.plugin_use import UseKind
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from ports.job_queue import Job, JobQueue
from ports.memory_repository import MemoryRepository
from ports.plugin_gateway import PluginCall, PluginGateway

DELIVER_MEMORY = "deliver_memory"
"""Kind of the job that tells one plugin of one memory."""
MOST_ATTEMPTS = 5
"""With the pauses of the job queue: the last one is an hour after the one before."""


class Delivery(Struct, frozen=True):
    """What a `deliver_memory` job is told. Not the memory: what is deleted meanwhile is not sent."""

    plugin: PluginId
    memory: MemoryId


class DeliverMemories:
    """Tells plugins of memories: at least once, one job for each plugin."""

    def __init__(
        self,
        *,
        enabled: EnabledPlugins,
        memories: MemoryRepository,
        jobs: JobQueue,
        gateway: PluginGateway,
        calls: CallPlugins,
        replies: PluginReplies,
        uses: CountUses,
    ) -> None:
        self._enabled = enabled
        self._memories = memories
        self._jobs = jobs
        self._gateway = gateway
        self._calls = calls
        self._replies = replies
        self._uses = uses
        self._awaited: dict[JobId, _Awaited] = {}

    async def hand_in(self, user: UserId, memory: Memory) -> tuple[JobId, ...]:
        """Has all plugins told that want to be. What was handed in before is not handed in again.

        Raises:
            TemporarilyUnavailable: some of it could not be written down; try again.
        """
        deliveries = await self._wanted(user, memory)
        return tuple([job.id for job in deliveries if await self._jobs.enqueue(job)])

    async def told(self, user: UserId, memory: Memory, *, patience: float) -> tuple[Message, ...]:
        """Has all plugins told, and waits for what they say, whichever server tells them.

        Args:
            user: whose memory it is.
            memory: as it is stored.
            patience: seconds; what plugins say later is in the chat.
        """
        deliveries = await self._wanted(user, memory)
        awaited = {job.id: _Awaited() for job in deliveries}
        self._awaited.update(awaited)
        try:
            for job in deliveries:
                if not await self._jobs.enqueue(job):
                    awaited[job.id].done.set()
            with anyio.move_on_after(patience):
                for one in awaited.values():
                    await one.done.wait()
        finally:
            for job_id in awaited:
                self._awaited.pop(job_id, None)
        await self._look_up(user, awaited)
        return tuple(one.message for one in awaited.values() if one.message is not None)

    async def _look_up(self, user: UserId, awaited: dict[JobId, "_Awaited"]) -> None:
        """What plugins said to an earlier attempt, or to another server."""
        missing = {_message_id(job_id): one for job_id, one in awaited.items() if not one.is_answered}
        if missing:
            with suppress(TemporarilyUnavailable):
                for message in await self._replies.kept(user, missing):
                    missing[message.id].message = message

    async def deliver(self, run: JobRun) -> None:
        """Does a `deliver_memory` job.

        Raises:
            Rejected: the plugin refused, or failed for the last time.
            TemporarilyUnavailable: it is to be tried again.
        """
        message = None
        try:
            message = await self._delivered(run)
        finally:
            awaited = self._awaited.pop(run.job.id, None)
            if awaited is not None:
                awaited.message, awaited.is_answered = message, True
                awaited.done.set()

    async def forget(self, user: UserId, memory: MemoryId, plugins: Sequence[Plugin]) -> None:
        """Removes what the queue knows of a memory that is deleted; also where the plugin is gone by now."""
        known = {delivery_id(user, plugin.id, memory) for plugin in plugins}
        for letter in await self._jobs.dead_letters(user):
            if letter.job.kind == DELIVER_MEMORY and _delivery(letter.job).memory == memory:
                known.add(letter.job.id)
        for job_id in sorted(known):
            await self._jobs.forget(job_id)

    async def _wanted(self, user: UserId, memory: Memory) -> tuple[Job, ...]:
        if memory.discarded:
            return ()
        return tuple(
            Job(
                id=delivery_id(user, plugin.id, memory.id),
                kind=DELIVER_MEMORY,
                user=user,
                payload=msgspec.json.encode(Delivery(plugin.id, memory.id)),
            )
            for plugin in await self._enabled.triggered(user, Trigger.MEMORY_CREATION)
        )

    async def _delivered(self, run: JobRun) -> Message | None:
        """What the plugin says, stored; None for nothing, and where nobody is to be told any more."""
        user = run.job.user
        delivery = _delivery(run.job)
        listening = await self._enabled.triggered(user, Trigger.MEMORY_CREATION)
        plugin = next((plugin for plugin in listening if plugin.id == delivery.plugin), None)
        memory = await self._memory(user, delivery.memory)
        if plugin is None or memory is None:
            return None
        reply = await run.step("tell", lambda: self._tell(run, plugin, memory), returns=PluginReply)
        message = await self._said(run, plugin, reply)
        await self._uses.count(plugin.id, UseKind.DELIVERY, of=memory.id, at=memory.created_at)
        return message

    async def _said(self, run: JobRun, plugin: Plugin, reply: PluginReply) -> Message | None:
        user, memory = run.job.user, _delivery(run.job).memory
        if not reply.message or await self._memory(user, memory) is None:  # deleted meanwhile
            return None
        return await self._replies.keep(user, plugin, reply.message, id=_message_id(run.job.id), memory=memory)

    async def _memory(self, user: UserId, memory_id: MemoryId) -> Memory | None:
        try:
            memory = await self._memories.get(user, memory_id)
        except NotFound:
            return None
        return None if memory.discarded else memory

    async def _tell(self, run: JobRun, plugin: Plugin, memory: Memory) -> PluginReply:
        user, job = run.job.user, run.job
        address = plugin.external.webhook_url if plugin.external else ""
        call = PluginCall(plugin=plugin.id, user=user, address=address, id=job.id.partition(":")[2])
        try:
            return await self._calls.call(plugin.id, user, lambda: self._gateway.tell_memory(call, memory))
        except TemporarilyUnavailable as error:
            if run.attempt >= MOST_ATTEMPTS:
                raise Rejected(f"{error}; {run.attempt} attempts") from error
            raise


class _Awaited:
    """What a plugin says to a delivery that somebody waits for."""

    def __init__(self) -> None:
        self.done = anyio.Event()
        self.message: Message | None = None
        self.is_answered = False
        """Here and now."""


def delivery_id(user: UserId, plugin: PluginId, memory: MemoryId) -> JobId:
    """The id of a delivery: the same for the same three, and nothing can be read from it."""
    named = msgspec.json.encode([user, plugin, memory])
    return JobId(f"{DELIVER_MEMORY}:{hashlib.sha256(named).hexdigest()[:32]}")


def _delivery(job: Job) -> Delivery:
    return msgspec.json.decode(job.payload, type=Delivery)


def _message_id(job_id: JobId) -> str:
    """A message that is stored twice, because of a crash in between, is there once."""
    return f"plugin-{job_id.partition(':')[2]}"
