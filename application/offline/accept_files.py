"""Files of a device are taken: safe from here on, whatever crashes. What becomes of them is told when it is known."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import anyio
import msgspec
from msgspec import Struct

from application.offline.capture_files import CaptureFile, packets_of
from domain.audio import AudioFormat
from domain.ids import JobId, MemoryId, UserId
from domain.offline_errors import NotACaptureFile
from ports.audio_decoder import AudioDecoder
from ports.clock import Clock
from ports.errors import NotFound
from ports.job_queue import Job, JobQueue
from ports.object_store import ObjectStore

SYNC_FILES = "sync_files"
"""Kind of the job that hears them."""
FOLDER = "offline/"
PATIENCE = 25.0
"""Seconds that the memories are waited for. The files are safe all the same."""
LOOK_SECONDS = 0.5
SHORTEST = 1.0
"""Seconds."""
EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
"""No device of the kind is older. One whose clock was never set believes that it is 1970."""
AHEAD = timedelta(days=1)
"""So far may the clock of a device be ahead of ours."""


class OfflineFile(Struct, frozen=True, kw_only=True):
    """A file as it came."""

    started_at: datetime
    audio: AudioFormat
    content: bytes
    name: str = ""
    """What whoever sends it calls it; empty for what nobody waits for."""


class Upload(Struct, frozen=True, kw_only=True):
    """What a `sync_files` job is told."""

    name: str
    """The same for the same files."""
    files: tuple[CaptureFile, ...]
    part_of: MemoryId | None = None
    """The memory of the conversation that they are a part of, where that is known: gone with it."""
    shortest: float = SHORTEST
    """Seconds of new audio, and of speech in it; less is not worth it."""


class Synced(Struct, frozen=True, kw_only=True):
    """What became of files."""

    created: tuple[MemoryId, ...] = ()
    updated: tuple[MemoryId, ...] = ()


class AcceptFiles:
    """Takes files, once for the same ones."""

    def __init__(
        self,
        *,
        objects: ObjectStore,
        jobs: JobQueue,
        decoder: AudioDecoder,
        clock: Clock,
        patience: float = PATIENCE,
        shortest: float = SHORTEST,
    ) -> None:
        self._objects = objects
        self._jobs = jobs
        self._decoder = decoder
        self._clock = clock
        self._patience = patience
        self._shortest = shortest

    async def accept(self, user: UserId, files: Sequence[OfflineFile], *, part_of: MemoryId | None = None) -> Synced:
        """Takes files and waits for a while for what becomes of them; nothing is known of it yet where that is over.

        Args:
            user: who recorded them.
            files: in any order.
            part_of: the memory of the conversation that they are a part of, where that is known.

        Raises:
            NotACaptureFile: time or content of one is not what it has to be; none was taken.
            UnsupportedAudio: nobody can decode one; none was taken.
            TemporarilyUnavailable: they were not taken.
        """
        for file in files:
            if not EARLIEST <= file.started_at <= self._clock.now() + AHEAD:
                raise NotACaptureFile(f"it says that it was recorded at {file.started_at.isoformat()}, which cannot be")
            self._decoder.open_stream(file.audio)
            packets_of(file.content)
        own = {_digest(file): file for file in files}
        name = hashlib.sha256("".join(sorted(own)).encode()).hexdigest()[:32]
        result = await self.result(user, name)
        if result is not None or not own:
            return result or Synced()
        await self._take(user, name, own, part_of=part_of)
        with anyio.move_on_after(self._patience):
            while (result := await self.result(user, name)) is None:
                await anyio.sleep(LOOK_SECONDS)
        return result or Synced()

    async def result(self, user: UserId, name: str) -> Synced | None:
        """What became of an upload; None where it is not known yet. Raises TemporarilyUnavailable."""
        with suppress(NotFound):
            return msgspec.json.decode(await self._objects.get(user, result_key(name)), type=Synced)
        return None

    async def _take(self, user: UserId, name: str, files: dict[str, OfflineFile], *, part_of: MemoryId | None) -> None:
        taken = []
        for digest, file in files.items():
            key = f"{FOLDER}{name}/{digest}.bin"
            await self._objects.put(user, key, file.content)
            taken.append(CaptureFile(key=key, name=file.name, started_at=file.started_at, audio=file.audio))
        upload = Upload(name=name, files=tuple(taken), part_of=part_of, shortest=self._shortest)
        payload = msgspec.json.encode(upload)
        job = Job(id=JobId(f"{SYNC_FILES}:{user}:{name}"), kind=SYNC_FILES, user=user, payload=payload)
        if not await self._jobs.enqueue(job):
            await self._jobs.revive(job.id)  # where it was given up, the user tries it once more


def result_key(name: str) -> str:
    """Where the object store has what became of an upload."""
    return f"{FOLDER}{name}.json"


def _digest(file: OfflineFile) -> str:
    """The same for the same audio of the same moment."""
    about = f"{file.started_at.isoformat()} {file.audio.codec} {file.audio.sample_rate} {file.audio.channels}"
    return hashlib.sha256(about.encode() + b"\n" + file.content).hexdigest()[:32]
