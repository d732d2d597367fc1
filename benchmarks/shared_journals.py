"""What servers have written down together: read from Redis while they talk, each byte once."""

import msgspec
from redis.asyncio import Redis

from adapters.outbound.capture_journal.journal_format import RecordDecoder
from adapters.outbound.capture_journal.redis_scripts import CHUNK
from adapters.outbound.conversation_leases.redis_scripts import PREFIX
from application.listening.conversation_records import Opened
from benchmarks.talker import PACKET, PLACES, SILENT, packet_of, payload
from ports.capture_journal import JournalRecord, RecordKind


class SharedJournal:
    """A journal that grows between two looks."""

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        self.user = ""
        self.packets: set[int] = set()
        """Those of speech."""
        self.at = 0
        """Bytes that were read."""
        self._decoder = RecordDecoder()

    @property
    def words(self) -> set[int]:
        """Numbers of the words of which any packet is there."""
        return {packet // PLACES for packet in self.packets}

    def take(self, content: bytes) -> None:
        """More of it."""
        self.at += len(content)
        for record in self._decoder.feed(content):
            self._take(record)

    def _take(self, record: JournalRecord) -> None:
        if record.kind is RecordKind.OPENED:
            self.user = msgspec.json.decode(record.payload, type=Opened).user
        elif record.kind is RecordKind.PACKET and len(record.payload) == PACKET:  # else it was held: it came before
            packet = _packet_of(record.payload)
            if packet != SILENT:
                self.packets.add(packet)


class SharedJournals:
    """All there have been."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url)
        self.journals: dict[str, SharedJournal] = {}

    async def look(self) -> None:
        """Reads what is new."""
        names = [name.decode() for name in await self._redis.zrange(PREFIX + b"journals", 0, -1)]
        async with self._redis.pipeline(transaction=False) as pipeline:
            for name in names:
                at = self.journals.setdefault(name, SharedJournal(name)).at
                pipeline.getrange(f"{PREFIX.decode()}chunk:{name}:{at // CHUNK}", at % CHUNK, CHUNK - 1)
            for name, content in zip(names, await pipeline.execute(), strict=True):
                self.journals[name].take(content)

    def received(self, user: str) -> set[int]:
        """Packets of speech that any server took from a user, and that were not lost with it."""
        return set().union(*(journal.packets for journal in self.journals.values() if journal.user == user))

    def conversations(self, user: str) -> dict[str, set[int]]:
        """Those in which a whole word was received, and the numbers of those words.

        Speech that was not judged yet when its conversation ended belongs to the next.
        """
        found = {
            journal.conversation: whole_words(journal.packets)
            for journal in self.journals.values()
            if journal.user == user
        }
        return {conversation: words for conversation, words in found.items() if words}

    async def close(self) -> None:
        """Lets go of Redis."""
        await self._redis.aclose()


_PACKETS: dict[bytes, int] = {payload(SILENT): SILENT}
"""Packets by what they hold: working that out takes longer than to say it."""


def _packet_of(content: bytes) -> int:
    packet = _PACKETS.get(content)
    if packet is None:
        first = packet_of(content) // PLACES * PLACES
        _PACKETS.update((payload(place), place) for place in range(first, first + PLACES))
        packet = _PACKETS[content]
    return packet


def whole_words(packets: set[int]) -> set[int]:
    """Numbers of the words of which every packet is there."""
    numbers = {packet // PLACES for packet in packets}
    return {number for number in numbers if packets.issuperset(range(number * PLACES, (number + 1) * PLACES))}
