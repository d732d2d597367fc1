"""What a session hears: final words to the conversation that they belong to, and to whoever is to be told."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from msgspec import structs

from application.listening.live_conversation import LiveConversation
from application.listening.live_identification import LiveIdentification
from application.listening.session_account import SessionAccount
from domain.audio import SAMPLE_RATE
from domain.ids import ConversationId, UserId
from domain.ledger import Fate
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.session import (
    ConversationStarted,
    InterimHeard,
    SegmentsTranslated,
    SessionEvent,
    SessionRequest,
    StatusChanged,
    TranscriptGrew,
)
from domain.transcript import TranscriptChange, TranscriptSegment, moved

TOLD_AGAIN = 600 * SAMPLE_RATE
"""How far back a client that comes back is told what was said."""


class LiveListener(Protocol):
    """Hears along: plugins do. Neither call waits or raises."""

    def offer(self, user: UserId, session: str, segments: Sequence[TranscriptSegment]) -> None:
        """New words, on the clock of their conversation."""
        ...

    def wants_audio(self, user: UserId, session: str) -> bool:
        """Whether audio is wanted; asked once a second."""
        ...

    def offer_audio(self, user: UserId, session: str, pcm: bytes) -> None:
        """New audio, mono, signed 16-bit little-endian, 16 kHz. Called for every packet."""
        ...


class SessionHearing:
    """Hears for the conversation that goes on, and for those before it until all of theirs was heard."""

    def __init__(
        self,
        request: SessionRequest,
        live: LiveConversation,
        *,
        since: int,
        account: SessionAccount,
        tell: Callable[[SessionEvent], None],
    ) -> None:
        self.conversation = live
        """The conversation that goes on."""
        self.since = since
        """Position from which on this session hears it."""
        self.words = 0
        self.identification: LiveIdentification | None = None
        """Who tells the speakers apart; None when nobody does."""
        self.listener: LiveListener | None = None
        self._request = request
        self._account = account
        self._tell = tell
        self._former: list[tuple[int, LiveConversation]] = []
        """Conversations that were ended and are not heard to their ends, with where their audio begins here."""
        self._told_of: LiveConversation | None = None
        """The conversation that the client knows its words to belong to."""

    @property
    def heard(self) -> list[tuple[int, LiveConversation]]:
        """Conversations that are heard now, with where their audio begins here."""
        return [*self._former, (self.since, self.conversation)]

    def go_on(self, following: LiveConversation, *, position: int) -> None:
        """Another conversation goes on from a position."""
        if self.identification is not None:
            self.identification.follow(following)
        self._let_go(self.conversation)
        self.conversation, self.since = following, position

    def tell_what_was_said(self) -> None:
        """Tells a client that came back what was said before, as it stands now; for those that replace segments."""
        live = self.conversation
        recent = tuple(s for s in live.transcript.segments if s.end > live.transcript.end - TOLD_AGAIN)
        if recent:
            self._told_of = live
            self._tell(ConversationStarted(live.id))
            self._tell(TranscriptGrew(live.id, live.origin, TranscriptChange(changed=recent)))

    def with_translations(self, event: SessionEvent) -> SessionEvent:
        """The event with what is known of its segments in other languages."""
        if not isinstance(event, TranscriptGrew):
            return event
        live = self._of(event.conversation)
        if live is None or not live.translations:
            return event
        changed = live.translations.on(event.change.changed)
        return structs.replace(event, change=structs.replace(event.change, changed=changed))

    def keep_translations(self, event: SegmentsTranslated) -> None:
        """Has a conversation that is not finished keep what was translated."""
        live = self._of(event.conversation)
        if live is not None:
            live.translate(event.segments)

    def _of(self, conversation: ConversationId) -> LiveConversation | None:
        return next((live for _, live in self.heard if live.id == conversation), None)

    def take(self, event: RecognitionEvent, *, end: int) -> None:
        """Takes what the recognizer says; `end` is the position behind the captured audio."""
        live = self.conversation
        if isinstance(event, FinalWords):
            rest = self._without_former(event)
            self._hear(self.conversation, structs.replace(rest, since=max(rest.since, self.since)))
        elif isinstance(event, InterimWords):
            if self._request.interim and event.words:
                self._tell(InterimHeard(live.origin if live.transcript.segments else event.words[0].start, event))
        else:
            self._account.recognizer_changes += 1
            if self.identification is not None:
                self.identification.begin_leg(end)
            self._tell(StatusChanged(f"recognizer:{event.recognizer or 'none'}", event.reason))

    def _hear(self, live: LiveConversation, event: FinalWords) -> None:
        hear = live.hear if self.identification is None else partial(self.identification.hear, live)
        change = hear(event)
        if not change.added:
            return
        self.words += len(event.words)
        if self._told_of is not live:
            self._told_of = live
            self._tell(ConversationStarted(live.id))
        self._tell(TranscriptGrew(live.id, live.origin, change))
        if self.listener is not None:
            self.listener.offer(live.user, live.id, moved(change.added, by=-live.origin))

    def _without_former(self, event: FinalWords) -> FinalWords:
        """Gives conversations that were ended what is theirs; returns the rest."""
        for since, live in tuple(self._former):
            end = live.ledger.end
            words = tuple(word for word in event.words if (word.start + word.end) // 2 < end)
            through = min(event.through, end)
            if words or max(event.since, since) < through:
                theirs = structs.replace(event, words=words, through=through, since=max(event.since, since))
                self._hear(live, theirs)
            event = structs.replace(event, words=event.words[len(words) :])
            if not live.ledger.parts(since, end, Fate.SENT):
                self._former.remove((since, live))
                self._account.settle(live.ledger, since=since)
                live.leave_off(since)
        return event

    def _let_go(self, ended: LiveConversation) -> None:
        """Keeps listening for a conversation that was ended before all of it was heard."""
        if ended.ledger.parts(self.since, ended.ledger.end, Fate.SENT):
            self._former.append((self.since, ended))
        else:
            self._account.settle(ended.ledger, since=self.since)
            ended.leave_off(self.since)
