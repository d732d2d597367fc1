"""The photos of one live session: collected, looked at in batches, told of."""

from collections.abc import Callable

import anyio
from msgspec import Struct

from application.photos.collect_images import CollectImages, ImageChunk
from application.photos.keep_photos import KeepPhotos
from application.photos.see_photos import SeePhotos, Shot
from application.tasks.describe_photos import MOST_PHOTOS
from domain.errors import BusinessError
from domain.ids import MemoryId, UserId, new_id
from domain.photo import LOOK_BACK, Look
from domain.session import PhotoDescribed, PhotoProcessing
from ports.clock import Clock
from ports.errors import AdapterError

MOST_WAITING = 100
"""Photos that wait to be looked at; further ones are refused."""

Tell = Callable[[PhotoProcessing | PhotoDescribed], None]
"""Takes an event for the client; never waits."""


class _Taken(Struct, frozen=True):
    shot: Shot
    memory: MemoryId


class LivePhotos:
    """Takes pieces of pictures without waiting; one task, `run`, looks at what has come meanwhile."""

    def __init__(self, user: UserId, *, see: SeePhotos, keep: KeepPhotos, clock: Clock, tell: Tell) -> None:
        self._user = user
        self._see = see
        self._keep = keep
        self._clock = clock
        self._tell = tell
        self._collected = CollectImages(clock=clock)
        self._put, self._taken = anyio.create_memory_object_stream[_Taken](MOST_WAITING)
        self._looks: tuple[Look, ...] = ()
        self._number = 0
        self._newest: MemoryId | None = None

    def take(self, chunk: ImageChunk, *, memory: MemoryId) -> None:
        """Takes a piece of a picture that belongs to a memory to be. A picture that cannot be taken is told of."""
        try:
            content = self._collected.take(chunk)
        except BusinessError:
            self._tell(PhotoDescribed(chunk.id, "", discarded=True))
            return
        if content is None:
            return
        taken = _Taken(self._shot(content), memory)
        self._newest = memory
        self._tell(PhotoProcessing(chunk.id, taken.shot.id))
        try:
            self._put.send_nowait(taken)
        except (anyio.WouldBlock, anyio.ClosedResourceError, anyio.BrokenResourceError):
            self._tell(PhotoDescribed(taken.shot.id, "", discarded=True))

    def has_taken(self, memory: MemoryId) -> bool:
        """Whether the newest picture belongs to a memory to be."""
        return self._newest == memory

    def finish(self) -> None:
        """Nothing more comes; `run` ends when the rest is looked at."""
        self._put.close()

    async def run(self) -> None:
        """Looks at photos as they come, as many at once as a model takes, until `finish`."""
        with self._taken:
            async for first in self._taken:
                await self._look_at(self._batch(first))

    def _batch(self, first: _Taken) -> list[_Taken]:
        batch = [first]
        while len(batch) < MOST_PHOTOS and batch[-1].memory == first.memory:
            try:
                batch.append(self._taken.receive_nowait())
            except (anyio.WouldBlock, anyio.EndOfStream):
                break
        return batch

    async def _look_at(self, batch: list[_Taken]) -> None:
        for memory in dict.fromkeys(taken.memory for taken in batch):
            shots = [taken.shot for taken in batch if taken.memory == memory]
            try:
                await self._see_and_tell(memory, shots)
            except AdapterError:
                for shot in shots:
                    self._tell(PhotoDescribed(shot.id, "", discarded=True))

    async def _see_and_tell(self, memory: MemoryId, shots: list[Shot]) -> None:
        seen = await self._see.see(self._user, memory, shots, before=self._looks)
        self._looks = (*self._looks, *seen.looks)[-LOOK_BACK:]
        for kept in seen.kept:
            await self._keep.note(self._user, kept)
        for shot, photo in zip(shots, seen.photos, strict=True):
            self._tell(PhotoDescribed(shot.id, photo.description if photo else "", discarded=photo is None))

    def _shot(self, content: bytes) -> Shot:
        now = self._clock.now()
        self._number = max(self._number + 1, int(now.timestamp() * 1_000_000))
        return Shot(content=content, number=self._number, taken_at=now, id=new_id())
