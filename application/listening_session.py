"""One live session: audio in, events out, conversations ended and begun in between."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Protocol

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from msgspec import structs

from application.conversations import Conversations
from application.live_conversation import LiveConversation
from application.live_identification import LiveIdentification
from application.session_account import SessionAccount, SessionSummary
from application.stream_transcription import StreamTranscription
from domain.audio import SAMPLE_RATE
from domain.conversation import CaptureEpoch
from domain.ids import PersonId, UserId
from domain.ledger import Fate
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.session import (
    ConversationStarted,
    InterimHeard,
    MemoryFailed,
    SessionEvent,
    SessionRequest,
    StatusChanged,
    TranscriptGrew,
)
from domain.transcript import TranscriptChange, TranscriptSegment, moved
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable, cause
from ports.speech_to_text import TranscriptionStream

CHECK_SECONDS = 1.0
DRAIN_SECONDS = 6.0
"""How long the last words of a session are waited for. What is not heard by then is heard later, from the journal."""

LOOK_SECONDS = 0.05
"""Between two looks at what a session waits for."""

MOST_UNDECIDED = 2 * SAMPLE_RATE
"""Silence that is held in front of the gate is shorter than this; what is longer was not judged yet."""

MOST_EVENTS = 1000
"""Events that wait for a slow client; one that is further behind is given up. Its conversation goes on."""

TOLD_AGAIN = 600 * SAMPLE_RATE
"""How far back a client that comes back is told what was said."""

MOST_BACKLOG = 300 * SAMPLE_RATE
"""Audio a session may be ahead of its recognizer before the client is asked to wait."""


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


class ListeningSession:
    """What an inbound adapter holds of a session."""

    def __init__(
        self,
        request: SessionRequest,
        *,
        pipeline: StreamTranscription,
        conversations: Conversations,
        clock: Clock,
        events: MemoryObjectSendStream[SessionEvent],
        news: MemoryObjectReceiveStream[SessionEvent],
    ) -> None:
        self.events = news
        """What the client is to be told, in order. Ends with the session."""
        self.accept = pipeline.accept
        """Takes a packet: synchronous, never waits, never raises for what a client sends."""
        self.taken_over = pipeline.conversation.taken_over
        """Set when a newer connection of the user continues this session's conversation."""
        self._request = request
        self._pipeline = pipeline
        self._conversations = conversations
        self._clock = clock
        self._events = events
        self._identification: LiveIdentification | None = None
        """Who tells the speakers apart; None when nobody does."""
        self._listener: LiveListener | None = None
        self._since = pipeline.end
        """Position from which on this session hears the conversation that goes on."""
        self._former: list[tuple[int, LiveConversation]] = []
        """Conversations that were ended and are not heard to their ends, with where their audio begins here."""
        self._stopped = False
        self._is_ending = False
        self._end_asked = anyio.Event()
        self._noted = (0, 0)
        """Corrupt packets and concealed samples that a conversation was told of."""
        self._storage_failed = False
        self._heard_all = anyio.Event()
        self._account = SessionAccount()
        self._told_of: LiveConversation | None = None
        """The conversation that the client knows its words to belong to."""
        self._words = 0
        self._finished_conversations = 0

    @property
    def conversation(self) -> LiveConversation:
        """The conversation that goes on."""
        return self._pipeline.conversation

    @property
    def is_behind(self) -> bool:
        """Whether the client should wait before it sends more: audio comes faster than it can be heard."""
        return self._pipeline.backlog > MOST_BACKLOG

    def summary(self, *, packets: int) -> SessionSummary:
        """What the session did so far."""
        heard = [*self._former, (self._since, self.conversation)]
        return self._account.summary(
            [(live.ledger, since) for since, live in heard],
            packets=packets,
            corrupt_packets=self._pipeline.corrupt_packets,
            words=self._words,
            conversations=self._finished_conversations,
        )

    def ask_to_end(self) -> None:
        """Has the conversation that goes on ended, because the user wants it; audio may come all the while."""
        self._end_asked.set()

    async def end_conversation(self) -> None:
        """Ends the conversation that goes on; the session goes on.

        Raises:
            TemporarilyUnavailable: the end could not be written down.
        """
        self._is_ending = True
        said = self._pipeline.end
        with anyio.move_on_after(DRAIN_SECONDS):
            while self._pipeline.judged < said and not self._stopped:
                await anyio.sleep(LOOK_SECONDS)
        if self._stopped:  # then `leave` ends it
            return
        self._is_ending = False
        self._pipeline.pause()
        ended = self._begin_next()
        await self._hear_out(ended)
        await self._conversations.finish_heard(ended)
        if not self._conversations.rules.is_worth_keeping(ended.transcript.word_count):
            self.tell(MemoryFailed(ended.id, "nothing was said"))

    async def end_when_asked(self) -> None:
        """Does what `ask_to_end` asks. Until cancelled."""
        while True:
            await self._end_asked.wait()
            self._end_asked = anyio.Event()
            try:
                await self.end_conversation()
            except TemporarilyUnavailable as error:
                self.tell(StatusChanged("storage_unavailable", str(error)))

    async def drain(self) -> None:
        """No more packets come: waits for the words of those that came, for a bounded time. Then `events` ends."""
        self.stop()
        with anyio.move_on_after(DRAIN_SECONDS, shield=True):
            await self._heard_all.wait()
        self._events.close()

    def stop(self) -> None:
        """No more packets come. Harmless when called twice: by then a newer connection may be there."""
        if self._stopped:
            return
        self._stopped = True
        self._pipeline.finish()
        self._note_decoding()
        self._conversations.detach(self.conversation)

    def leave(self) -> None:
        """No more words come. What was not heard is left to whoever recovers it."""
        self.stop()
        self._events.close()
        if self._is_ending or self._end_asked.is_set():
            self._conversations.end(self.conversation, at=self._pipeline.end)
        for since, live in [*self._former, (self._since, self.conversation)]:
            live.leave_off(since)

    async def run(self, recognizer: TranscriptionStream) -> None:
        """Judges, sends and hears until all that came was heard."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._pipeline.judge)
                tasks.start_soon(self._pipeline.send, recognizer)
                async for event in recognizer:
                    self._take(event)
        except* AdapterError as group:
            self.tell(StatusChanged("recognizer_unavailable", str(cause(group))))
        self._heard_all.set()

    def identify(self, identification: LiveIdentification) -> None:
        """Has the speakers told apart from here on."""
        self._identification = identification
        identification.tell = self.tell
        identification.begin_leg(self._since)
        self._pipeline.track = identification.track
        identification.follow(self.conversation)

    def assign(self, speaker: int, person: PersonId | None) -> None:
        """The user says whose voice one of the conversation that goes on is; None for nobody who is known."""
        if self._identification is not None:
            self._identification.assign(self.conversation, speaker, person)

    def tell_what_was_said(self) -> None:
        """Tells a client that came back what was said before, as it stands now; for those that replace segments."""
        live = self.conversation
        recent = tuple(s for s in live.transcript.segments if s.end > live.transcript.end - TOLD_AGAIN)
        if recent:
            self._told_of = live
            self.tell(ConversationStarted(live.id))
            self.tell(TranscriptGrew(live.id, live.origin, TranscriptChange(changed=recent)))

    def let_listen(self, listener: LiveListener) -> None:
        """Has somebody hear along from here on."""
        self._listener = listener
        self._pipeline.overhear = self._overhear

    async def watch(self) -> None:
        """Ends conversations after their silence, and tells of trouble with storage. Until cancelled."""
        while True:
            await self._clock.sleep(CHECK_SECONDS)
            self._watch_storage()
            self._watch_listener()
            if self._has_ended():
                try:
                    await self._conversations.finish_heard(self._begin_next())
                except TemporarilyUnavailable as error:
                    self.tell(StatusChanged("storage_unavailable", str(error)))

    async def forward(self, news: AsyncIterator[SessionEvent]) -> None:
        """Passes on what happens elsewhere for this user."""
        async for event in news:
            self.tell(event)

    def tell(self, event: SessionEvent) -> None:
        """Puts an event in line for the client. One that does not read for long misses it, not the memory."""
        try:
            self._events.send_nowait(event)
        except anyio.WouldBlock:
            self._events.close()
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass

    async def _hear_out(self, live: LiveConversation) -> None:
        """Waits for the words of all that was sent, as long as they keep coming."""
        reached, deadline = -1, 0.0
        while not live.is_heard and not self._heard_all.is_set():
            if live.ledger.watermark != reached:
                reached, deadline = live.ledger.watermark, anyio.current_time() + DRAIN_SECONDS
            elif anyio.current_time() >= deadline:
                return
            await anyio.sleep(LOOK_SECONDS)

    def _take(self, event: RecognitionEvent) -> None:
        live = self.conversation
        if isinstance(event, FinalWords):
            rest = self._without_former(event)
            self._hear(self.conversation, structs.replace(rest, since=max(rest.since, self._since)))
        elif isinstance(event, InterimWords):
            if self._request.interim and event.words:
                self.tell(InterimHeard(live.origin if live.transcript.segments else event.words[0].start, event))
        else:
            self._account.recognizer_changes += 1
            if self._identification is not None:
                self._identification.begin_leg(self._pipeline.end)
            self.tell(StatusChanged(f"recognizer:{event.recognizer or 'none'}", event.reason))

    def _overhear(self, pcm: bytes) -> None:
        if self._listener is not None:
            self._listener.offer_audio(self._request.user, self.conversation.id, pcm)

    def _watch_listener(self) -> None:
        """Most users have no plugin that wants audio: then no packet pays for it."""
        listener, user = self._listener, self._request.user
        wanted = listener is not None and listener.wants_audio(user, self.conversation.id)
        self._pipeline.overhear = self._overhear if wanted else None

    def _hear(self, live: LiveConversation, event: FinalWords) -> None:
        hear = live.hear if self._identification is None else partial(self._identification.hear, live)
        change = hear(event)
        if not change.added:
            return
        self._words += len(event.words)
        if self._told_of is not live:
            self._told_of = live
            self.tell(ConversationStarted(live.id))
        self.tell(TranscriptGrew(live.id, live.origin, change))
        if self._listener is not None:
            self._listener.offer(live.user, live.id, moved(change.added, by=-live.origin))

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

    def _begin_next(self) -> LiveConversation:
        """Hands over to the next conversation; returns the one that has ended."""
        ended = self.conversation
        position = self._pipeline.undecided
        epoch = CaptureEpoch(position, ended.opened.epoch.when(position))
        following = self._conversations.begin(self._request, at=epoch)
        following.connect()
        following.taken_over = self.taken_over
        following.hear_from(position)
        if self._identification is not None:
            self._identification.follow(following)
        self._note_decoding()
        self._pipeline.hand_over(following, audio=self._request.audio)
        self._let_go(ended)
        self._since = position
        if ended.transcript.word_count:
            self._finished_conversations += 1
        self._conversations.end(ended, at=position)
        return ended

    def _let_go(self, ended: LiveConversation) -> None:
        """Keeps listening for a conversation that was ended before all of it was heard."""
        if ended.ledger.parts(self._since, ended.ledger.end, Fate.SENT):
            self._former.append((self._since, ended))
        else:
            self._account.settle(ended.ledger, since=self._since)
            ended.leave_off(self._since)

    def _note_decoding(self) -> None:
        now = (self._pipeline.corrupt_packets, self._pipeline.concealed)
        self.conversation.corrupt_packets += now[0] - self._noted[0]
        self.conversation.concealed += now[1] - self._noted[1]
        self._noted = now

    def _has_ended(self) -> bool:
        """Whether there was silence for long enough. Audio that came faster than it could be judged may be speech."""
        behind = self._pipeline.end - self._pipeline.undecided
        return (
            not self._pipeline.is_speaking
            and behind < MOST_UNDECIDED
            and self._conversations.has_ended(self.conversation)
        )

    def _watch_storage(self) -> None:
        failure = self.conversation.storage_failure
        if failure is not None and not self._storage_failed:
            self.tell(StatusChanged("storage_full", failure))
        elif failure is None and self._storage_failed:
            self.tell(StatusChanged("ready", "storage works again"))
        self._storage_failed = failure is not None
