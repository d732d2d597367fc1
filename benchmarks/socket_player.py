"""A device that plays a recording to the real server, packet by packet, and notes what comes back."""

import time
from typing import Any

import anyio
import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection

from adapters.inbound.command_line.live_socket import address, connected
from adapters.inbound.command_line.pace import paced
from adapters.inbound.command_line.packets import packets
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, Codec

SILENCE_SECONDS = 1.5
"""Sent behind the recording: a device does not stop when a speaker does."""
MEMORY_SECONDS = 30.0
"""How long the memory of the recording is waited for."""


class Said(Struct, frozen=True, kw_only=True):
    """A segment as it was sent to the client."""

    text: str
    start: float
    """Seconds after the first word of the conversation."""
    end: float
    arrived: float
    """Seconds after the first sample of the recording was due."""


class Heard(Struct, frozen=True, kw_only=True):
    """What the server made of a recording."""

    said: tuple[Said, ...]
    captured: float = 0.0
    """Seconds of audio that reached the server; 0 when no memory came."""
    speech: float = 0.0
    """Seconds of it that were sent to the recognizer."""

    @property
    def text(self) -> str:
        """All that was sent, in the order in which it came."""
        return " ".join(segment.text for segment in self.said)


async def play(pcm: bytes, *, server: str, token: str) -> Heard:
    """Sends a recording in real time, in Opus packets of 10 ms, then ends the conversation.

    Args:
        pcm: mono, signed 16-bit little-endian, 16 kHz.
        server: `http://127.0.0.1:8000`.
        token: of a user who has no other session.
    """
    url = address(server, codec=Codec.OPUS, language="en", interim="false")
    silence = bytes(int(SILENCE_SECONDS * SAMPLE_RATE) * SAMPLE_BYTES)
    async with connected(url, token=token) as socket, anyio.create_task_group() as tasks:
        listener = _Listener(socket)
        tasks.start_soon(listener.listen)
        async for packet, _ in paced(packets(pcm + silence, Codec.OPUS), Codec.OPUS, speed=1.0):
            await socket.send(packet)
        await socket.send('{"type":"end_conversation"}')
        with anyio.move_on_after(MEMORY_SECONDS):
            await listener.remembered.wait()
        tasks.cancel_scope.cancel()
    return listener.heard()


class _Listener:
    def __init__(self, socket: ClientConnection) -> None:
        self.remembered = anyio.Event()
        self._socket = socket
        self._began = time.monotonic()
        self._said: list[Said] = []
        self._coverage: dict[str, Any] = {}

    async def listen(self) -> None:
        async for message in self._socket:
            self._take(msgspec.json.decode(message), time.monotonic() - self._began)

    def heard(self) -> Heard:
        captured, speech = (float(self._coverage.get(name, 0.0)) for name in ("captured", "speech"))
        return Heard(said=tuple(self._said), captured=captured, speech=speech)

    def _take(self, message: Any, arrived: float) -> None:  # noqa: ANN401 - JSON
        if isinstance(message, list):
            self._said += [
                Said(text=segment["text"], start=segment["start"], end=segment["end"], arrived=arrived)
                for segment in message
            ]
        elif message["type"] == "new_memory_created":
            self._coverage = message["memory"].get("coverage") or {}
            self.remembered.set()
