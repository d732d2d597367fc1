"""Conversations that can be told apart: what each says, and what has to become of it."""

import random
from datetime import datetime, timedelta

from msgspec import Struct

from application.listening.conversation_records import Connected, Disconnected, Finished, Opened
from application.listening.live_conversation import LiveConversation
from domain.audio import SAMPLE_RATE, AudioFormat, Codec
from domain.conversation import CaptureEpoch
from domain.ids import ConversationId, MemoryId, UserId
from domain.recognition import FinalWords
from domain.transcript import Word
from ports.capture_journal import CaptureJournal

PCM = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)
WORDS = 6
PACKET = bytes(1_280)
"""40 ms of silence: a few KB of journal for a conversation."""
PACKETS = 5
SYLLABLES = ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "zu", "ka")
EVERY_SHARED = 10
"""So many conversations of a user tell the same fact."""


class Talk(Struct, frozen=True, kw_only=True):
    """A conversation."""

    number: int
    user: UserId
    conversation: ConversationId
    words: tuple[str, ...]
    """Nobody else says the first one."""
    fact: str
    """What can be learned from it; several conversations of a user tell some of them. Empty for none."""

    @property
    def memory(self) -> MemoryId:
        """The memory that it becomes."""
        return MemoryId(self.conversation)

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(self.words)


def talks(count: int, *, users: int, seed: int, first: int = 0) -> list[Talk]:
    """Conversations by several users."""
    return [_talk(number, users=users, seed=seed) for number in range(first, first + count)]


def _talk(number: int, *, users: int, seed: int) -> Talk:
    chance, owner = random.Random(f"{seed} {number}"), number % users
    words = (f"{_made_up(chance)}{number}", *(_made_up(chance) for _ in range(WORDS - 1)))
    group = number // users // EVERY_SHARED
    fact = ""
    if number // users % EVERY_SHARED == 0:
        fact = _sentence(random.Random(f"{seed} fact {number}"))
    elif number // users % 3 == 1:
        fact = _sentence(random.Random(f"{seed} shared {owner} {group}"))
    return Talk(
        number=number,
        user=UserId(f"user{owner}"),
        conversation=ConversationId(f"{number:08x}-talk-{chance.getrandbits(32):08x}"),
        words=words,
        fact=fact,
    )


def _made_up(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=4))


def _sentence(chance: random.Random) -> str:
    return " ".join(_made_up(chance) for _ in range(5)).capitalize()


def record(journal: CaptureJournal, talk: Talk, *, at: datetime) -> None:
    """Writes the journal of a conversation that has ended."""
    at += timedelta(seconds=talk.number % 3_600)
    opened = Opened(user=talk.user, epoch=CaptureEpoch(0, at))
    live = LiveConversation.begin(talk.conversation, opened, journal=journal.open(talk.conversation))
    live.note(Connected(audio=PCM, position=0))
    for _ in range(PACKETS):
        live.record(PACKET)
    end = PACKETS * len(PACKET) // 2
    live.ledger.capture(end)
    live.ledger.send(0, end)
    length = end // WORDS
    said = tuple(Word(text, place * length, (place + 1) * length) for place, text in enumerate(talk.words))
    live.hear(FinalWords(said, end, "fake"))
    live.note(Disconnected(at=at, ended=end))
    live.note(Finished(at=at, coverage=live.coverage()))
    live.require_storage()
    live.close()
