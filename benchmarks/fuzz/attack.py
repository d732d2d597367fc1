"""One process that sends odd and broken frames over many sockets, and notes how each was closed."""

import random
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import msgspec
from anyio.abc import SocketStream
from msgspec import Struct

from adapters.outbound.authenticator.local import LocalAuthenticator
from adapters.outbound.clock.system import SystemClock
from benchmarks.fuzz.frames import CLOSE, PING, PONG, Attack, attacks, frame
from domain.ids import UserId

BROKEN = 0.03
CLOSED_SECONDS = 60.0
"""How long a close is waited for."""
GONE = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)


class Order(Struct, frozen=True, kw_only=True):
    """What is to be done."""

    address: str
    """`http://127.0.0.1:8000`."""
    data_dir: str
    frames: int
    sockets: int
    rate: float
    """Frames a second over all sockets."""
    seed: int = 0


class Tally(Struct, kw_only=True):
    """What came of it."""

    frames: int = 0
    opened: int = 0
    sent: dict[str, int] = {}
    """Kind -> how often."""
    right: int = 0
    """Sockets that were closed with the right code."""
    wrong: dict[str, int] = {}
    """What was sent, and what came instead of the right code."""
    seconds: float = 0.0


class Socket:
    """A connection past its handshake."""

    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream
        self._pongs: list[bytes] = []
        self.code: int | None = None
        """Of the close that came; 0 where the connection ended without one."""
        self.is_closed = anyio.Event()

    async def send(self, content: bytes) -> None:
        """Sends bytes, behind answers that are due. A connection that is gone takes nothing."""
        with suppress(*GONE):
            while self._pongs:
                await self._stream.send(frame(PONG, self._pongs.pop(0)))
            await self._stream.send(content)

    async def read(self) -> None:
        """Reads until the connection ends."""
        waiting = b""
        with suppress(*GONE):
            while self.code is None:
                waiting += await self._stream.receive()
                while (taken := self._take(waiting)) is not None:
                    waiting = waiting[taken:]
        self.code = self.code or 0
        self.is_closed.set()

    def _take(self, data: bytes) -> int | None:
        """Looks at the first frame of the server; how long it is. None: it is not all there."""
        if len(data) < 2:
            return None
        size, start = data[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start], "big")
        if len(data) < start + size:
            return None
        payload = data[start : start + size]
        if data[0] & 0xF == CLOSE:
            self.code = int.from_bytes(payload[:2], "big")
        elif data[0] & 0xF == PING:
            self._pongs.append(payload)
        return start + size


class Attacker:
    """Sends what was ordered."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._tally = Tally()
        self._tokens = LocalAuthenticator(data_dir=Path(order.data_dir), clock=SystemClock())

    async def run(self) -> Tally:
        """Returns when all is sent."""
        began = time.monotonic()
        async with anyio.create_task_group() as tasks:
            for number in range(self._order.sockets):
                tasks.start_soon(self._attack, number, -(-self._order.frames // self._order.sockets))
        self._tally.seconds = time.monotonic() - began
        return self._tally

    async def _attack(self, number: int, left: int) -> None:
        dice = random.Random(f"{self._order.seed}:{number}")
        while left > 0:
            stream = await self._opened(number)
            async with stream, anyio.create_task_group() as tasks:
                socket = Socket(stream)
                tasks.start_soon(socket.read)
                left -= await self._use(socket, dice, left)
                tasks.cancel_scope.cancel()

    async def _use(self, socket: Socket, dice: random.Random, left: int) -> int:
        """Sends over one socket until it is closed or nothing is left; returns how many frames."""
        sent, pause, due = 0, self._order.sockets / self._order.rate, time.monotonic()
        while sent < left and not socket.is_closed.is_set():
            attack = attacks(dice, broken=BROKEN)
            with anyio.move_on_after(CLOSED_SECONDS):
                await socket.send(attack.content)
            sent += attack.frames
            self._tally.frames += attack.frames
            self._tally.sent[attack.kind] = self._tally.sent.get(attack.kind, 0) + 1
            if attack.codes:
                await self._judge(socket, attack)
                return sent
            due += pause * attack.frames
            await anyio.sleep(max(0.0, due - time.monotonic()))
        if socket.is_closed.is_set():
            self._note(f"closed with {socket.code} though nothing was broken")
        return sent

    async def _judge(self, socket: Socket, attack: Attack) -> None:
        with anyio.move_on_after(CLOSED_SECONDS):
            await socket.is_closed.wait()
        if socket.code in attack.codes:
            self._tally.right += 1
        else:
            self._note(f"{attack.kind}: {socket.code}, not {' or '.join(map(str, sorted(attack.codes)))}")

    def _note(self, what: str) -> None:
        self._tally.wrong[what] = self._tally.wrong.get(what, 0) + 1

    async def _opened(self, number: int) -> SocketStream:
        host = urlsplit(self._order.address)
        stream = await anyio.connect_tcp(host.hostname or "", host.port or 80)
        token = self._tokens.issue(UserId(f"fuzz-{number}"))
        lines = (
            "GET /v4/listen?codec=opus&sample_rate=16000 HTTP/1.1",
            f"Host: {host.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Authorization: Bearer {token}",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Version: 13",
            "",
            "",
        )
        await stream.send("\r\n".join(lines).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += await stream.receive(1)
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionRefusedError(head.decode("latin-1"))
        self._tally.opened += 1
        return stream


def main() -> None:
    """Reads an order, does it, and writes what came of it."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(anyio.run(Attacker(order).run)))


if __name__ == "__main__":
    main()
