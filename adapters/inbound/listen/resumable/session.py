"""A session that outlives its sockets: what of the client's stream it has, and what the client was told."""

from collections.abc import Callable
from contextlib import suppress

import anyio
import anyio.lowlevel

from adapters.inbound.listen.control import obey
from adapters.inbound.listen.generations import Generation
from adapters.inbound.listen.resumable.agreement import Agreement
from adapters.inbound.listen.resumable.event_log import EventLog
from adapters.inbound.listen.resumable.wire import (
    HEADER,
    Acknowledged,
    Gap,
    encoded,
    said_in,
    snapshot,
)
from application.listening.listening_session import ListeningSession
from domain.audio import SAMPLE_RATE
from domain.client_stream import ClientStream, further
from domain.errors import InvalidRequest
from domain.ids import UserId
from domain.session import MemoryCreated, SessionEvent, TranscriptGrew
from domain.transcript import TranscriptChange
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable

FUTURE_SECONDS = 600.0
"""How far a client's clock may run ahead of ours."""

IDLE_SECONDS = 10.0
"""A client that is there and sends nothing for so long has nothing to send."""

NORMAL, TAKEN_OVER = 1000, 4409


class ResumableSession:
    """What is kept of a client while its sockets come and go. One socket at a time is attached."""

    def __init__(
        self,
        session: ListeningSession,
        *,
        identity: str,
        user: UserId,
        agreement: Agreement,
        stream: ClientStream,
        generation: Generation,
        clock: Clock,
        since: int,
    ) -> None:
        """Nobody is connected.

        Args:
            session: that hears.
            identity: what it is called.
            user: whose it is.
            agreement: with its client.
            stream: what was taken of the client's stream, and where it lies.
            generation: how its client is spoken to.
            clock: tells the time.
            since: number of the last event that the client has.
        """
        self.id = identity
        self.user = user
        self.agreement = agreement
        self.stream = stream
        self.log = EventLog(clock=clock, since=since)
        self.over = anyio.Event()
        """Set when nobody can send to it any more."""
        self.released = anyio.Event()
        """Set when its conversation can go on with others."""
        self.code = NORMAL
        """How its sockets close."""
        self.connections = 0
        """Sockets that it had."""
        self.left_at: float | None = None
        """Since when no socket is attached; None while one is."""
        self._session = session
        self._generation = generation
        self._clock = clock
        self.settled = stream.reach
        """What of the stream is wherever it is kept."""
        self._settling = session.conversation
        """In whose journal the last packets were when they were looked for."""
        self._fence: Callable[[], None] | None = None
        session.may_be_late = self._may_be_late
        self._last_packet = clock.monotonic()

    @property
    def conversation(self) -> str:
        """The conversation that goes on."""
        return self._session.conversation.id

    @property
    def is_behind(self) -> bool:
        """Whether the client should wait before it sends more."""
        return self._session.is_behind

    @property
    def is_speaking(self) -> bool:
        """Whether somebody speaks just now."""
        return self._session.is_speaking

    def acknowledged(self) -> Acknowledged:
        """How far the server is, as of the last time that all was settled."""
        transcribed = min(max(self.stream.place.position_of(self._session.transcribed), 0), self.settled.position)
        return Acknowledged(
            durable=self.settled.position, transcribed=transcribed, messages=self.agreement.acknowledged
        )

    async def settle(self) -> None:
        """Waits until what was taken is wherever it is kept. What does not get there now is not acknowledged."""
        if self.code != TAKEN_OVER:  # another session keeps it by now
            with suppress(TemporarilyUnavailable):
                await self.agreement.keep()
        reached, former, present = self.stream.reach, self._settling, self._session.conversation
        with suppress(TemporarilyUnavailable):
            if former is not present:
                await former.settle()
        with suppress(TemporarilyUnavailable):
            await present.settle()
            self.settled, self._settling = further(self.settled, reached), present

    def attach(self, fence: Callable[[], None]) -> None:
        """A socket begins to send; the one before is told to go, and nothing more is taken from it."""
        if self._fence is not None:
            self._fence()
        self._fence = fence
        self.connections += 1
        self.left_at = None
        self._last_packet = self._clock.monotonic()

    def detach(self, fence: Callable[[], None]) -> None:
        """A socket is gone; harmless when a newer one is there."""
        if self._fence == fence:
            self._fence = None
            self.left_at = self._clock.monotonic()

    def end(self, code: int) -> None:
        """Nothing more is taken. Harmless when called twice."""
        if not self.over.is_set():
            self.code = code
            self.over.set()

    def take(self, message: bytes) -> bool:
        """Takes a packet behind its header. False where it cannot be stored now: the client sends it again.

        Raises:
            InvalidRequest: its position lies in the future.
        """
        [position] = HEADER.unpack_from(message)
        stream = self.stream
        packet = stream.fresh(message[HEADER.size :], position=position)
        if not packet:
            return True
        begin = max(position, stream.next)
        self._check_future(begin)
        skipped = self._session.place(
            packet,
            position=stream.place.captured_at(begin),
            tolerance=stream.tolerance,
            written=stream.written(packet, position=begin),
        )
        if skipped is None:
            return False
        stream.take(packet, position=begin)
        self._last_packet = self._clock.monotonic()
        if skipped:
            start = stream.place.position_of(stream.place.captured_at(begin) - skipped)
            self.log.append(encoded(Gap(start=start, end=begin)))
        return True

    def heed(self, text: str) -> None:
        """Does what a text message says, once."""
        said = said_in(text)
        if said is None:
            obey(text, self._session)
        elif said.number > self.agreement.heeded:
            if said.is_finish:
                self.finish()
            else:
                obey(said.text, self._session)
            self.agreement.heed(said.number)

    def finish(self) -> None:
        """No more audio comes."""
        self.stream.finish()
        self.agreement.finish()
        self.end(NORMAL)

    async def keep(self) -> None:
        """Numbers what the client is to be told, until there is nothing more."""
        self._session.teller = self.tell
        async for event in self._session.events:
            self.tell(event)
        self.log.close()

    async def snapshot(self) -> tuple[int, str]:
        """How the conversation stands, and the number of the last event that is in it."""
        events = self._session.events
        while not self.log.is_closed and events.statistics().tasks_waiting_receive == 0:
            await anyio.lowlevel.checkpoint()  # something is on its way into the log
        conversation, message = self._standing()
        return self.log.last, snapshot(self.log.last, conversation=conversation, message=message)

    def tell_how_it_stands(self) -> None:
        """Tells a client, whose events are lost with their process, the conversation that goes on. Before `keep`."""
        early: list[SessionEvent] = []
        with suppress(anyio.WouldBlock, anyio.EndOfStream):
            while True:
                early.append(self._session.events.receive_nowait())
        conversation, message = self._standing()
        self.log.append(message, standing=conversation)
        for event in early:
            if not isinstance(event, TranscriptGrew):  # that is in it
                self.tell(event)

    def tell(self, event: SessionEvent) -> bool:
        """Numbers an event for the client."""
        text = self._generation.encoded(event)
        if text is not None:
            self.log.append(text)
        if isinstance(event, MemoryCreated):
            self.agreement.tell(event.conversation, number=self.log.last)
        return True

    def _standing(self) -> tuple[str, str]:
        """The conversation that goes on, and its words as its client is told them."""
        live = self._session.conversation
        segments = live.translations.on(live.transcript.segments)
        whole = TranscriptGrew(live.id, live.origin, TranscriptChange(added=segments, changed=segments))
        message = self._generation.encoded(whole) if segments else None
        return live.id, message or "[]"

    def _check_future(self, position: int) -> None:
        now = self._session.conversation.opened.epoch.position_of(self._clock.now())
        if self.stream.place.captured_at(position) > now + FUTURE_SECONDS * SAMPLE_RATE:
            raise InvalidRequest("the position of a packet lies in the future")

    def _may_be_late(self) -> bool:
        """Whether audio of a time that has passed may still come: then the time that passed is no silence."""
        return self.left_at is not None or self._clock.monotonic() - self._last_packet < IDLE_SECONDS
