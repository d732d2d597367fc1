"""What each recognizer made of a conversation: the transcript that is shown, and those that are not."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from domain.errors import MemoryNotFound
from domain.ids import MemoryId, UserId
from domain.transcript import TranscriptSegment
from ports.errors import NotFound
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore

CLIENT = "client"
"""Stands for the recognizer of what a client transcribed by itself."""
_END = ".json"


class KeptTranscripts:
    """Keeps and gives out transcripts. Only the user whose memory it is gets them."""

    def __init__(self, *, objects: ObjectStore, memories: MemoryRepository) -> None:
        self._objects = objects
        self._memories = memories

    async def keep(self, user: UserId, memory: MemoryId, segments: Sequence[TranscriptSegment]) -> None:
        """Keeps a transcript that is not shown; replaces an earlier one. Raises TemporarilyUnavailable."""
        for recognizer, own in _by_recognizer(segments).items():
            await self._objects.put(user, _key(memory, recognizer), msgspec.json.encode(own))

    async def all(self, user: UserId, memory: MemoryId) -> dict[str, tuple[TranscriptSegment, ...]]:
        """All transcripts of a memory by recognizer, in order of time.

        Raises:
            MemoryNotFound: the user has no such memory.
            TemporarilyUnavailable: not read.
        """
        try:
            shown = (await self._memories.get(user, memory)).segments
        except NotFound as error:
            raise MemoryNotFound("Memory not found") from error
        found = _by_recognizer(shown)
        for key in await self._objects.list(user, _folder(memory)):
            recognizer = key.removeprefix(_folder(memory)).removesuffix(_END)
            try:
                content = await self._objects.get(user, key)
                found[recognizer] = list(msgspec.json.decode(content, type=tuple[TranscriptSegment, ...]))
            except (NotFound, msgspec.MsgspecError):  # removed meanwhile, or damaged
                continue
        return {name: tuple(sorted(own, key=lambda segment: segment.start)) for name, own in found.items()}

    async def forget(self, user: UserId, memory: MemoryId) -> None:
        """Removes what is kept for a memory; nothing happens when there is nothing. Raises TemporarilyUnavailable."""
        for key in await self._objects.list(user, _folder(memory)):
            await self._objects.delete(user, key)


def _by_recognizer(segments: Sequence[TranscriptSegment]) -> dict[str, list[TranscriptSegment]]:
    found: dict[str, list[TranscriptSegment]] = defaultdict(list)
    for segment in segments:
        found[segment.recognizer or CLIENT].append(segment)
    return dict(found)


def _folder(memory: MemoryId) -> str:
    return f"transcripts/{memory}/"


def _key(memory: MemoryId, recognizer: str) -> str:
    return f"{_folder(memory)}{recognizer}{_END}"
