"""When a conversation has ended, and whether it is worth keeping."""

from datetime import datetime, timedelta

from msgspec import Struct, structs

from domain.audio import SAMPLE_RATE, samples

SHORTEST_ASKED, LONGEST_ASKED = 120.0, 14_400.0
"""Bounds, in seconds, of the silence that a client may ask for: four hours stand for "never"."""


class ConversationRules(Struct, frozen=True, kw_only=True):
    """What divides one conversation from the next."""

    silence_seconds: float = 120.0
    """Silence after which a conversation has ended."""
    unheard_seconds: float = 600.0
    """After the end, how long audio that no recognizer could hear yet is waited for. Then the memory is made without
    it, and completed later."""
    fewest_words: int = 1
    """Conversations with fewer words are not kept."""

    def patient(self, silence: float | None) -> "ConversationRules":
        """The rules for a conversation whose client asked for a silence, in seconds: it may lengthen it only."""
        if silence is None or silence <= self.silence_seconds:
            return self
        return structs.replace(self, silence_seconds=silence)

    def has_ended(self, *, last_spoken: int, now: int) -> bool:
        """Whether the silence since a position has been long enough."""
        return now - last_spoken >= samples(self.silence_seconds)

    def has_waited_enough(self, *, end: int, now: int) -> bool:
        """Whether a memory has to do without what nobody has heard since the end of the audio."""
        return now - end >= samples(self.silence_seconds + self.unheard_seconds)

    def is_worth_keeping(self, word_count: int) -> bool:
        """Whether a memory is made of it."""
        return word_count >= self.fewest_words


def asked_silence(seconds: float) -> float:
    """The silence that is granted to a client, in seconds. Less than the shortest is that; -1 asks for the longest."""
    if seconds == -1:
        return LONGEST_ASKED
    return max(SHORTEST_ASKED, min(seconds, LONGEST_ASKED))  # in this order: what is no number is the shortest


class CaptureEpoch(Struct, frozen=True):
    """Ties the clock of a capture to the clock on the wall."""

    position: int
    """A sample ..."""
    at: datetime
    """... and the moment it was captured. Aware."""

    def when(self, position: int) -> datetime:
        """The moment a sample was captured."""
        return self.at + timedelta(seconds=(position - self.position) / SAMPLE_RATE)

    def position_of(self, moment: datetime) -> int:
        """The sample captured at a moment, as if audio had come without a break."""
        return self.position + samples((moment - self.at).total_seconds())
