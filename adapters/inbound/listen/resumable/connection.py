"""One socket of a session that outlives it."""

from collections.abc import Callable
from contextlib import suppress

import anyio

from adapters.inbound.listen.age import grown_old
from adapters.inbound.listen.connection import GOING_AWAY, REASONS, RESTART, SEND_SECONDS, TAKEN_OVER, Receive, Send
from adapters.inbound.listen.generations import Generation
from adapters.inbound.listen.heartbeat import beat
from adapters.inbound.listen.resumable.event_log import NumberedEvent
from adapters.inbound.listen.resumable.session import ResumableSession
from adapters.inbound.listen.resumable.wire import HEADER, Acknowledged, encoded, event, snapshot
from adapters.inbound.listen.wire import PING
from domain.errors import InvalidRequest
from ports.clock import Clock

ACKNOWLEDGE_SECONDS = 0.25
SETTLE_SECONDS = 1.0
KEEP_ALIVE_BYTES = HEADER.size + 2
"""Binary messages up to this size hold no packet."""

PACKETS_BETWEEN_LOOKS = 256
INVALID, STORAGE = 1008, 1013


class ResumableConnection:
    """Moves messages between a socket and its session, until one of them ends or a newer socket is there."""

    def __init__(
        self,
        held: ResumableSession,
        *,
        receive: Receive,
        send: Send,
        clock: Clock,
        generation: Generation,
        last_event: int,
        longest: float,
    ) -> None:
        self._held = held
        self._receive = receive
        self._send = send
        self._clock = clock
        self._generation = generation
        self._told = last_event
        self._longest = longest
        """Seconds after which the client has to connect again; 0.0: never."""
        self._packets = 0
        self._signs_of_life = 0
        self._leave = anyio.Event()
        self._close: tuple[int, str] | None = None

    async def run(self, greet: Callable[[], str]) -> None:
        """Serves the socket; returns when it is closed. The greeting says what the session has by then."""
        held = self._held
        fence = self._fenced
        held.attach(fence)
        try:
            await self._settle()
            if await self._deliver(greet()):
                async with anyio.create_task_group() as tasks:
                    for task in (self._read, self._write, self._acknowledge, self._beat, self._watch_age):
                        tasks.start_soon(task)
                    await self._leave.wait()
                    tasks.cancel_scope.cancel()
        finally:
            held.detach(fence)
        if self._close is not None:
            code, reason = self._close
            with anyio.move_on_after(SEND_SECONDS), suppress(OSError):
                await self._send({"type": "websocket.close", "code": code, "reason": reason})

    def take(self, message: bytes) -> bool:
        """Takes a packet at once; leaves what is unusual to the reading task."""
        if len(message) <= KEEP_ALIVE_BYTES or self._packets % PACKETS_BETWEEN_LOOKS == 0:
            return False
        return self._hear(message)

    def _fenced(self) -> None:
        self._end(TAKEN_OVER, REASONS[TAKEN_OVER])

    def _end(self, code: int | None, reason: str = "") -> None:
        if not self._leave.is_set():
            self._close = None if code is None else (code, reason)
            self._leave.set()

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            packet = message.get("bytes")
            if packet is not None:
                if len(packet) > KEEP_ALIVE_BYTES:
                    self._hear(packet)
                    while self._held.is_behind:
                        await anyio.sleep(0.1)
                else:
                    self._signs_of_life += 1
            elif message["type"] == "websocket.disconnect":
                self._end(None)
                return
            else:
                self._signs_of_life += 1
                self._heed(message.get("text") or "")

    def _hear(self, message: bytes) -> bool:
        if self._leave.is_set() or self._held.over.is_set():
            return True  # the client keeps what is not acknowledged
        self._packets += 1
        try:
            if not self._held.take(message):
                self._end(STORAGE, "audio cannot be stored now; keep it and connect again")
        except InvalidRequest as error:
            self._end(INVALID, str(error))
        return True

    def _heed(self, text: str) -> None:
        if not self._leave.is_set() and not self._held.over.is_set():
            self._held.heed(text)

    async def _write(self) -> None:
        """Tells what the client does not have, in order, and then what happens."""
        log = self._held.log
        while True:
            missed = log.since(self._told)
            if missed is None:
                self._told, text = await self._held.snapshot()
                if not await self._deliver(text):
                    return
                continue
            for each in missed:
                if not await self._deliver(_encoded(each)):
                    return
                self._told = each.number
            if log.is_closed and self._told >= log.last:
                await self._settle()
                await self._deliver(encoded(self._held.acknowledged()))
                self._end(self._held.code, REASONS.get(self._held.code, ""))
                return
            await log.wait(behind=self._told)

    async def _acknowledge(self) -> None:
        told: Acknowledged | None = None
        while True:
            await self._clock.sleep(ACKNOWLEDGE_SECONDS)
            await self._held.settle()
            now = self._held.acknowledged()
            if now != told:
                told = now
                await self._deliver(encoded(now))

    async def _settle(self) -> None:
        """For a moment: what is not settled by then is acknowledged later."""
        with anyio.move_on_after(SETTLE_SECONDS):
            await self._held.settle()

    async def _watch_age(self) -> None:
        if self._longest:
            await grown_old(self._longest, clock=self._clock, is_speaking=lambda: self._held.is_speaking)
            self._end(RESTART, REASONS[RESTART])

    async def _beat(self) -> None:
        await beat(
            self._generation,
            clock=self._clock,
            life=lambda: self._packets + self._signs_of_life,
            ping=lambda: self._deliver(PING),
        )
        self._end(GOING_AWAY)

    async def _deliver(self, text: str) -> bool:
        """Sends a message. What a client that has gone did not get is told to it when it comes back."""
        with anyio.move_on_after(SEND_SECONDS):
            with suppress(OSError):
                await self._send({"type": "websocket.send", "text": text})
            return True
        self._end(GOING_AWAY, REASONS[GOING_AWAY])
        return False


def _encoded(each: NumberedEvent) -> str:
    if each.standing:
        return snapshot(each.number, conversation=each.standing, message=each.text)
    return event(each.number, each.text)
