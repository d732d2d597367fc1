"""What a server took before it was killed, and others went on without, is handed in as speech that comes late."""

from collections.abc import AsyncIterator, Iterable
from contextlib import suppress

import msgspec

from application.listening.conversation_records import PACKETS, Opened, decoded
from application.listening.replay_journal import audio
from application.memories.deleted_memories import DeletedMemories
from application.offline.accept_files import AcceptFiles, OfflineFile
from application.offline.capture_files import framed
from application.users.erased_users import ErasedUsers
from domain.audio import SAMPLE_RATE, AudioFormat, AudioFrame, Codec, samples
from domain.errors import BusinessError
from domain.ids import ConversationId, MemoryId
from domain.spans import Span, common, union, without
from ports.audio_decoder import AudioDecoder
from ports.capture_journal import JournalRecord
from ports.clock import Clock
from ports.errors import AdapterError, NotFound
from ports.left_behind import LeftBehind, LeftJournals, LeftRecord

LOOK_SECONDS = 5.0
AROUND = samples(1.0)
"""Of what others have, too: a recognizer needs to hear how a word begins."""
LONGEST_FILE = samples(600)
SHORTEST_SECONDS = 0.05
"""A tail is what came between two moments, and may hold no more than the end of a word."""

_PCM = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)


class HandInLeftBehind:
    """Hands in what nobody else has, once; then it is no longer kept here."""

    def __init__(
        self,
        *,
        left: LeftJournals,
        accept: AcceptFiles,
        audio_decoder: AudioDecoder,
        erased: ErasedUsers,
        deleted: DeletedMemories,
        clock: Clock,
    ) -> None:
        self._left = left
        self._accept = accept
        self._decoder = audio_decoder
        self._erased = erased
        self._deleted = deleted
        self._clock = clock
        self.refused: dict[str, str] = {}
        """What cannot be handed in, and why. It is kept, and tried again after the next start."""

    async def run(self) -> None:
        """Looks for it until cancelled."""
        while True:
            with suppress(AdapterError):
                await self.look()
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Hands in what there is. What fails for now is tried again. Raises TemporarilyUnavailable."""
        for one in await self._left.found():
            if one.name in self.refused:
                continue
            try:
                await self._hand_in(one)
            except (msgspec.MsgspecError, BusinessError, ValueError) as error:
                self.refused[one.name] = str(error)
            except AdapterError:
                continue

    async def _hand_in(self, one: LeftBehind) -> None:
        records: list[LeftRecord] = []
        with suppress(NotFound):  # the keys of its user are gone: so is what they sealed
            records = [record async for record in self._left.read(one)]
        first = decoded(records[0].record) if records else None
        if isinstance(first, Opened):
            frames = await self._own_audio(one.conversation, records)
            end = first.epoch.when(max((frame.end for frame in frames), default=first.epoch.position))
            memory = MemoryId(one.conversation)
            is_gone = await self._erased.since(first.user, end) or await self._deleted.has(first.user, memory)
            if frames and not is_gone:
                await self._accept.accept(first.user, _files(first, frames), part_of=memory)
        await self._left.remove(one)

    async def _own_audio(self, conversation: ConversationId, records: list[LeftRecord]) -> list[AudioFrame]:
        """What this server has alone, with a little of what comes before it."""
        whole = _Journal(left.record for left in records)
        # all corrections count: some say where audio lies that others have, too
        shared = _Journal(left.record for left in records if left.is_shared or left.record.kind not in PACKETS)
        known = [(frame.start, frame.end) async for frame in audio(shared, conversation, decoder=self._decoder)]
        frames = [frame async for frame in audio(whole, conversation, decoder=self._decoder)]
        everything = union((frame.start, frame.end) for frame in frames)
        own = without(everything, union(known))
        wanted = common(everything, union((start - AROUND, end) for start, end in own))
        return [part for frame in frames for span in wanted if (part := frame.between(*span)) is not None]


class _Journal:
    """Records as a journal that can be read."""

    def __init__(self, records: Iterable[JournalRecord]) -> None:
        self._records = tuple(records)

    async def read(self, _conversation: ConversationId) -> AsyncIterator[JournalRecord]:
        for record in self._records:
            yield record


def _files(opened: Opened, frames: list[AudioFrame]) -> list[OfflineFile]:
    """The audio as a device would have kept it: a file for each stretch without a gap, of ten minutes at most."""
    return [
        OfflineFile(started_at=opened.epoch.when(start), audio=_PCM, content=framed(_between(frames, start, end)))
        for start, end in _pieces(union((frame.start, frame.end) for frame in frames))
    ]


def _pieces(spans: Iterable[Span]) -> Iterable[Span]:
    return ((at, min(at + LONGEST_FILE, end)) for start, end in spans for at in range(start, end, LONGEST_FILE))


def _between(frames: Iterable[AudioFrame], start: int, end: int) -> bytes:
    return b"".join(part.pcm for frame in frames if (part := frame.between(start, end)) is not None)
