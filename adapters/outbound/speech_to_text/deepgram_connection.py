"""Deepgram's protocol over an open socket of its SDK."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from msgspec import Struct
from websockets.exceptions import ConnectionClosed, WebSocketException

from adapters.outbound.deepgram_api import AsyncV1SocketClient, Channel
from adapters.outbound.speech_to_text.leg import Leg, LegResult
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, seconds
from domain.recognition import FinalWords, InterimWords
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

_T = TypeVar("_T")
_PRIMING = bytes(SAMPLE_RATE // 50 * SAMPLE_BYTES)
"""20 ms of silence: Deepgram keeps a stream alive only after it has had audio."""
_BAD_AUDIO = 1008
"""Close code: the audio cannot be decoded."""


class DeepgramConnection:
    """Deepgram's protocol over an open socket; see `VendorConnection`."""

    def __init__(self, socket: AsyncV1SocketClient) -> None:
        self._socket = socket
        self._heard_anything = False
        self._ahead = 0.0
        """Seconds of priming silence: on Deepgram's clock, not on the leg's."""
        self._ending = False

    async def send_audio(self, pcm: bytes) -> None:
        """Sends samples."""
        self._heard_anything = True
        with _translated():
            await self._socket.send_media(pcm)

    async def send_keep_alive(self) -> None:
        """Sends a KeepAlive; before the first audio a little silence, because until then it does not count."""
        with _translated():
            if not self._heard_anything:
                self._heard_anything = True
                self._ahead = seconds(len(_PRIMING) // SAMPLE_BYTES)
                await self._socket.send_media(_PRIMING)
            await self._socket.send_keep_alive()

    async def send_finalize(self) -> None:
        """Asks for final words."""
        with _translated():
            await self._socket.send_finalize()

    async def send_end(self) -> None:
        """Asks for the rest and the summary."""
        self._ending = True
        with _translated():
            await self._socket.send_close_stream()

    async def receive(self, leg: Leg) -> AsyncIterator[FinalWords | InterimWords]:
        """Events, until the summary has come."""
        async for message in self._messages():
            kind = getattr(message, "type", None)
            if kind == "Results":
                for event in self._results(message, leg):
                    yield event
            elif kind == "Error":
                raise _reported(message)
            elif kind == "Metadata" and self._ending:
                return
        raise TemporarilyUnavailable("Deepgram closed the stream without its summary")

    async def _messages(self) -> AsyncIterator[object]:
        with _translated():
            async for message in self._socket:
                yield message

    def _results(self, message: object, leg: Leg) -> tuple[FinalWords | InterimWords, ...]:
        results = _convert(message, _Results)
        words = tuple(word.on_leg(ahead=self._ahead) for word in results.channel.words)
        if not results.is_final:
            return (leg.interim(words),) if words else ()
        start = results.start - self._ahead
        return leg.final(LegResult(words=words, start=start, end=start + results.duration))


class _Results(Struct, frozen=True):
    start: float
    duration: float
    channel: Channel
    is_final: bool | None = None


def _convert(message: object, shape: type[_T]) -> _T:
    try:
        return msgspec.convert(message, shape, from_attributes=True)
    except msgspec.ValidationError as error:
        raise TemporarilyUnavailable(f"Deepgram sent a message that is not understood: {error}") from error


def _reported(message: object) -> AdapterError:
    """What an error message in the stream means."""
    variant = getattr(message, "variant", None) or getattr(message, "code", None) or "unknown"
    said = f"Deepgram reported an error ({variant}): {getattr(message, 'description', None) or 'no description'}"
    return Rejected(said) if variant == "SchemaError" else TemporarilyUnavailable(said)


@contextmanager
def _translated() -> Iterator[None]:
    """The SDK's ways to say that the connection is gone."""
    try:
        yield
    except ConnectionClosed as error:
        close = error.rcvd
        if close is None:
            raise TemporarilyUnavailable("Deepgram's connection broke off") from error
        said = f"Deepgram closed the stream ({close.code}): {close.reason}"
        raise (Rejected(said) if close.code == _BAD_AUDIO else TemporarilyUnavailable(said)) from error
    except (OSError, WebSocketException) as error:
        raise TemporarilyUnavailable(f"Deepgram's connection failed: {type(error).__name__}") from error
