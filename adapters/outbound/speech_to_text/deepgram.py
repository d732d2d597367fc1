"""Live recognition by Deepgram, through its SDK."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from traceback import walk_tb
from typing import Any, TypeVar

import anyio
import httpx
import msgspec
from msgspec import Struct
from websockets.exceptions import ConnectionClosed, WebSocketException

from adapters.outbound import deepgram_api
from adapters.outbound.deepgram_api import ApiError, AsyncV1SocketClient, Channel
from adapters.outbound.secret import Secret
from adapters.outbound.speech_to_text.leg import Leg, LegResult
from adapters.outbound.speech_to_text.vendor_stream import Pace, VendorStream
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, seconds
from domain.recognition import FinalWords, InterimWords
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest, TranscriptionStream

KEY_SETTING = "OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY"
_PRIMING = bytes(SAMPLE_RATE // 50 * SAMPLE_BYTES)
"""20 ms of silence: Deepgram keeps a stream alive only after it has had audio."""
_T = TypeVar("_T")
_BAD_AUDIO = 1008
"""Close code: the audio cannot be decoded."""
_DIAGNOSIS_SECONDS = 4.0
_HANG_UP_SECONDS = 0.3
"""For the SDK's own tasks to notice that the connection is gone."""


class DeepgramSpeechToTextSettings(Struct, frozen=True, kw_only=True):
    """How Deepgram is used."""

    api_key: Secret = ""
    url: str = "wss://api.deepgram.com"
    """WebSocket address without a path."""
    model: str = "nova-3"
    """Preferred; languages it does not know go to another one."""
    punctuate: bool = True
    smart_format: bool = True
    no_delay: bool = False
    """Do not wait for more words to format numbers and dates better."""
    endpointing: int = 300
    """Milliseconds of silence after which words become final."""
    tags: tuple[str, ...] = ()
    """Labels for the usage report."""
    keep_alive_seconds: float = 4.0
    """Deepgram hangs up after 10 s of silence on the line."""
    connect_timeout: float = 10.0
    """Seconds for name, TCP, TLS and upgrade together."""
    send_timeout: float = 10.0
    """Seconds for one message."""
    finish_timeout: float = 10.0
    """Seconds of silence after the end of a capture."""
    close_timeout: float = 1.5
    """Seconds for a farewell."""


class DeepgramSpeechToText:
    """Recognizes speech at Deepgram."""

    name = "deepgram"

    def __init__(self, settings: DeepgramSpeechToTextSettings) -> None:
        self._settings = settings
        self._http: httpx.AsyncClient

    async def __aenter__(self) -> "DeepgramSpeechToText":
        self._http = httpx.AsyncClient()
        url = self._settings.url.rstrip("/")
        self._client = deepgram_api.client(
            api_key=self._settings.api_key, stream_url=url, http_url=url, http=self._http
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    def supports(self, language: str) -> bool:
        """Whether some model of Deepgram knows a language; `multi` included."""
        return deepgram_api.choose(language, model=self._settings.model) is not None

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        """Connects; see the port."""
        pace = Pace(
            keep_alive=self._settings.keep_alive_seconds,
            send_timeout=self._settings.send_timeout,
            finish_timeout=self._settings.finish_timeout,
        )
        async with (
            self._connected(request) as socket,
            VendorStream(DeepgramConnection(socket), recognizer=self.name, pace=pace) as stream,
        ):
            yield stream

    async def diagnose(self) -> Diagnosis:
        """Opens a stream and closes it again: Deepgram checks the key before it agrees."""
        try:
            with anyio.fail_after(_DIAGNOSIS_SECONDS):
                async with self._connected(TranscriptionRequest()):
                    return Diagnosis(condition=Condition.WORKING, finding="Deepgram accepts the key")
        except Rejected as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=f"set {KEY_SETTING}")
        except (TemporarilyUnavailable, TimeoutError) as error:
            finding = str(error) or f"Deepgram did not answer within {_DIAGNOSIS_SECONDS:g} s"
            return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy="check the network")

    @asynccontextmanager
    async def _connected(self, request: TranscriptionRequest) -> AsyncIterator[AsyncV1SocketClient]:
        if not self._settings.api_key:
            raise Rejected(f"Deepgram needs a key: set {KEY_SETTING}")
        connecting = self._client.listen.v1.connect(**self._options(request))
        socket = await self._open(connecting)
        try:
            yield socket
        finally:
            await self._close(connecting, socket)

    async def _open(self, connecting: AbstractAsyncContextManager[AsyncV1SocketClient]) -> AsyncV1SocketClient:
        budget = self._settings.connect_timeout
        try:
            with anyio.fail_after(budget):
                try:
                    return await connecting.__aenter__()
                except BaseException as error:
                    await _hang_up_on_opening(error)
                    raise
        except ApiError as error:
            # The key is in the error's headers: nothing of it is repeated but the status.
            detail = _answered(error)
            raise deepgram_api.refusal(error.status_code, detail=detail, key_setting=KEY_SETTING) from None
        except TimeoutError as error:
            raise TemporarilyUnavailable(f"Deepgram did not open a stream within {budget:g} s") from error
        except (OSError, EOFError, WebSocketException) as error:
            raise TemporarilyUnavailable(f"Deepgram cannot be reached: {type(error).__name__}") from error

    async def _close(
        self, connecting: AbstractAsyncContextManager[AsyncV1SocketClient], socket: AsyncV1SocketClient
    ) -> None:
        """Says goodbye for a moment, then hangs up: the SDK alone would wait for 10 s and more."""
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(self._settings.close_timeout), suppress(OSError, WebSocketException):
                await connecting.__aexit__(None, None, None)
            await _hang_up(socket._websocket)  # noqa: SLF001 - the SDK offers no way to hang up

    def _options(self, request: TranscriptionRequest) -> dict[str, Any]:
        settings = self._settings
        choice = deepgram_api.choose_or_refuse(request.language, model=settings.model)
        return {
            "model": choice.model,
            "language": choice.language,
            "encoding": "linear16",
            "sample_rate": SAMPLE_RATE,
            "channels": 1,
            "punctuate": settings.punctuate,
            "smart_format": settings.smart_format,
            "endpointing": settings.endpointing,
            "diarize": request.diarize,
            "interim_results": request.interim,
            "tag": list(settings.tags) or None,
            "request_options": {"additional_query_parameters": {"no_delay": "true"}} if settings.no_delay else None,
        }


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


async def _hang_up(websocket: Any) -> None:  # noqa: ANN401 - of the legacy websockets, which has no usable types
    """Breaks a connection, and waits until the SDK's own tasks have noticed."""
    websocket.transport.abort()
    with anyio.move_on_after(_HANG_UP_SECONDS, shield=True):
        await websocket.close_connection_task


async def _hang_up_on_opening(error: BaseException) -> None:
    """Breaks a connection that did not become a stream.

    The SDK hands out no such connection, and leaves it to a task of its own that waits for 20 s for a vendor who hangs
    up first. It is found where the failure passed through.
    """
    for frame, _ in walk_tb(error.__traceback__):
        websocket = frame.f_locals.get("protocol")
        if hasattr(websocket, "close_connection_task"):
            await _hang_up(websocket)


def _answered(error: ApiError) -> str:
    """Deepgram's own word for a refused handshake. The SDK drops it; it is still on the exception before."""
    headers = getattr(error.__context__, "headers", None)
    return str(headers.get("dg-error", "")) if headers is not None else ""


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
