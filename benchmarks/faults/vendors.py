"""Simulated vendors with the adapters that talk to them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio
from msgspec import Struct, field

from adapters.inbound.simulators.deepgram import serve_deepgram
from adapters.inbound.simulators.faults import ConnectionFaults, Fault, FaultScript, Moment
from adapters.inbound.simulators.server import Listener
from adapters.inbound.simulators.soniox import serve_soniox
from adapters.inbound.simulators.speechmatics import serve_speechmatics
from adapters.outbound.speech_to_text.deepgram import DeepgramSpeechToText, DeepgramSpeechToTextSettings
from adapters.outbound.speech_to_text.soniox import SonioxSpeechToText, SonioxSpeechToTextSettings
from adapters.outbound.speech_to_text.speechmatics import SpeechmaticsSpeechToText, SpeechmaticsSpeechToTextSettings
from ports.speech_to_text import SpeechToText

KEY = "a-key-for-benchmarks"
KEEP_ALIVE = 0.8
"""Seconds, much shorter than the vendors demand: so that a pause of two seconds is a silence for them."""

VENDORS = ("deepgram", "soniox", "speechmatics")


class TimedScript(FaultScript, frozen=True, kw_only=True):
    """A script that notes when its faults begin."""

    began: list[float] = field(default_factory=list)
    """Moments on the clock of the event loop."""

    def of_connection(self, number: int) -> ConnectionFaults:
        """What goes wrong on one connection."""
        faults = (f for f in self.faults if not f.connections or number in f.connections)
        return _TimedFaults(faults, began=self.began)


class _TimedFaults(ConnectionFaults):
    def __init__(self, faults: Any, *, began: list[float]) -> None:  # noqa: ANN401 - an iterable of faults
        super().__init__(faults)
        self._began = began

    def begin(self, moment: Moment, *, audio_seconds: float = 0.0) -> tuple[Fault, ...]:
        begun = super().begin(moment, audio_seconds=audio_seconds)
        if begun:
            self._began.append(anyio.current_time())
        return begun


class Simulated(Struct, frozen=True):
    """A vendor and its adapter, which is not open yet: a chain opens its recognizers itself."""

    recognizer: SpeechToText
    listener: Listener
    hang_up: Callable[[], Any]


@asynccontextmanager
async def simulated(vendor: str, script: FaultScript | None = None) -> AsyncIterator[Simulated]:
    """A vendor of one's own, at a port of its own."""
    server, adapter = _MAKERS[vendor]
    async with server(key=KEY, script=script) as simulation:
        yield Simulated(adapter(simulation.url), simulation.listener, simulation.hang_up)


def _deepgram(url: str) -> SpeechToText:
    settings = DeepgramSpeechToTextSettings(api_key=KEY, url=url, keep_alive_seconds=KEEP_ALIVE)
    return DeepgramSpeechToText(settings)


def _soniox(url: str) -> SpeechToText:
    return SonioxSpeechToText(SonioxSpeechToTextSettings(api_key=KEY, url=url, keep_alive_seconds=KEEP_ALIVE))


def _speechmatics(url: str) -> SpeechToText:
    return SpeechmaticsSpeechToText(SpeechmaticsSpeechToTextSettings(api_key=KEY, url=url))


_Server = Callable[..., AbstractAsyncContextManager[Any]]
_MAKERS: dict[str, tuple[_Server, Callable[[str], SpeechToText]]] = {
    "deepgram": (serve_deepgram, _deepgram),
    "soniox": (serve_soniox, _soniox),
    "speechmatics": (serve_speechmatics, _speechmatics),
}
