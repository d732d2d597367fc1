"""One live session: audio in, events out, conversations ended and begun in between."""

from collections.abc import AsyncIterator, Callable, Sequence

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from application.listening.client_transcription import Suggest
from application.listening.conversations import Conversations
from application.listening.live_conversation import LiveConversation
from application.listening.live_identification import LiveIdentification
from application.listening.live_sessions import SessionCounts
from application.listening.live_translation import LiveTranslation
from application.listening.session_account import SessionAccount, SessionSummary
from application.listening.session_end import SessionEnd
from application.listening.session_hearing import LiveListener, SessionHearing
from application.listening.session_parts import Asking, Screen
from application.listening.short_way import Taker, gave_straight, hear_straight
from application.listening.stream_transcription import StreamTranscription
from application.photos.live_photos import LivePhotos
from domain.audio import SAMPLE_RATE
from domain.conversation import CaptureEpoch
from domain.ids import PersonId, SegmentId
from domain.recognition import RecognitionEvent
from domain.session import (
    EndRequested,
    InterimHeard,
    MemoryFailed,
    SegmentsTranslated,
    SessionEvent,
    SessionRequest,
    StatusChanged,
)
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable, cause
from ports.speech_to_text import TranscriptionStream

CHECK_SECONDS = 1.0
DRAIN_SECONDS = 6.0
"""How long the last words of a session are waited for. What is not heard by then is heard later, from the journal."""

LOOK_SECONDS = 0.05
"""Between two looks at what a session waits for."""

MOST_EVENTS = 1000
"""Events that wait for a slow client; one that is further behind is given up. Its conversation goes on."""

MOST_BACKLOG = 300 * SAMPLE_RATE
"""Audio a session may be ahead of its recognizer before the client is asked to wait."""


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
        self.place = pipeline.place
        """The same for a packet whose client says where it lies. None: it was not stored; it has to come again."""
        self.may_be_late: Callable[[], bool] | None = None
        """Says whether audio of the time that has passed may still come; None: audio comes as it is captured."""
        self.taken_over = pipeline.conversation.taken_over
        """Set when a newer connection of the user continues this session's conversation."""
        self.teller: Taker[SessionEvent] | None = None
        """Tells the client at once if it can; else, and for an event that it does not take, `events` has them."""
        self.photos: LivePhotos | None = None
        """Takes photos that a client sends; None when nobody does."""
        self.suggest: Suggest | None = None
        """Takes what a client heard by itself; None where ours hears."""
        self.onboarding: Asking | None = None
        """Asks a new user questions; None for others."""
        self.screen: Screen | None = None
        """What the user looks at; None where nobody asks."""
        self.translation: LiveTranslation | None = None
        """Tells what is said in another language; None where nobody asked."""
        self._request = request
        self._pipeline = pipeline
        self._conversations = conversations
        self._clock = clock
        self._events = events
        self._stopped = False
        self._is_ending = False
        self._end_asked = anyio.Event()
        self._noted = (0, 0)
        """Corrupt packets and concealed samples that a conversation was told of."""
        self._end = SessionEnd(pipeline, conversations)
        self._followers: list[Callable[[SessionEvent], None]] = []
        self._heard_all = anyio.Event()
        self._account = SessionAccount()
        self._hearing = SessionHearing(
            request, pipeline.conversation, since=pipeline.end, account=self._account, tell=self.tell
        )
        self.tell_what_was_said = self._hearing.tell_what_was_said
        self._finished_conversations = 0

    @property
    def conversation(self) -> LiveConversation:
        """The conversation that goes on."""
        return self._pipeline.conversation

    @property
    def is_speaking(self) -> bool:
        """Whether somebody speaks just now."""
        return self._pipeline.is_speaking

    @property
    def is_behind(self) -> bool:
        """Whether the client should wait before it sends more: audio comes faster than it can be heard."""
        return self._pipeline.backlog > MOST_BACKLOG

    @property
    def captured(self) -> int:
        """Position behind the captured audio."""
        return self._pipeline.end

    @property
    def transcribed(self) -> int:
        """Position before which everything was heard, or judged to be silence."""
        unheard = (live.ledger.watermark for _, live in self._hearing.heard if not live.is_heard)
        return next(unheard, self._pipeline.end)

    @property
    def counts(self) -> SessionCounts:
        """What it has counted so far."""
        return SessionCounts(
            self._pipeline.packets,
            self._pipeline.corrupt_packets,
            self._pipeline.end - self._pipeline.began,
            self._hearing.words,
            self._account.recognizer_changes,
        )

    def summary(self, *, packets: int) -> SessionSummary:
        """What the session did so far."""
        return self._account.summary(
            [(live.ledger, since) for since, live in self._hearing.heard],
            packets=packets,
            corrupt_packets=self._pipeline.corrupt_packets,
            words=self._hearing.words,
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
            while not (self._pipeline.settle_late() and self._pipeline.judged >= said) and not self._stopped:
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

    def break_off(self) -> None:
        """The client goes on elsewhere, to the sample: what is in the air here is heard there. Then comes `leave`."""
        if not self._stopped:
            self._stopped = True
            self._note_decoding()
            self._conversations.detach(self.conversation)

    def leave(self) -> None:
        """No more words come. What was not heard is left to whoever recovers it."""
        self.stop()
        self._events.close()
        if self._is_ending or self._end_asked.is_set():
            self._conversations.end(self.conversation, at=self._pipeline.end)
        for since, live in self._hearing.heard:
            live.leave_off(since)

    async def run(self, recognizer: TranscriptionStream) -> None:
        """Judges, sends and hears until all that came was heard."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._pipeline.judge)
                tasks.start_soon(self._pipeline.send, recognizer)
                hear_straight(recognizer, self._hear)
                async for event in recognizer:
                    self._hear(event)
        except* AdapterError as group:
            self.tell(StatusChanged("recognizer_unavailable", str(cause(group))))
        self._heard_all.set()

    def identify(self, identification: LiveIdentification) -> None:
        """Has the speakers told apart from here on."""
        self._hearing.identification = identification
        identification.tell = self.tell
        identification.begin_leg(self._hearing.since)
        self._pipeline.track = identification.track
        identification.follow(self.conversation)

    def assign(self, speaker: int, person: PersonId | None, *, segments: Sequence[SegmentId] = ()) -> None:
        """The user says whose voice one of the conversation that goes on is; None for nobody who is known."""
        if self._hearing.identification is not None:
            self._hearing.identification.assign(self.conversation, speaker, person, segments=segments)

    def follow(self, follower: Callable[[SessionEvent], None]) -> None:
        """Has somebody see from here on what the client is told. Never waits, never raises."""
        self._followers.append(follower)

    def let_listen(self, listener: LiveListener) -> None:
        """Has somebody hear along from here on."""
        self._hearing.listener = listener
        self._pipeline.overhear = self._overhear

    async def watch(self) -> None:
        """Ends conversations after their silence, and tells of trouble with storage. Until cancelled."""
        while True:
            await self._clock.sleep(CHECK_SECONDS)
            if (news := self._end.storage_changed()) is not None:
                self.tell(news)
            self._watch_listener()
            self._note_decoding()
            if self._end.has_come(photos=self.photos, may_be_late=self.may_be_late):
                try:
                    await self._conversations.finish_heard(self._begin_next())
                except TemporarilyUnavailable as error:
                    self.tell(StatusChanged("storage_unavailable", str(error)))

    async def forward(self, news: AsyncIterator[SessionEvent]) -> None:
        """Passes on what happens elsewhere for this user; ends the conversation that goes on where that is asked."""
        async for event in news:
            if not isinstance(event, EndRequested):
                self.tell(event)
            elif event.conversation == self.conversation.id:
                self.ask_to_end()

    def tell(self, event: SessionEvent) -> None:
        """Puts an event in line for the client. One that does not read for long misses it, not the memory."""
        if isinstance(event, InterimHeard) and self.screen is not None and not self.screen.shows_words:
            return
        event = self._hearing.with_translations(event)
        for follow in self._followers:
            follow(event)
        try:
            if not gave_straight(event, self._events, self.teller):
                self._events.send_nowait(event)
        except anyio.WouldBlock:
            self._events.close()
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass

    def tell_of_translations(self, event: SessionEvent) -> None:
        """Keeps what was translated, and puts it in line."""
        if isinstance(event, SegmentsTranslated):
            self._hearing.keep_translations(event)
        self.tell(event)

    def _hear(self, event: RecognitionEvent) -> bool:
        self._hearing.take(event, end=self._pipeline.end)
        return True

    async def _hear_out(self, live: LiveConversation) -> None:
        """Waits for the words of all that was sent, as long as they keep coming."""
        reached, deadline = -1, 0.0
        while not live.is_heard and not self._heard_all.is_set():
            if live.ledger.watermark != reached:
                reached, deadline = live.ledger.watermark, anyio.current_time() + DRAIN_SECONDS
            elif anyio.current_time() >= deadline:
                return
            await anyio.sleep(LOOK_SECONDS)

    def _overhear(self, pcm: bytes) -> None:
        if self._hearing.listener is not None:
            self._hearing.listener.offer_audio(self._request.user, self.conversation.id, pcm)

    def _watch_listener(self) -> None:
        """Most users have no plugin that wants audio: then no packet pays for it."""
        listener, user = self._hearing.listener, self._request.user
        wanted = listener is not None and listener.wants_audio(user, self.conversation.id)
        self._pipeline.overhear = self._overhear if wanted else None

    def _begin_next(self) -> LiveConversation:
        """Hands over to the next conversation; returns the one that has ended."""
        ended = self.conversation
        position = self._pipeline.undecided
        epoch = CaptureEpoch(position, ended.opened.epoch.when(position))
        following = self._conversations.begin(self._request.for_the_next(), at=epoch)
        following.connect()
        following.taken_over = self.taken_over
        following.hear_from(position)
        self._note_decoding()
        self._pipeline.hand_over(following, audio=self._request.audio)
        self._hearing.go_on(following, position=position)
        if ended.transcript.word_count:
            self._finished_conversations += 1
        self._conversations.end(ended, at=position)
        return ended

    def _note_decoding(self) -> None:
        now = (self._pipeline.corrupt_packets, self._pipeline.concealed)
        self.conversation.corrupt_packets += now[0] - self._noted[0]
        self.conversation.concealed += now[1] - self._noted[1]
        self._noted = now
