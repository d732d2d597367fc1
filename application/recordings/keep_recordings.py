"""The audio of conversations, kept for those who allowed it."""

from collections.abc import AsyncIterator, Iterable

from msgspec import Struct, structs

from application.memories.pages import every_memory
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.errors import BusinessError
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.errors import NotFound
from ports.key_value_store import KeyValueStore
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore
from ports.recording_decoder import RecordingDecoder
from ports.recording_encoder import RecordingEncoder

PART = 600 * SAMPLE_RATE
"""Samples of the longest file: no more than ten minutes are in memory at once."""
LONGEST_ORIGINAL = 2 * 3_600.0
"""Seconds of a recording that the original backend left."""
FOLDER = "recordings/"


class KeepRecordings:
    """Keeps, gives out and removes the audio of conversations. Nothing is kept of who did not allow it."""

    def __init__(
        self,
        *,
        objects: ObjectStore,
        values: KeyValueStore,
        memories: MemoryRepository,
        files: RecordingEncoder,
        decoder: RecordingDecoder,
    ) -> None:
        self._objects = objects
        self._values = values
        self._memories = memories
        self._files = files
        self._decoder = decoder

    async def is_permitted(self, user: UserId) -> bool:
        """Whether a user allowed that recordings are kept; nobody did who was not asked."""
        return await self._values.get(_permission(user)) is not None

    async def permit(self, user: UserId) -> None:
        """From now on, recordings are kept."""
        await self._values.put(_permission(user), b"1")

    async def forbid(self, user: UserId) -> None:
        """From now on, no recordings are kept. Those that are there stay; `wipe` removes them."""
        await self._values.delete(_permission(user))

    async def wipe(self, user: UserId) -> None:
        """Takes the permission back and removes every recording there is."""
        await self.forbid(user)
        for key in await self._objects.list(user):
            if key.startswith(FOLDER) or _is_original(key):
                await self._objects.delete(user, key)
        async for memory in every_memory(self._memories, user):
            if memory.has_recording:
                await self._mark(user, memory.id)

    async def keep(self, user: UserId, memory: MemoryId, frames: AsyncIterator[AudioFrame]) -> bool:
        """Keeps the audio of a conversation, where its user allowed it.

        May be called again, after a crash too: what is kept afterwards is what the last call was given.

        Args:
            user: who spoke.
            memory: the memory of the conversation. Its `has_recording` is the caller's to set.
            frames: in order of time, on the clock of the memory. Between them may be gaps; they become silence.

        Returns:
            Whether anything is kept now.

        Raises:
            TemporarilyUnavailable: not kept, or in part.
        """
        if not await self.is_permitted(user):
            return False
        earlier = set(await self._parts(user, memory))
        kept: set[int] = set()
        async for part in _parted(frames):
            await self._objects.put(user, _key(memory, part.start), await self._files.flac(part.pcm))
            kept.add(part.start)
        for start in earlier - kept:
            await self._objects.delete(user, _key(memory, start))
        if not await self.is_permitted(user):  # it was taken back meanwhile
            await self.delete(user, memory)
            return False
        return bool(kept)

    async def read(self, user: UserId, memory: MemoryId, *, start: int, end: int) -> AudioFrame | None:
        """The audio of a stretch of a conversation; None where none is kept.

        Args:
            user: who spoke.
            memory: the memory of the conversation.
            start: samples, on the clock of the memory.
            end: the first sample behind.

        Raises:
            TemporarilyUnavailable: not read.
        """
        starts = await self._parts(user, memory)
        if not starts:
            whole = await self._original(user, memory)
            return whole.between(start, end) if whole else None
        pieces = [
            piece
            for first in starts
            if first < end and first + PART > start and (piece := await self._piece(user, memory, first, start, end))
        ]
        return _joined(pieces) if pieces else None

    async def has(self, user: UserId, memory: MemoryId) -> bool:
        """Whether audio of a conversation is kept."""
        if await self._parts(user, memory):
            return True
        original = _original_key(memory)
        return original is not None and original in await self._objects.list(user, original)

    async def delete(self, user: UserId, memory: MemoryId) -> None:
        """Removes the audio of a conversation; nothing happens when there is none."""
        for start in await self._parts(user, memory):
            await self._objects.delete(user, _key(memory, start))
        key = _original_key(memory)
        if key is not None:
            await self._objects.delete(user, key)

    async def _piece(self, user: UserId, memory: MemoryId, first: int, start: int, end: int) -> AudioFrame | None:
        try:
            content = await self._objects.get(user, _key(memory, first))
        except NotFound:  # removed meanwhile
            return None
        part = await self._decoder.decode(content, longest=PART / SAMPLE_RATE + 1)
        return AudioFrame(first, part.pcm).between(start, end)

    async def _original(self, user: UserId, memory: MemoryId) -> AudioFrame | None:
        key = _original_key(memory)
        if key is None:
            return None
        try:
            content = await self._objects.get(user, key)
            return AudioFrame(0, (await self._decoder.decode(content, longest=LONGEST_ORIGINAL)).pcm)
        except (NotFound, BusinessError):
            return None

    async def _parts(self, user: UserId, memory: MemoryId) -> tuple[int, ...]:
        """Where the parts of a recording start, in order."""
        prefix = f"{FOLDER}{memory}/"
        names = (key.removeprefix(prefix) for key in await self._objects.list(user, prefix))
        return tuple(sorted(int(number) for name in names if _is_number(number := name.removesuffix(".flac"))))

    async def _mark(self, user: UserId, memory: MemoryId) -> None:
        try:
            await self._memories.update(user, memory, _without_recording)
        except NotFound:
            return


class _Part(Struct):
    """A file that grows."""

    start: int
    pcm: bytearray

    @property
    def end(self) -> int:
        return self.start + len(self.pcm) // SAMPLE_BYTES

    def take(self, frame: AudioFrame) -> None:
        self.pcm += bytes((frame.start - self.end) * SAMPLE_BYTES) + frame.pcm

    def frame(self) -> AudioFrame:
        return AudioFrame(self.start, bytes(self.pcm))


async def _parted(frames: AsyncIterator[AudioFrame]) -> AsyncIterator[AudioFrame]:
    """The frames in files of at most `PART`. Of audio that comes twice, the first is kept."""
    part: _Part | None = None
    async for frame in frames:
        rest: AudioFrame | None = frame
        while rest is not None:
            part = part or _Part(max(0, rest.start), bytearray())
            limit = part.start + PART
            if (now := rest.between(part.end, limit)) is not None:
                part.take(now)
            rest = rest.between(limit, rest.end)
            if rest is not None:
                yield part.frame()
                part = None
    if part is not None and part.pcm:
        yield part.frame()


def _joined(pieces: Iterable[AudioFrame]) -> AudioFrame:
    """One frame from the first to the last, with silence between."""
    joined: _Part | None = None
    for piece in pieces:
        if joined is None:
            joined = _Part(piece.start, bytearray())
        if (rest := piece.between(joined.end, piece.end)) is not None:
            joined.take(rest)
    return joined.frame() if joined else AudioFrame(0, b"")


def _without_recording(memory: Memory) -> Memory:
    return structs.replace(memory, has_recording=False)


def _permission(user: UserId) -> str:
    return f"users:{user}:store_recording_permission"


def _key(memory: MemoryId, start: int) -> str:
    return f"{FOLDER}{memory}/{start}.flac"


def _original_key(memory: MemoryId) -> str | None:
    """Where the original backend put a recording; None for what cannot be one of its memories."""
    return None if "/" in memory or memory == "speech_profile" else f"{memory}.wav"


def _is_original(key: str) -> bool:
    return key.endswith(".wav") and _original_key(MemoryId(key.removesuffix(".wav"))) is not None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
