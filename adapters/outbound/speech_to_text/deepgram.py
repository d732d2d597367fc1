"""Live recognition by Deepgram, through its SDK."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from traceback import walk_tb
from typing import Annotated, Any

import anyio
import httpx
from msgspec import Meta, Struct, structs
from websockets.exceptions import InvalidURI, WebSocketException

from adapters.outbound import deepgram_api
from adapters.outbound.deepgram_api import ApiError, AsyncV1SocketClient
from adapters.outbound.secret import Secret
from adapters.outbound.speech_to_text.deepgram_connection import DeepgramConnection
from adapters.outbound.speech_to_text.vendor_connection import Pace
from adapters.outbound.speech_to_text.vendor_stream import VendorStream
from domain.audio import SAMPLE_RATE
from domain.usage import Billing
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import Terms, TranscriptionRequest, TranscriptionStream

KEY_SETTING = "OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY"
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
    most_sessions: Annotated[int, Meta(ge=1)] = 50
    """Connections at once that the account allows, counted over all servers. Who finds none free goes to the next
    recognizer."""
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
    tells_voices_apart = True
    terms = Terms(billing=Billing.AUDIO, patience=5.0, replay_speed=1.25)
    """Silence on an open connection is free; catching up is limited to a quarter above real time."""

    def __init__(self, settings: DeepgramSpeechToTextSettings) -> None:
        self._settings = settings
        self.terms = structs.replace(self.terms, most_sessions=settings.most_sessions)
        self._http: httpx.AsyncClient

    async def __aenter__(self) -> "DeepgramSpeechToText":
        self._http = httpx.AsyncClient()
        self._client = deepgram_api.client(self._settings.url, api_key=self._settings.api_key, http=self._http)
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
        except InvalidURI as error:
            raise Rejected(f"{self._settings.url!r} is no address of Deepgram: expected wss://host") from error
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
