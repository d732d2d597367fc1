"""Soniox for its tests: the SDK against the simulated vendor, and what was left behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import psutil

from adapters.inbound.simulators.faults import Fault, FaultScript
from adapters.inbound.simulators.server import Listener
from adapters.inbound.simulators.soniox import SimulatedSoniox, serve_soniox
from adapters.outbound.speech_to_text.soniox import SonioxSpeechToText, SonioxSpeechToTextSettings
from domain.recognition import FinalWords
from domain.transcript import Word
from domain.watermark import WORD_SAMPLES
from ports.speech_to_text import TranscriptionStream

KEY = "a-key-that-must-not-show"
PAUSE = 8_000
SPACING = WORD_SAMPLES + PAUSE


@asynccontextmanager
async def soniox(
    *faults: Fault,
    idle_seconds: float = 20.0,
    longest_seconds: float = 18_000.0,
    most_sessions: int = 10,
    **settings: object,
) -> AsyncIterator[tuple[SonioxSpeechToText, SimulatedSoniox]]:
    async with serve_soniox(
        script=FaultScript(faults=faults),
        key=KEY,
        idle_seconds=idle_seconds,
        longest_seconds=longest_seconds,
        most_sessions=most_sessions,
    ) as vendor:
        chosen = SonioxSpeechToTextSettings(**{"api_key": KEY, "url": vendor.url, **settings})  # type: ignore[arg-type]
        yield SonioxSpeechToText(chosen), vendor


async def through(stream: TranscriptionStream, position: int) -> list[Word]:
    """Listens until the watermark has reached a position; gives the final words."""
    words: list[Word] = []
    with anyio.fail_after(5):
        async for event in stream:
            if isinstance(event, FinalWords):
                words += event.words
                if event.through >= position:
                    break
    return words


def sockets_to(listener: Listener) -> list[object]:
    """The client's ends of connections that are open."""
    connections = psutil.Process().net_connections("tcp")
    return [
        connection
        for connection in connections
        if connection.raddr and connection.raddr.port == listener.port and connection.status == "ESTABLISHED"
    ]


def tasks_of_websockets() -> list[str]:
    """The library of the SDK starts tasks of its own on the client's side."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return [name for name in names if "keepalive" in name]
