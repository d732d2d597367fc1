"""What a talker said, what the server had received of it, and what became of that."""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from benchmarks.journal_reader import JournalFile
from benchmarks.talker import PLACES, SILENT, Life, Talker
from benchmarks.words_account import words_account


class Losses(Struct, frozen=True, kw_only=True):
    """Sums over kills and talkers. `total` is what ought to be 0."""

    packets: int = 0
    """Received by the server."""
    in_flight: int = 0
    """Sent, but not received before the process was gone: lost with the connection."""
    waiting: int = 0
    """Sent on a connection that the server had not taken up yet: it was still restoring that user's conversation."""
    words: int = 0
    """Whole words among the packets that were received."""
    packets_lost: int = 0
    """Not in the journal, though the client had been quiet and the server had had the time to read them."""
    packets_wrong: int = 0
    """Connections whose packets are in the journal in another order, or not as they were sent."""
    words_lost: int = 0
    words_doubled: int = 0
    words_foreign: int = 0
    """Words that this user never said."""
    words_misplaced: int = 0
    """Not in the order they were said."""
    told_lost: int = 0
    """Words that the client was told and that no memory has."""
    memories: int = 0
    memories_missing: int = 0
    memories_too_many: int = 0

    def __add__(self, other: "Losses") -> "Losses":
        return Losses(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})

    @property
    def total(self) -> int:
        """Everything that ought to be 0."""
        good = ("packets", "in_flight", "waiting", "words", "memories")
        return sum(getattr(self, name) for name in self.__struct_fields__ if name not in good)


def at_kill(talker: Talker, journals: Sequence[JournalFile], *, quiet: bool) -> Losses:
    """Compares what the talker's last connection sent to what the journals hold; forgets what never arrived."""
    if not talker.lives or talker.lives[-1].settled:
        return Losses()
    life = talker.lives[-1]
    life.settled = True
    found, is_whole = _last_connection([journal for journal in journals if journal.user == talker.user], life)
    if not found and is_whole:
        missing, life.sent = len(life.sent), []
        return Losses(waiting=missing)
    start = _offset(found, life)
    received = min(start + len(found), len(life.sent))
    wrong = int(found != life.sent[start:received])
    missing = len(life.sent) - received
    del life.sent[received:]
    lost, in_flight = (missing, 0) if quiet else (0, missing)
    return Losses(packets=received, in_flight=in_flight, packets_lost=lost, packets_wrong=wrong)


def _last_connection(journals: Sequence[JournalFile], life: Life) -> tuple[list[int], bool]:
    """The packets of a life that are in a journal, and whether its first ones are: they may be a memory already."""
    found: list[int] = []
    is_whole = True
    for connection in reversed([connection for journal in journals for connection in journal.connections]):
        found = connection.packets + found
        is_whole = not connection.goes_on
        if is_whole:
            break
    spoken = next((packet for packet in found if packet != SILENT), None)
    return (found, is_whole) if spoken is None or spoken in life.sent else ([], True)


def _offset(found: list[int], life: Life) -> int:
    """Where in what was sent the packets that were found begin.

    Silence alone tells nothing of that. It is at the beginning, unless the conversation before was ended: then it
    is behind the end that was asked for, as far as anybody can know.
    """
    place = next((place for place, packet in enumerate(found) if packet != SILENT), None)
    if place is not None:
        return life.sent.index(found[place]) - place
    return life.ended_at


def with_words(journals: Iterable[JournalFile], user: str) -> set[str]:
    """A user's conversations in which at least one whole word was received."""
    return {
        journal.conversation
        for journal in journals
        if journal.user == user and any(_whole(connection.packets) for connection in journal.connections)
    }


def at_end(talker: Talker, memories: dict[str, list[str]], conversations: set[str]) -> Losses:
    """Compares what was received of a talker to the memories there are: words by identifier."""
    whole = [number for life in talker.lives for number in _whole(life.sent)]
    return Losses(
        **words_account(memories, talker, received=whole),
        memories=len(memories),
        memories_missing=len(conversations - memories.keys()),
        memories_too_many=len(memories.keys() - conversations),
    )


def _whole(packets: Sequence[int]) -> list[int]:
    """Numbers of the words of which every packet is there."""
    count = Counter(packet // PLACES for packet in packets if packet != SILENT)
    return [number for number, places in count.items() if places == PLACES]
