"""A session that outlives its sockets: what of the client's stream it has, and what the client was told."""

from collections.abc import Callable

import anyio
import anyio.lowlevel
from msgspec import Struct

from adapters.inbound.listen.control import obey
from adapters.inbound.listen.generations import Generation
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
from domain.client_stream import ClientStream
from domain.errors import InvalidRequest
from domain.session import SessionEvent, SessionRequest, TranscriptGrew
from domain.transcript import TranscriptChange
from ports.clock import Clock

FUTURE_SECONDS = 600.0
"""How far a client's clock may run ahead of ours since it said what time it has."""

IDLE_SECONDS = 10.0
"""A client that is there and sends nothing for so long has nothing to send."""

NORMAL = 1000


class ClientClock(Struct):
    """What time the client had, and when that was."""

    position: int
    at: float
    """Seconds, monotonic."""


class ResumableSession:
    """What is kept of a client while its sockets come and go. One socket at a time is attached."""

    def __init__(
        self,
        session: ListeningSession,
        *,
        identity: str,
        request: SessionRequest,
        name: str,
        stream: ClientStream,
        generation: Generation,
        clock: Clock,
    ) -> None:
        self.id = identity
        self.user = request.user
        self.audio = request.audio
        self.name = name
        """Of the client's stream."""
        self.stream = stream
        self.log = EventLog(clock=clock)
        self.over = anyio.Event()
        """Set when nobody can send to it any more."""
        self.released = anyio.Event()
        """Set when its conversation can go on with others."""
        self.code = NORMAL
        """How its sockets close."""
        self.heeded = 0
        """Number of the last text message that was done."""
        self.connections = 0
        """Sockets that it had."""
        self.left_at: float | None = None
        """Since when no socket is attached; None while one is."""
        self._session = session
        self._generation = generation
        self._clock = clock
        self._client = ClientClock(0, clock.monotonic())
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

    def acknowledged(self) -> Acknowledged:
        """How far the server is."""
        transcribed = min(max(self.stream.place.position_of(self._session.transcribed), 0), self.stream.next)
        return Acknowledged(durable=self.stream.next, transcribed=transcribed, messages=self.heeded)

    def attach(self, fence: Callable[[], None], *, now: int) -> None:
        """A socket begins to send; the one before is told to go, and nothing more is taken from it."""
        if self._fence is not None:
            self._fence()
        self._fence = fence
        self.connections += 1
        self.left_at = None
        self._last_packet = self._clock.monotonic()
        self._client = ClientClock(now, self._last_packet)

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
        skipped = self._session.place(packet, position=stream.place.captured_at(begin), tolerance=stream.tolerance)
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
        elif said.number > self.heeded:
            self.heeded = said.number
            if said.is_finish:
                self.end(NORMAL)
            else:
                obey(said.text, self._session)

    async def keep(self) -> None:
        """Numbers what the client is to be told, until there is nothing more."""
        self._session.teller = self._tell
        async for event in self._session.events:
            self._tell(event)
        self.log.close()

    async def snapshot(self) -> tuple[int, str]:
        """How the conversation stands, and the number of the last event that is in it."""
        events = self._session.events
        while not self.log.is_closed and events.statistics().tasks_waiting_receive == 0:
            await anyio.lowlevel.checkpoint()  # something is on its way into the log
        live = self._session.conversation
        segments = live.transcript.segments
        whole = TranscriptGrew(live.id, live.origin, TranscriptChange(added=segments, changed=segments))
        message = self._generation.encoded(whole) if segments else None
        return self.log.last, snapshot(self.log.last, conversation=live.id, message=message or "[]")

    def _tell(self, event: SessionEvent) -> bool:
        text = self._generation.encoded(event)
        if text is not None:
            self.log.append(text)
        return True

    def _check_future(self, position: int) -> None:
        elapsed = self._clock.monotonic() - self._client.at + FUTURE_SECONDS
        if position > self._client.position + elapsed * self.stream.place.rate:
            raise InvalidRequest("the position of a packet lies in the future")

    def _may_be_late(self) -> bool:
        """Whether audio of a time that has passed may still come: then the time that passed is no silence."""
        return self.left_at is not None or self._clock.monotonic() - self._last_packet < IDLE_SECONDS
