"""Memories that did not reach a plugin, for the user to see and to send again."""

from datetime import datetime

import msgspec
from msgspec import Struct

from application.memories.deliver_memories import DELIVER_MEMORY, Delivery
from domain.ids import JobId, MemoryId, PluginId, UserId
from ports.errors import NotFound
from ports.job_queue import DeadLetter, JobQueue


class FailedDelivery(Struct, frozen=True, kw_only=True):
    """A delivery that was given up."""

    id: str
    plugin_id: PluginId
    memory_id: MemoryId
    attempts: int
    reason: str
    """What the plugin did, in a few words: no answer in time, an error, a redirect."""
    failed_at: datetime


class FailedDeliveries:
    """The dead letters of one user at a time."""

    def __init__(self, *, jobs: JobQueue) -> None:
        self._jobs = jobs

    async def list(self, user: UserId) -> tuple[FailedDelivery, ...]:
        """All that was given up, newest first."""
        letters = await self._jobs.dead_letters(user)
        return tuple(_failed(letter) for letter in letters if letter.job.kind == DELIVER_MEMORY)

    async def resend(self, user: UserId, delivery: str) -> None:
        """Takes a delivery up again, with all its attempts.

        Raises:
            NotFound: the user has no such delivery that was given up.
        """
        known = {failed.id for failed in await self.list(user)}
        if delivery not in known or not await self._jobs.revive(JobId(f"{DELIVER_MEMORY}:{delivery}")):
            raise NotFound("there is no such delivery")


def _failed(letter: DeadLetter) -> FailedDelivery:
    delivery = msgspec.json.decode(letter.job.payload, type=Delivery)
    return FailedDelivery(
        id=letter.job.id.partition(":")[2],
        plugin_id=delivery.plugin,
        memory_id=delivery.memory,
        attempts=letter.attempts,
        reason=letter.reason,
        failed_at=letter.died_at,
    )
