"""What became of what was said to several servers."""

from msgspec import Struct

from benchmarks.shared_journals import SharedJournals, whole_words
from benchmarks.talker import Talker
from benchmarks.words_account import words_account
from domain.watermark import text_of


class Count(Struct, frozen=True, kw_only=True):
    """Sums over users. `wrong` is what ought to be 0."""

    sent: int = 0
    """Packets of speech."""
    in_flight: int = 0
    """Of these, those that no server has written down."""
    words: int = 0
    """Whole words among what was received."""
    words_lost: int = 0
    words_doubled: int = 0
    words_foreign: int = 0
    words_misplaced: int = 0
    told_lost: int = 0
    memories: int = 0
    memories_lost: int = 0
    memories_doubled: int = 0
    """That no conversation became."""

    def __add__(self, other: "Count") -> "Count":
        return Count(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})

    @property
    def wrong(self) -> int:
        """Everything that ought to be 0."""
        good = ("sent", "in_flight", "words", "memories")
        return sum(getattr(self, name) for name in self.__struct_fields__ if name not in good)


def counted(talker: Talker, memories: dict[str, list[str]], journals: SharedJournals) -> Count:
    """Compares what the servers wrote down of a talker to the memories there are: words by identifier."""
    received = journals.received(talker.user)
    sent = {packet for life in talker.lives for packet in life.sent if packet >= 0}
    known = {name for name, journal in journals.journals.items() if journal.user == talker.user}
    return Count(
        sent=len(sent),
        in_flight=len(sent - received),
        **words_account(memories, talker, received=whole_words(received)),
        memories=len(memories),
        memories_lost=len(missing(journals.conversations(talker.user), memories)),
        memories_doubled=len(memories.keys() - known),
    )


def missing(conversations: dict[str, set[int]], memories: dict[str, list[str]]) -> set[str]:
    """Conversations without a memory, in which something was said that none has."""
    heard = {word for words in memories.values() for word in words}
    return {
        conversation
        for conversation, words in conversations.items()
        if conversation not in memories and not heard.issuperset(map(text_of, words))
    }
