"""What the rules of conversations say at this moment."""

from application.listening.live_conversation import LiveConversation
from domain.audio import SAMPLE_RATE
from domain.conversation import ConversationRules
from ports.clock import Clock

STALLED = SAMPLE_RATE
"""Samples that a connection must be behind before a newer one may take its conversation over."""


class ConversationClock:
    """Judges conversations by their silence, and by how far they are behind."""

    def __init__(self, rules: ConversationRules, *, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock

    def has_ended(self, live: LiveConversation) -> bool:
        """Whether the silence has been long enough, and everything said before has been heard."""
        return not live.ledger.pending() and not live.is_unheard and self._is_silent(live, since=live.last_spoken)

    def is_over(self, live: LiveConversation) -> bool:
        """Whether a new connection begins another one. What nobody has heard yet may be speech to its end."""
        since = live.last_spoken if live.is_heard or live.is_connected else live.ledger.end
        return live.is_ended or self._is_silent(live, since=since)

    def is_done(self, live: LiveConversation) -> bool:
        """Whether it can be finished: nobody is there, all was heard, and nobody will come back."""
        idle = not live.is_connected and live.is_heard and (live.given_up.is_set() or not live.is_recovering)
        return idle and (live.is_ended or self._is_silent(live, since=live.last_spoken))

    def must_do_without(self, live: LiveConversation) -> bool:
        """Whether its memory is made now, although part of it could not be heard. Without words it can wait."""
        if live.is_connected or live.is_heard or not self._rules.is_worth_keeping(live.transcript.word_count):
            return False
        return self._rules.patient(live.silence).has_waited_enough(end=live.ledger.end, now=self._position(live))

    def is_stalled(self, live: LiveConversation) -> bool:
        """Whether its connection has not been heard of for long."""
        return self._position(live) - live.ledger.end >= STALLED

    def _is_silent(self, live: LiveConversation, *, since: int) -> bool:
        now = max(self._position(live), live.ledger.end)
        return self._rules.patient(live.silence).has_ended(last_spoken=since, now=now)

    def _position(self, live: LiveConversation) -> int:
        return live.opened.epoch.position_of(self._clock.now())
