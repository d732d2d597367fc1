"""Live recognition by Soniox, through its SDK.

The SDK connects, speaks and listens; it does not hang up. Leaving one of its sessions asks the vendor to finish and
drops the socket, which stays open until the vendor closes it: so the socket is held and closed here, in bounded time.

Voices are told apart, nobody is known: the present API numbers the speakers of one connection and offers no enrollment
(https://soniox.com/docs/stt/concepts/speaker-diarization; soniox 2.10.0, `RealtimeSTTConfig`). Registered voices, with
`manage_speakers` and `cand_speaker_names`, belonged to the former API, which Soniox has deprecated
(https://soniox.com/docs/how-to-guides/identify-speakers). So a connection learns the owner's voice from a clip only.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated

import anyio
from msgspec import Meta, Struct, structs
from soniox.errors import SonioxRealtimeError
from soniox.realtime.async_stt import AsyncRealtimeSTTSession
from soniox.types.realtime import RealtimeSTTConfig
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus, InvalidURI, WebSocketException

from adapters.outbound.secret import Secret
from adapters.outbound.speech_to_text.soniox_connection import SonioxConnection
from adapters.outbound.speech_to_text.soniox_refusal import KEY_SETTING, refusal
from adapters.outbound.speech_to_text.vendor_connection import Pace
from adapters.outbound.speech_to_text.vendor_stream import VendorStream
from domain.audio import SAMPLE_RATE
from domain.usage import Billing
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.speech_to_text import Terms, TranscriptionRequest, TranscriptionStream

_LANGUAGES = """
af sq ar az eu be bn bs bg ca zh hr cs da nl en et fi fr gl de el gu he hi hu id it ja kn kk ko lv lt mk ms ml mr no fa
pl pt pa ro ru sr sk sl es sw sv tl ta te th tr uk ur vi cy
"""
LANGUAGES = frozenset(_LANGUAGES.split())
"""What one model of Soniox understands, in ISO 639-1."""
_SAME = {"nb": "no", "nn": "no", "fil": "tl"}
"""Languages that Soniox knows by another tag."""
_DIAGNOSIS_SECONDS = 4.0
_HANG_UP_SECONDS = 0.3
"""For the socket's own tasks to notice that the connection is gone."""


class SonioxSpeechToTextSettings(Struct, frozen=True, kw_only=True):
    """How Soniox is used."""

    api_key: Secret = ""
    url: str = "wss://stt-rt.soniox.com/transcribe-websocket"
    """WebSocket address."""
    model: str = "stt-rt-v4"
    endpoint_detection: bool = True
    """Words become final when somebody has finished speaking, as the model hears it."""
    max_endpoint_delay_ms: Annotated[int, Meta(ge=500, le=3000)] | None = None
    """Milliseconds from the end of speech to final words at most; None: as the vendor sees fit."""
    vocabulary: tuple[str, ...] = ()
    """Names and terms to expect."""
    keep_alive_seconds: float = 10.0
    """Soniox hangs up after 20 s of silence on the line."""
    most_sessions: Annotated[int, Meta(ge=1)] = 10
    """Connections at once that the account allows, counted over all servers. Who finds none free goes to the next
    recognizer."""
    connect_timeout: float = 10.0
    """Seconds for name, TCP, TLS, upgrade and the first message together."""
    send_timeout: float = 10.0
    """Seconds for one message."""
    finish_timeout: float = 10.0
    """Seconds of silence after the end of a capture."""
    close_timeout: float = 1.0
    """Seconds for a farewell."""


class SonioxSpeechToText:
    """Recognizes speech at Soniox."""

    name = "soniox"
    tells_voices_apart = True
    terms = Terms(billing=Billing.CONNECTION, patience=4.0, replay_speed=1.2, longest_session=300 * 60.0)

    def __init__(self, settings: SonioxSpeechToTextSettings) -> None:
        self._settings = settings
        self.terms = structs.replace(self.terms, most_sessions=settings.most_sessions)

    def supports(self, language: str) -> bool:
        """Whether Soniox knows a language; `multi` included."""
        return language == "multi" or _hint(language) is not None

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        """Connects; see the port. That a key is wrong may also show only behind that."""
        pace = Pace(
            keep_alive=self._settings.keep_alive_seconds,
            send_timeout=self._settings.send_timeout,
            finish_timeout=self._settings.finish_timeout,
        )
        async with (
            self._connected(request) as connection,
            VendorStream(connection, recognizer=self.name, pace=pace) as stream,
        ):
            yield stream

    async def diagnose(self) -> Diagnosis:
        """Leads a whole session without speech: Soniox may agree first and look at the key then."""
        try:
            with anyio.fail_after(_DIAGNOSIS_SECONDS):
                async with self.open_stream(TranscriptionRequest()) as stream:
                    await stream.send_eof()
                    async for _ in stream:
                        pass
        except Rejected as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=f"set {KEY_SETTING}")
        except (TemporarilyUnavailable, TimeoutError) as error:
            finding = str(error) or f"Soniox did not answer within {_DIAGNOSIS_SECONDS:g} s"
            return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy="check the network")
        return Diagnosis(condition=Condition.WORKING, finding="Soniox accepts the key")

    @asynccontextmanager
    async def _connected(self, request: TranscriptionRequest) -> AsyncIterator[SonioxConnection]:
        if not self._settings.api_key:
            raise Rejected(f"Soniox needs a key: set {KEY_SETTING}")
        session = AsyncRealtimeSTTSession(
            self._settings.url,
            self._config(request),
            self._settings.api_key,
            connect_timeout_sec=self._settings.connect_timeout,
        )
        socket = await self._open(session)
        try:
            yield SonioxConnection(session, socket, interim=request.interim)
        finally:
            await self._close(session, socket)

    async def _open(self, session: AsyncRealtimeSTTSession) -> ClientConnection:
        try:
            with anyio.fail_after(self._settings.connect_timeout):
                try:
                    await session.enter()
                except BaseException:
                    await _hang_up(_socket_of(session))
                    raise
        except TimeoutError as error:
            raise self._too_slow() from error
        except SonioxRealtimeError as error:
            raise self._not_opened(error.__cause__) from error
        socket = _socket_of(session)
        if socket is None:
            raise TemporarilyUnavailable("Soniox's SDK opened a session without a socket")
        return socket

    async def _close(self, session: AsyncRealtimeSTTSession, socket: ClientConnection) -> None:
        """Says goodbye for a moment, then hangs up: a full buffer or a silent vendor would hold it up for long."""
        with anyio.CancelScope(shield=True):
            with (
                anyio.move_on_after(self._settings.close_timeout),
                suppress(SonioxRealtimeError, WebSocketException, OSError),
            ):
                await session.close()
                await socket.close()
            await _hang_up(socket)

    def _not_opened(self, cause: BaseException | None) -> AdapterError:
        """What a failed handshake means. The SDK says only that it failed."""
        if isinstance(cause, InvalidStatus):
            return refusal(cause.response.status_code, kind="", detail="")
        if isinstance(cause, InvalidURI):
            return Rejected(f"{self._settings.url!r} is no address of Soniox: expected wss://host/path")
        if isinstance(cause, TimeoutError):
            return self._too_slow()
        return TemporarilyUnavailable(f"Soniox cannot be reached: {type(cause).__name__}")

    def _too_slow(self) -> TemporarilyUnavailable:
        return TemporarilyUnavailable(f"Soniox did not open a stream within {self._settings.connect_timeout:g} s")

    def _config(self, request: TranscriptionRequest) -> RealtimeSTTConfig:
        hint = _hint(request.language)
        if hint is None and request.language != "multi":
            raise Rejected(f"Soniox does not know the language {request.language!r}")
        settings = self._settings
        return RealtimeSTTConfig(
            model=settings.model,
            audio_format="pcm_s16le",
            sample_rate=SAMPLE_RATE,
            num_channels=1,
            language_hints=None if hint is None else [hint],
            context={"terms": list(settings.vocabulary)} if settings.vocabulary else None,
            enable_speaker_diarization=request.diarize,
            enable_endpoint_detection=settings.endpoint_detection,
            max_endpoint_delay_ms=settings.max_endpoint_delay_ms,
        )


def _hint(language: str) -> str | None:
    """The primary language of a tag as Soniox calls it; None when it is not known."""
    primary = language.lower().replace("_", "-").partition("-")[0]
    primary = _SAME.get(primary, primary)
    return primary if primary in LANGUAGES else None


def _socket_of(session: AsyncRealtimeSTTSession) -> ClientConnection | None:
    """The socket, which the SDK lets go of when a session is closed, but does not close."""
    return session._ws  # noqa: SLF001 - the SDK offers no other way to it


async def _hang_up(socket: ClientConnection | None) -> None:
    """Breaks a connection that is still open, and waits until its own tasks have noticed."""
    if socket is not None:
        socket.transport.abort()
        with anyio.move_on_after(_HANG_UP_SECONDS, shield=True):
            await socket.wait_closed()
