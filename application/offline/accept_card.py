"""A recording from the card of a device is taken: safe from here on. What it became is waited for, for a while."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from itertools import count

import anyio
import msgspec
from msgspec import Struct

from application.offline.accept_files import AHEAD, EARLIEST, FOLDER, LOOK_SECONDS, PATIENCE, Synced, result_key
from application.offline.place_speech import own_memory
from domain.ids import JobId, UserId
from domain.memory import Memory
from domain.offline_errors import NotACaptureFile
from ports.clock import Clock
from ports.errors import NotFound
from ports.job_queue import Job, JobQueue
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore
from ports.recording_decoder import RecordingDecoder

HEAR_CARD = "hear_card"
"""Kind of the job that hears one."""
LONGEST = 2 * 3_600.0
"""Seconds."""


class Card(Struct, frozen=True, kw_only=True):
    """What a `hear_card` job is told."""

    name: str
    """The same for the same recording of the same moment."""
    key: str
    """Where the object store has it."""
    started_at: datetime


class AcceptCard:
    """Takes recordings, once for the same one."""

    def __init__(
        self,
        *,
        objects: ObjectStore,
        jobs: JobQueue,
        memories: MemoryRepository,
        decoder: RecordingDecoder,
        clock: Clock,
        patience: float = PATIENCE,
    ) -> None:
        self._objects = objects
        self._jobs = jobs
        self._memories = memories
        self._decoder = decoder
        self._clock = clock
        self._patience = patience

    async def accept(self, user: UserId, content: bytes, *, started_at: datetime) -> tuple[Memory, ...]:
        """Takes a recording and waits for its memories, in order; those that are there, where the wait is over.

        Args:
            user: whose it is.
            content: a file, as `RecordingDecoder` reads it.
            started_at: when it begins. Aware.

        Raises:
            NotACaptureFile: it cannot have been recorded then; it was not taken.
            NotARecording, RecordingEmpty, RecordingTooLarge: it cannot be heard; it was not taken.
            TemporarilyUnavailable: it was not taken.
        """
        if not EARLIEST <= started_at <= self._clock.now() + AHEAD:
            raise NotACaptureFile(f"date_time: nothing can have been recorded at {started_at.isoformat()}")
        await self._decoder.decode(content, longest=LONGEST)
        name = hashlib.sha256(started_at.isoformat().encode() + b"\n" + content).hexdigest()[:32]
        job = JobId(f"{HEAR_CARD}:{user}:{name}")
        result = await self._result(user, name)
        if result is None:
            await self._take(user, job, Card(name=name, key=f"{FOLDER}{name}.card", started_at=started_at), content)
            with anyio.move_on_after(self._patience):
                while (result := await self._result(user, name)) is None:
                    await anyio.sleep(LOOK_SECONDS)
        if result is not None:
            return await self._memories.several(user, result.created)  # without those that the user deleted
        return tuple([memory async for memory in self._so_far(user, job)])

    async def _result(self, user: UserId, name: str) -> Synced | None:
        with suppress(NotFound):
            return msgspec.json.decode(await self._objects.get(user, result_key(name)), type=Synced)
        return None

    async def _take(self, user: UserId, name: JobId, card: Card, content: bytes) -> None:
        await self._objects.put(user, card.key, content)
        job = Job(id=name, kind=HEAR_CARD, user=user, payload=msgspec.json.encode(card))
        if not await self._jobs.enqueue(job):
            await self._jobs.revive(name)  # where it was given up, the user tries it once more

    async def _so_far(self, user: UserId, job: JobId) -> AsyncIterator[Memory]:
        """What it became by now: the memories of its first conversations."""
        with suppress(NotFound):
            for number in count():
                yield await self._memories.get(user, own_memory(job, number))
