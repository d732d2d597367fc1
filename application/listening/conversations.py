"""All conversations that go on or may go on: who continues which, and when one has ended."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import anyio
import msgspec
from msgspec import Struct

from application.listening.conversation_records import NO_AUDIO, Connected, Disconnected, Finished, Opened
from application.listening.finished_audio import FinishedAudio
from application.listening.hear_again import unheard_from
from application.listening.known_streams import KnownStreams
from application.listening.live_conversation import LiveConversation
from application.memories.draft_memory import drafted
from domain.audio import SAMPLE_RATE
from domain.client_stream import StreamPlace
from domain.conversation import CaptureEpoch, ConversationRules
from domain.ids import ConversationId, JobId, MemoryId, UserId, new_id
from domain.memory import Memory
from domain.session import MemoryCreating, SessionRequest
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.conversation_leases import ConversationLeases
from ports.errors import TemporarilyUnavailable
from ports.event_bus import EventBus
from ports.job_queue import Job, JobQueue

CREATE_MEMORY = "create_memory"
"""Kind of the job that makes a memory of a finished conversation."""

STALLED = SAMPLE_RATE
"""Samples that a connection must be behind before a newer one may take its conversation over."""

NOBODY = "no recognizer could be had"

ELSEWHERE = "another server goes on with this conversation"

LETTING_GO = 2.0
"""Seconds that the older connection has for it."""

CHECK_SECONDS = 1.0


Bring = Callable[[UserId, str], Awaitable[None]]
"""Brings the conversations of a user here from other servers, as far as they can be continued.

That of the client's stream with this name can: its client is here.
"""

HandedIn = Callable[[UserId, ConversationId, JobId], None]
"""Is told of each conversation that is to become a memory by a job; may be told twice."""

WithoutWords = Callable[[UserId, MemoryId], Awaitable[object]]
"""Makes a memory of a conversation without words, if there is anything else in it. Harmless when repeated."""


class ConversationEnded(Struct, frozen=True):
    """What a `create_memory` job is told."""

    conversation: ConversationId


class Conversations:
    """Keeps conversations over the connections of their user."""

    def __init__(
        self,
        *,
        journal: CaptureJournal,
        jobs: JobQueue,
        leases: ConversationLeases,
        events: EventBus,
        clock: Clock,
        rules: ConversationRules,
        identify: Callable[[], str] = new_id,
        without_words: WithoutWords | None = None,
        finished: FinishedAudio | None = None,
        handed_in: HandedIn | None = None,
        streams: KnownStreams | None = None,
    ) -> None:
        self._journal = journal
        self._jobs = jobs
        self._leases = leases
        self._events = events
        self._clock = clock
        self.rules = rules
        self._identify = identify
        self._without_words = without_words
        self._finished = finished or FinishedAudio()
        self._handed_in = handed_in
        self._streams = streams
        self._open: dict[ConversationId, LiveConversation] = {}
        self._expected: Counter[UserId] = Counter()
        self._arrival = anyio.Event()
        self.awaited: Counter[UserId] = Counter()
        """Users whose connections wait for a conversation that is being restored."""
        self.bring: Bring | None = None
        """Has other servers hand a user's conversations over; None while this one is alone."""

    @property
    def open(self) -> tuple[LiveConversation, ...]:
        """Conversations that have not ended."""
        return tuple(self._open.values())

    async def attach(self, request: SessionRequest) -> tuple[LiveConversation, int]:
        """The conversation that a new connection continues or begins, and the position it starts at.

        A user's conversation is continued while its silence has not been long enough, on the same clock: the
        time in between is noted as absent. A second device of the same user that is heard now begins one of
        its own.
        """
        live = await self._continued(request)
        if live is None or not live.is_followed_by(request):
            live = self._at_its_time(live, request)
            since = live.ledger.end
        else:
            since = unheard_from(live)
        live.connect()
        live.hear_from(since)
        live.silence, live.marks = request.silence, live.marks.filled_up(request.marks)
        here, marks = live.ledger.end, live.marks if live.marks != live.opened.marks else None
        live.note(
            Connected(
                audio=request.audio,
                position=here,
                goes_on=since < here,
                stream=live.stream,
                reach=live.placed,
                silence=live.silence,
                marks=marks,
            )
        )
        return live, since

    def _at_its_time(self, live: LiveConversation | None, request: SessionRequest) -> LiveConversation:
        """A conversation whose end lies where the audio to come was captured.

        That is the one that goes on, unless the audio is older than what it has.
        """
        stream = request.stream
        captured = self._clock.now() - timedelta(seconds=stream.age if stream else 0.0)
        if live is None or (stream and live.ledger.end - live.opened.epoch.position_of(captured) >= STALLED):
            live = self.begin(request, at=CaptureEpoch(0, captured))
        position = max(live.ledger.end, live.opened.epoch.position_of(captured))
        if position > live.ledger.end:
            live.ledger.skip(position, NO_AUDIO)
        place = None
        if stream is not None:
            rate = request.audio.sample_rate
            place = StreamPlace(name=stream.name, position=stream.position, captured=position, rate=rate)
        live.carry(place, placed=None)
        return live

    def begin(self, request: SessionRequest, *, at: CaptureEpoch) -> LiveConversation:
        """A new conversation whose first sample lies at a position.

        Raises:
            TemporarilyUnavailable: its journal cannot be opened.
        """
        conversation = ConversationId(self._identify())
        opened = Opened(
            user=request.user, epoch=at, language=request.language, source=request.source, marks=request.marks
        )
        live = LiveConversation.begin(conversation, opened, journal=self._journal.open(conversation))
        live.silence = request.silence
        self._leases.begin(request.user, conversation)
        self.adopt(live)
        return live

    def adopt(self, live: LiveConversation) -> None:
        """Takes a conversation that was begun elsewhere, or before a crash."""
        self._open[live.id] = live

    def expect(self, user: UserId) -> None:
        """A conversation of the user is being restored: new connections wait until it has `arrived`."""
        self._expected[user] += 1

    def arrived(self, user: UserId) -> None:
        """It was adopted, or it turned out that there is none."""
        self._expected[user] -= 1
        self._arrival.set()
        self._arrival = anyio.Event()

    def detach(self, live: LiveConversation) -> None:
        """The connection is gone; the user may come back."""
        live.disconnect()
        live.note(Disconnected(at=self._clock.now()))

    def has_ended(self, live: LiveConversation) -> bool:
        """Whether the silence has been long enough, and everything said before has been heard."""
        return not live.ledger.pending() and not live.is_unheard and self._is_silent(live, since=live.last_spoken)

    def end(self, live: LiveConversation, *, at: int) -> None:
        """Ends a conversation at a position. It is finished when all of it was heard, by `expire` at the latest."""
        live.end(at)
        live.disconnect()
        live.note(Disconnected(at=self._clock.now(), ended=at))

    async def finish_heard(self, live: LiveConversation) -> None:
        """Finishes a conversation that has ended, unless some of it is still to be heard.

        Raises:
            TemporarilyUnavailable: the end could not be written down. It is tried again.
        """
        if live.is_heard and live.id in self._open:
            await self.finish(live)

    async def finish(self, live: LiveConversation) -> None:
        """Ends a conversation: its memory will be made, whatever happens from here on.

        Raises:
            TemporarilyUnavailable: the end could not be written down, or another server has to. Nothing changed; try
                again.
        """
        if not self._leases.holds(live.id):
            raise TemporarilyUnavailable(ELSEWHERE)
        if self._streams is not None:
            await self._streams.ended(live)
        if not self.rules.is_worth_keeping(live.transcript.word_count):
            await self.discard(live)
            return
        if not live.is_finished:
            live.is_finished = True
            live.note(Finished(at=self._clock.now(), coverage=live.coverage()))
        live.require_storage()
        await live.sync()
        coverage, now = live.coverage(), self._clock.now()
        draft = drafted(
            live.id,
            opened=live.opened,
            transcript=live.transcript,
            translations=live.translations,
            coverage=coverage,
            origin=live.origin,
            created_at=now,
            marks=live.marks,
        )
        await self.hand_in(live.user, live.id, draft=draft)
        self._finished.add(coverage, words=live.transcript.word_count)
        self._open.pop(live.id, None)
        live.close()
        self._leases.forget(live.id)

    async def hand_in(self, user: UserId, conversation: ConversationId, *, draft: Memory | None = None) -> None:
        """Has the memory of a finished conversation made. Harmless when called twice."""
        payload = msgspec.json.encode(ConversationEnded(conversation))
        job = Job(id=JobId(f"{CREATE_MEMORY}:{conversation}"), kind=CREATE_MEMORY, user=user, payload=payload)
        is_new = await self._jobs.enqueue(job)
        if self._handed_in is not None:
            self._handed_in(user, conversation, job.id)
        if is_new:
            await self._events.publish(user, MemoryCreating(conversation, draft))

    async def discard(self, live: LiveConversation) -> None:
        """Forgets a conversation in which nothing was said; what was seen in it may be worth remembering.

        Raises:
            TemporarilyUnavailable: not now. Nothing changed; try again.
        """
        if await self._leases.claim(live.user, live.id) != self._leases.server:
            raise TemporarilyUnavailable(ELSEWHERE)  # what was said since is not known here
        if self._without_words is not None:
            await self._without_words(live.user, MemoryId(live.id))
        await self._remove(live)

    async def drop(self, live: LiveConversation) -> None:
        """Forgets a conversation whatever was said in it, because its user goes. Raises TemporarilyUnavailable."""
        live.is_ended = True
        await self._remove(live)

    async def let_go(self, live: LiveConversation, *, stream: str = "") -> bool:
        """Stops serving a conversation, so that another server can go on with it from its journal.

        False when somebody is heard in it here, or it is over, or what was written of it has not left this server.
        Whose stream went to that server is not heard here.
        """
        if live.is_of(stream) and await self._is_released(live) and self._streams is not None:
            await self._streams.left(live)  # should it be over
        if self._is_over(live) or not await self._is_free(live) or self._open.get(live.id) is not live:
            return False
        del self._open[live.id]
        live.given_up.set()  # whoever still hears it for this server
        try:
            await live.sync()
        except TemporarilyUnavailable:
            if self._leases.holds(live.id):
                live.given_up = anyio.Event()
                self.adopt(live)
                return False
        live.close()
        return True

    def abandon(self, live: LiveConversation) -> None:
        """Another server goes on with it: nothing that happens here counts any more. Its session is let go."""
        self._open.pop(live.id, None)
        live.given_up.set()
        live.taken_over.set()
        live.close()

    async def expire(self) -> None:
        """Ends conversations that nobody came back to. Runs until cancelled."""
        while True:
            await self._clock.sleep(CHECK_SECONDS)
            for live in self.open:
                if self._must_do_without(live):
                    live.give_up(NOBODY)
                if self._is_done(live):
                    with suppress(TemporarilyUnavailable):
                        await self.finish(live)

    async def _continued(self, request: SessionRequest) -> LiveConversation | None:
        """The conversation that a user comes back to, wherever it is now."""
        await self._restored(request.user)
        live = await self._free_conversation(request)
        stream = request.stream.name if request.stream is not None and request.stream.goes_on else ""
        is_elsewhere = live is None or (stream and not live.is_of(stream))
        if is_elsewhere and self.bring is not None:
            await self.bring(request.user, stream)
            await self._restored(request.user)
            live = await self._free_conversation(request)
        return live

    async def _remove(self, live: LiveConversation) -> None:
        self._open.pop(live.id, None)
        live.close()
        await self._journal.remove(live.id)
        self._leases.forget(live.id)

    async def _restored(self, user: UserId) -> None:
        self.awaited[user] += 1
        try:
            while self._expected[user] > 0:
                await self._arrival.wait()
        finally:
            self.awaited[user] -= 1
            self.awaited += Counter()  # drops who waits no more

    async def _free_conversation(self, request: SessionRequest) -> LiveConversation | None:
        """The newest conversation of a user that a new connection may continue; before that, the one that it names."""
        marks = request.marks
        own = [live for live in reversed(self._open.values()) if live.user == request.user]
        own = [live for live in own if not marks.contradict(live.marks)]
        own.sort(key=lambda live: not live.is_named_by(request))
        for live in own:  # while one of them is asked to let go, sessions of others begin and end
            if live.id not in self._open or self._is_over(live):
                continue
            if live.is_named_by(request) or self._is_stalled(live):
                if await self._is_released(live):
                    return live
            elif not live.is_connected:
                return live
        return None

    async def _is_free(self, live: LiveConversation) -> bool:
        """Whether nobody is heard in it; a connection that has been behind for long is asked to let go."""
        return not live.is_connected or (self._is_stalled(live) and await self._is_released(live))

    def _is_stalled(self, live: LiveConversation) -> bool:
        return live.opened.epoch.position_of(self._clock.now()) - live.ledger.end >= STALLED

    async def _is_released(self, live: LiveConversation) -> bool:
        """Asks whoever is connected to let go."""
        if not live.is_connected:
            return True
        live.taken_over.set()
        with anyio.move_on_after(LETTING_GO):
            await live.released.wait()
        return not live.is_connected and not live.is_ended  # of several that waited, one goes on

    def _is_over(self, live: LiveConversation) -> bool:
        """Whether a new connection begins another one. What nobody has heard yet may be speech to its end."""
        since = live.last_spoken if live.is_heard or live.is_connected else live.ledger.end
        return live.is_ended or self._is_silent(live, since=since)

    def _is_done(self, live: LiveConversation) -> bool:
        """Whether it can be finished: nobody is there, all was heard, and nobody will come back."""
        idle = not live.is_connected and live.is_heard and (live.given_up.is_set() or not live.is_recovering)
        return idle and (live.is_ended or self._is_silent(live, since=live.last_spoken))

    def _must_do_without(self, live: LiveConversation) -> bool:
        """Whether its memory is made now, although part of it could not be heard. Without words it can wait."""
        if live.is_connected or live.is_heard or not self.rules.is_worth_keeping(live.transcript.word_count):
            return False
        now = live.opened.epoch.position_of(self._clock.now())
        return self.rules.patient(live.silence).has_waited_enough(end=live.ledger.end, now=now)

    def _is_silent(self, live: LiveConversation, *, since: int) -> bool:
        now = live.opened.epoch.position_of(self._clock.now())
        return self.rules.patient(live.silence).has_ended(last_spoken=since, now=max(now, live.ledger.end))
