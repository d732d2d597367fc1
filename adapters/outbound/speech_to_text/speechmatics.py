"""Live recognition by Speechmatics: the types of its SDK over a connection of our own.

Why not the SDK's client (speechmatics-rt 1.2.1, tried against a server that confirms late, fails and hangs):

- It numbers audio by what the server has confirmed last. With confirmations on their way, the end of the stream then
  names a wrong number: 10 after 30 messages.
- What the server says goes to synchronous handlers, from a task of its own, as fast as it comes: a caller that
  is behind cannot hold it back, and an exception in a handler is logged and lost.
- An error of the server and a broken connection are logged as well. The caller sees an event without a reason, or a
  session that ended as if all was well; the close code is gone.
- Waiting for the end of the transcript has no limit.

A subclass would have to replace numbering, receiving, errors and ending, which is all that the client does. What the
SDK says of the protocol is kept: its configuration and the names of its messages.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Annotated, Literal

import anyio
import anyio.to_thread
import msgspec
from msgspec import Meta, Struct, structs
from speechmatics.rt import (
    AudioEncoding,
    AudioFormat,
    ClientMessageType,
    ConversationConfig,
    Model,
    SpeakerDiarizationConfig,
    SpeakerIdentifier,
    TranscriptionConfig,
)
from websockets.asyncio.client import ClientConnection

from adapters.outbound.secret import Secret
from adapters.outbound.speech_to_text import speechmatics_errors as errors
from adapters.outbound.speech_to_text.owner_clip import OwnerClip
from adapters.outbound.speech_to_text.speechmatics_connection import SpeechmaticsConnection
from adapters.outbound.speech_to_text.speechmatics_enrollment import enrolled
from adapters.outbound.speech_to_text.speechmatics_languages import choose
from adapters.outbound.speech_to_text.speechmatics_messages import OWNER_LABEL, OWNER_NUMBER
from adapters.outbound.speech_to_text.speechmatics_owners import SpeechmaticsOwners
from adapters.outbound.speech_to_text.speechmatics_session import SpeechmaticsServer, started
from adapters.outbound.speech_to_text.vendor_connection import Pace
from adapters.outbound.speech_to_text.vendor_stream import VendorStream
from domain.audio import SAMPLE_RATE
from domain.usage import Billing
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected, TemporarilyUnavailable
from ports.object_store import ObjectStore
from ports.speech_to_text import Terms, TranscriptionRequest, TranscriptionStream

_BEHIND_SECONDS = 1.0
"""By which the engine's reports of silence lag behind the audio at most, with a reserve."""
_DIAGNOSIS_SECONDS = 4.0
_ENROLLMENT_SECONDS = 60.0
"""For a session about a few seconds of speech."""


class SpeechmaticsSpeechToTextSettings(Struct, frozen=True, kw_only=True):
    """How Speechmatics is used."""

    api_key: Secret = ""
    url: str = "wss://eu2.rt.speechmatics.com/v2"
    """WebSocket address with its path."""
    model: Literal["enhanced", "standard"] = "enhanced"
    """`standard` is faster and less accurate."""
    domain: str = ""
    """A specialized model of a language: `medical`, `finance`, `bilingual-en` (Spanish with English)."""
    max_delay: Annotated[float, Meta(ge=0.7, le=4.0)] = 1.0
    """Seconds from the end of a word to its final form. More is a little more accurate."""
    max_delay_mode: Literal["flexible", "fixed"] = "flexible"
    """`flexible` may wait longer to write a number or a date in one piece."""
    end_of_utterance: Annotated[float, Meta(ge=0.0, le=2.0)] = 0.5
    """Seconds of silence that make words final early; 0: only pauses told by us do."""
    max_speakers: Annotated[int, Meta(ge=2)] | None = None
    """Voices to tell apart at most."""
    enroll_owner: bool = False
    """Have Speechmatics make identifiers of the owner's voice, keep them with the profile, and name them to every
    session. Costs one session of some seconds for each new profile."""
    answer_timeout: float = 1.5
    """Seconds for the answer to a pause, after which silence is sent to get one."""
    most_in_flight: float = 4.0
    """Seconds of audio sent whose receipt is not confirmed."""
    most_sessions: Annotated[int, Meta(ge=1)] = 50
    """Connections at once that the account allows, counted over all servers. Who finds none free goes to the next
    recognizer."""
    connect_timeout: float = 10.0
    """Seconds for name, TCP, TLS, upgrade and start together."""
    send_timeout: float = 10.0
    """Seconds for one message, its wait for confirmations included."""
    finish_timeout: float = 10.0
    """Seconds of silence after the end of a capture."""
    close_timeout: float = 1.0
    """Seconds for a farewell."""


class SpeechmaticsSpeechToText:
    """Recognizes speech at Speechmatics."""

    name = "speechmatics"
    tells_voices_apart = True
    terms = Terms(
        billing=Billing.AUDIO,
        patience=6.0,
        replay_speed=2.0,  # It takes more, but reads no faster than it recognizes: the rest would lie in buffers.
        longest_session=48 * 3600.0,
    )

    def __init__(
        self,
        settings: SpeechmaticsSpeechToTextSettings,
        *,
        profile: OwnerClip | None = None,
        objects: ObjectStore | None = None,
    ) -> None:
        self._settings = settings
        self.terms = structs.replace(self.terms, most_sessions=settings.most_sessions)
        self._encryption: ssl.SSLContext | None = None
        self._owners: SpeechmaticsOwners | None = None
        if settings.enroll_owner and profile is not None and objects is not None:
            self._owners = SpeechmaticsOwners(self._enroll, profile=profile, objects=objects)
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> "SpeechmaticsSpeechToText":
        if self._settings.url.startswith("wss:"):
            # Reads all certificates: 40 ms that no connection shall cost, nor the event loop.
            self._encryption = await anyio.to_thread.run_sync(ssl.create_default_context)
        if self._owners is not None:
            await self._opened.enter_async_context(self._owners)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()
        self._encryption = None

    def supports(self, language: str) -> bool:
        """Whether there is a language pack."""
        return choose(language) is not None

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        """Connects; see the port."""
        settings = self._settings
        pace = Pace(
            keep_alive=settings.answer_timeout,
            send_timeout=settings.send_timeout,
            finish_timeout=settings.finish_timeout,
        )
        identifiers = await self._identifiers(request)
        async with AsyncExitStack() as session:
            try:
                socket = await session.enter_async_context(self._session(request, identifiers))
            except Rejected:
                if self._owners is None or not identifiers:
                    raise
                # One profile that Speechmatics does not take any more must not look like a refusal of everybody.
                await self._owners.refused(request.user)
                identifiers = ()
                socket = await session.enter_async_context(self._session(request))
            connection = SpeechmaticsConnection(
                socket,
                in_flight=settings.most_in_flight,
                silence=settings.max_delay + _BEHIND_SECONDS,
                owner=OWNER_NUMBER if identifiers else None,
            )
            yield await session.enter_async_context(VendorStream(connection, recognizer=self.name, pace=pace))

    async def diagnose(self) -> Diagnosis:
        """Starts a session without audio: that checks key, address and quota, and costs nothing."""
        try:
            with anyio.fail_after(_DIAGNOSIS_SECONDS):
                async with self._session(TranscriptionRequest()):
                    return Diagnosis(condition=Condition.WORKING, finding="Speechmatics starts a session")
        except Rejected as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=f"set {errors.KEY_SETTING}")
        except (TemporarilyUnavailable, TimeoutError) as error:
            finding = str(error) or f"Speechmatics did not answer within {_DIAGNOSIS_SECONDS:g} s"
            return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy="check the network and the quota")

    async def _identifiers(self, request: TranscriptionRequest) -> tuple[str, ...]:
        return await self._owners.identifiers(request.user) if self._owners is not None and request.diarize else ()

    async def _enroll(self, pcm: bytes) -> tuple[str, ...]:
        """Identifiers of the voice in a piece of speech. Raises TemporarilyUnavailable, Rejected."""
        try:
            with anyio.fail_after(_ENROLLMENT_SECONDS):
                async with self._session(TranscriptionRequest()) as socket:
                    return await enrolled(socket, pcm)
        except TimeoutError as error:
            waited = f"{_ENROLLMENT_SECONDS:g} s"
            raise TemporarilyUnavailable(f"Speechmatics enrolled no voice within {waited}") from error

    def _session(
        self, request: TranscriptionRequest, identifiers: tuple[str, ...] = ()
    ) -> AbstractAsyncContextManager[ClientConnection]:
        """A socket on which recognition has started."""
        settings = self._settings
        if not settings.api_key:
            raise Rejected(f"Speechmatics needs a key: set {errors.KEY_SETTING}")
        server = SpeechmaticsServer(
            url=settings.url,
            api_key=settings.api_key,
            encryption=self._encryption,
            connect_timeout=settings.connect_timeout,
            close_timeout=settings.close_timeout,
        )
        return started(server, _start(request, settings, identifiers))


def _start(
    request: TranscriptionRequest, settings: SpeechmaticsSpeechToTextSettings, identifiers: tuple[str, ...]
) -> str:
    """The first message of a session.

    Raises:
        Rejected: the language is not supported.
    """
    choice = choose(request.language)
    if choice is None:
        raise Rejected(f"Speechmatics has no live recognition for the language {request.language!r}")
    owner = [SpeakerIdentifier(label=OWNER_LABEL, speaker_identifiers=list(identifiers))] if identifiers else None
    voices = SpeakerDiarizationConfig(max_speakers=settings.max_speakers, speakers=owner)
    config = TranscriptionConfig(
        language=choice.language,
        output_locale=choice.output_locale,
        model=Model(settings.model),
        domain=settings.domain or None,
        diarization="speaker" if request.diarize else "none",
        speaker_diarization_config=voices if request.diarize and (settings.max_speakers or owner) else None,
        enable_partials=request.interim,
        max_delay=settings.max_delay,
        max_delay_mode=settings.max_delay_mode,
        conversation_config=ConversationConfig(end_of_utterance_silence_trigger=settings.end_of_utterance),
    )
    message = {
        "message": ClientMessageType.START_RECOGNITION,
        "audio_format": AudioFormat(encoding=AudioEncoding.PCM_S16LE, sample_rate=SAMPLE_RATE).to_dict(),
        "transcription_config": config.to_dict(),
    }
    return msgspec.json.encode(message).decode()
