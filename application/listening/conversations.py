"""All conversations that go on or may go on: who continues which, and when one has ended."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import anyio

from application.listening.arrivals import Arrivals
from application.listening.conversation_clock import STALLED, ConversationClock
from application.listening.conversation_records import NO_AUDIO, Connected, Disconnected, Opened
from application.listening.finish_conversation import FinishConversation
from application.listening.hear_again import unheard_from
from application.listening.known_streams import KnownStreams
from application.listening.live_conversation import LiveConversation
from domain.client_stream import StreamPlace
from domain.conversation import CaptureEpoch, ConversationRules
from domain.ids import ConversationId, UserId, new_id
from domain.session import SessionRequest
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.conversation_leases import ConversationLeases
from ports.errors import TemporarilyUnavailable

NOBODY = "no recognizer could be had"

LETTING_GO = 2.0
"""Seconds that the older connection has for it."""

CHECK_SECONDS = 1.0

Bring = Callable[[UserId, str], Awaitable[None]]
"""Brings the conversations of a user here from other servers, as far as they can be continued.

That of the client's stream with this name can: its client is here.
"""


class Conversations:
    """Keeps conversations over the connections of their user."""

    def __init__(
        self,
        *,
        journal: CaptureJournal,
        leases: ConversationLeases,
        finish: FinishConversation,
        clock: Clock,
        rules: ConversationRules,
        identify: Callable[[], str] = new_id,
        streams: KnownStreams | None = None,
    ) -> None:
        self._journal = journal
        self._leases = leases
        self._finish = finish
        self._clock = clock
        self.rules = rules
        self._now = ConversationClock(rules, clock=clock)
        self._identify = identify
        self._streams = streams
        self._open: dict[ConversationId, LiveConversation] = {}
        self.arrivals = Arrivals()
        """Conversations that are being restored."""
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

    def detach(self, live: LiveConversation) -> None:
        """The connection is gone; the user may come back."""
        live.disconnect()
        live.note(Disconnected(at=self._clock.now()))

    def has_ended(self, live: LiveConversation) -> bool:
        """Whether the silence has been long enough, and everything said before has been heard."""
        return self._now.has_ended(live)

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
        if await self._finish.finish(live):
            self._open.pop(live.id, None)
            live.close()
            self._leases.forget(live.id)
        else:
            await self._remove(live)

    async def discard(self, live: LiveConversation) -> None:
        """Forgets a conversation in which nothing was said; what was seen in it may be worth remembering.

        Raises:
            TemporarilyUnavailable: not now. Nothing changed; try again.
        """
        await self._finish.leave_off(live)
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
        if self._now.is_over(live) or not await self._is_free(live) or self._open.get(live.id) is not live:
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
                if self._now.must_do_without(live):
                    live.give_up(NOBODY)
                if self._now.is_done(live):
                    with suppress(TemporarilyUnavailable):
                        await self.finish(live)

    async def _continued(self, request: SessionRequest) -> LiveConversation | None:
        """The conversation that a user comes back to, wherever it is now."""
        await self.arrivals.wait(request.user)
        live = await self._free_conversation(request)
        stream = request.stream.name if request.stream is not None and request.stream.goes_on else ""
        is_elsewhere = live is None or (stream and not live.is_of(stream))
        if is_elsewhere and self.bring is not None:
            await self.bring(request.user, stream)
            await self.arrivals.wait(request.user)
            live = await self._free_conversation(request)
        return live

    async def _remove(self, live: LiveConversation) -> None:
        live.close()
        await self._journal.remove(live.id)  # while it is known: what fails now is tried again
        self._open.pop(live.id, None)
        self._leases.forget(live.id)

    async def _free_conversation(self, request: SessionRequest) -> LiveConversation | None:
        """The newest conversation of a user that a new connection may continue; before that, the one that it names."""
        marks = request.marks
        own = [live for live in reversed(self._open.values()) if live.user == request.user]
        own = [live for live in own if not marks.contradict(live.marks)]
        own.sort(key=lambda live: not live.is_named_by(request))
        for live in own:  # while one of them is asked to let go, sessions of others begin and end
            if live.id not in self._open or self._now.is_over(live):
                continue
            if live.is_named_by(request) or self._now.is_stalled(live):
                if await self._is_released(live):
                    return live
            elif not live.is_connected:
                return live
        return None

    async def _is_free(self, live: LiveConversation) -> bool:
        """Whether nobody is heard in it; a connection that has been behind for long is asked to let go."""
        return not live.is_connected or (self._now.is_stalled(live) and await self._is_released(live))

    async def _is_released(self, live: LiveConversation) -> bool:
        """Asks whoever is connected to let go."""
        if not live.is_connected:
            return True
        live.taken_over.set()
        with anyio.move_on_after(LETTING_GO):
            await live.released.wait()
        return not live.is_connected and not live.is_ended  # of several that waited, one goes on
