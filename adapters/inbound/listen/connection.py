"""One socket and its session: one task always reads, one writes, and neither waits for the other."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
import structlog

from adapters.inbound.listen.age import grown_old
from adapters.inbound.listen.control import obey
from adapters.inbound.listen.generations import Generation
from adapters.inbound.listen.heartbeat import beat
from application.listening.listening_session import ListeningSession
from domain.session import SessionEvent
from ports.clock import Clock

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
SendAtOnce = Callable[[str], bool]
"""Sends a text message without a wait, or says that it has to be sent by `Send`."""
SEND_SECONDS = 10.0
"""A client that takes no message for this long is gone."""

KEEP_ALIVE_BYTES = 2
"""Binary messages up to this size say that the client is there, and nothing else."""

PACKETS_BETWEEN_LOOKS = 256
"""At whether the client is too far ahead."""

NORMAL, GOING_AWAY, RESTART, TAKEN_OVER = 1000, 1001, 1012, 4409
SILENT = GOING_AWAY

log = structlog.get_logger()


class Connection:
    """Moves messages between a socket and its session, until one of them ends."""

    def __init__(
        self,
        session: ListeningSession,
        *,
        receive: Receive,
        send: Send,
        clock: Clock,
        generation: Generation,
        send_at_once: SendAtOnce | None = None,
        longest: float = 0.0,
    ) -> None:
        self._session = session
        self._send_at_once = send_at_once
        self._generation = generation
        self._longest = longest
        """Seconds after which the socket is closed, a pause before that; 0.0: never."""
        self._signs_of_life = 0
        """Messages other than audio."""
        self._accept = session.accept
        self._receive = receive
        self._send = send
        self._clock = clock
        self._packets = 0
        self._leave = anyio.Event()
        self._close_code: int | None = None

    async def run(self) -> None:
        """Serves the socket; returns when it is closed and all that came was heard."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._read)
            tasks.start_soon(self._beat)
            tasks.start_soon(self._watch_takeover)
            if self._longest:
                tasks.start_soon(self._watch_age)
            self._session.teller = self._tell_at_once
            writing = anyio.Event()
            tasks.start_soon(self._write, writing)
            await self._leave.wait()
            self._session.teller = None
            if self._close_code == TAKEN_OVER:
                self._session.stop()
            else:
                await self._session.drain()
                with anyio.move_on_after(SEND_SECONDS):
                    await writing.wait()
            tasks.cancel_scope.cancel()
        if self._close_code is not None:
            await self._close(self._close_code)
        summary = self._session.summary(packets=self._packets)
        log.info("session_ended", **{name: getattr(summary, name) for name in summary.__struct_fields__})

    def go_away(self) -> None:
        """The server stops: what was said still reaches the client, then the socket closes."""
        self._end(RESTART)

    def _end(self, code: int | None) -> None:
        if not self._leave.is_set():
            self._close_code = code
            self._leave.set()

    async def _read(self) -> None:
        receive = self._receive
        while True:
            message = await receive()
            packet = message.get("bytes")
            if packet is not None:
                self._hear(packet)
                if self._session.is_behind:
                    await self._catch_up()
            elif message["type"] == "websocket.disconnect":
                self._end(None)
                return
            else:
                self._signs_of_life += 1
                obey(message.get("text") or "", self._session)

    def take(self, packet: bytes) -> bool:
        """Takes a packet at once; now and then leaves one to the reading task, which looks how far ahead we are."""
        if self._packets % PACKETS_BETWEEN_LOOKS == 0:
            return False
        if len(packet) > KEEP_ALIVE_BYTES:  # as `_hear` does, without the call: this is the way of nearly every packet
            self._accept(packet)
            self._packets += 1
        else:
            self._signs_of_life += 1
        return True

    def _hear(self, packet: bytes) -> None:
        if len(packet) > KEEP_ALIVE_BYTES:
            self._accept(packet)
            self._packets += 1
        else:
            self._signs_of_life += 1

    async def _catch_up(self) -> None:
        """A file comes faster than it can be heard: lets it wait in the network."""
        while self._session.is_behind:
            await anyio.sleep(0.1)

    async def _write(self, done: anyio.Event) -> None:
        encoded = self._generation.encoded
        async for event in self._session.events:
            text = encoded(event)
            if text is not None and not await self._deliver(text):
                break
        done.set()
        self._end(GOING_AWAY)

    def _tell_at_once(self, event: SessionEvent) -> bool:
        text = self._generation.encoded(event)
        return text is None or (self._send_at_once is not None and self._send_at_once(text))

    async def _beat(self) -> None:
        if self._generation.is_pinged_at_once:
            await self._deliver(self._generation.ping)
        await beat(
            self._generation,
            clock=self._clock,
            life=lambda: self._packets + self._signs_of_life,
            ping=lambda: self._deliver(self._generation.ping),
        )
        self._end(SILENT)

    async def _deliver(self, text: str) -> bool:
        """Sends a message; a client that does not take it is given up.

        One that has gone is not: what it sent before still waits to be read, and its disconnect behind that.
        """
        with anyio.move_on_after(SEND_SECONDS):
            with suppress(OSError):
                await self._send({"type": "websocket.send", "text": text})
            return True
        self._end(GOING_AWAY)
        return False

    async def _watch_age(self) -> None:
        await grown_old(self._longest, clock=self._clock, is_speaking=lambda: self._session.is_speaking)
        self._end(RESTART)

    async def _watch_takeover(self) -> None:
        await self._session.taken_over.wait()
        self._end(TAKEN_OVER)

    async def _close(self, code: int) -> None:
        with anyio.move_on_after(SEND_SECONDS), suppress(OSError):
            await self._send({"type": "websocket.close", "code": code, "reason": REASONS.get(code, "")})


REASONS = {
    RESTART: "the service restarts; connect again",
    TAKEN_OVER: "a newer connection goes on with this conversation",
    GOING_AWAY: "the client does not take its messages",
}
