"""Recognition of recordings by Deepgram, through its SDK."""

import io
import wave
from typing import Any

import anyio
import httpx
import msgspec
from msgspec import Struct

from adapters.outbound import deepgram_api
from adapters.outbound.deepgram_api import ApiError, Channel, ParsingError
from adapters.outbound.secret import Secret
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame, samples
from domain.transcript import Word
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest

KEY_SETTING = "OMI_BATCH_SPEECH_TO_TEXT__DEEPGRAM__API_KEY"
_BLINK = AudioFrame(0, bytes(SAMPLE_RATE // 10 * SAMPLE_BYTES))
"""A tenth of a second of silence, to try a key with."""
_DIAGNOSIS_SECONDS = 4.0


class DeepgramBatchSpeechToTextSettings(Struct, frozen=True, kw_only=True):
    """How Deepgram is used for recordings."""

    api_key: Secret = ""
    url: str = "https://api.deepgram.com"
    """HTTP address without a path."""
    model: str = "nova-3"
    """Preferred; languages it does not know go to another one."""
    punctuate: bool = True
    smart_format: bool = True
    tags: tuple[str, ...] = ()
    """Labels for the usage report."""
    timeout: float = 300.0
    """Seconds for one attempt: upload, recognition and answer."""
    total_timeout: float = 600.0
    """Seconds for all attempts."""
    retries: int = 2
    """Further attempts after an overload or a lost connection."""


class DeepgramBatchSpeechToText:
    """Recognizes recordings at Deepgram."""

    name = "deepgram"

    def __init__(self, settings: DeepgramBatchSpeechToTextSettings) -> None:
        self._settings = settings
        self._http: httpx.AsyncClient

    async def __aenter__(self) -> "DeepgramBatchSpeechToText":
        self._http = httpx.AsyncClient()
        self._client = deepgram_api.client(self._settings.url, api_key=self._settings.api_key, http=self._http)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    def supports(self, language: str) -> bool:
        """Whether some model of Deepgram knows a language; `multi` included."""
        return deepgram_api.choose(language, model=self._settings.model) is not None

    async def transcribe(self, recording: AudioFrame, request: TranscriptionRequest) -> tuple[Word, ...]:
        """Uploads a recording and waits for its words; see the port."""
        if not self._settings.api_key:
            raise Rejected(f"Deepgram needs a key: set {KEY_SETTING}")
        options = self._options(request)
        if not recording.pcm:
            return ()
        try:
            with anyio.fail_after(self._settings.total_timeout):
                response = await self._client.listen.v1.media.transcribe_file(request=_wav(recording.pcm), **options)
        except ApiError as error:
            refusal = deepgram_api.refusal(error.status_code, detail=_detail(error), key_setting=KEY_SETTING)
            raise refusal from None
        except (TimeoutError, httpx.HTTPError) as error:
            raise TemporarilyUnavailable(f"Deepgram took no recording: {type(error).__name__}") from error
        except ParsingError as error:
            raise TemporarilyUnavailable("Deepgram answered something that is not understood") from error
        return _words(response, recording)

    async def diagnose(self) -> Diagnosis:
        """Has a tenth of a second of silence recognized."""
        try:
            with anyio.fail_after(_DIAGNOSIS_SECONDS):
                await self.transcribe(_BLINK, TranscriptionRequest())
        except Rejected as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=f"set {KEY_SETTING}")
        except (TemporarilyUnavailable, TimeoutError) as error:
            finding = str(error) or f"Deepgram did not answer within {_DIAGNOSIS_SECONDS:g} s"
            return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy="check the network")
        return Diagnosis(condition=Condition.WORKING, finding="Deepgram accepts the key")

    def _options(self, request: TranscriptionRequest) -> dict[str, Any]:
        settings = self._settings
        choice = deepgram_api.choose_or_refuse(request.language, model=settings.model)
        return {
            "model": choice.model,
            "language": choice.language,
            "punctuate": settings.punctuate,
            "smart_format": settings.smart_format,
            "diarize": request.diarize,
            "tag": list(settings.tags) or None,
            "request_options": {"timeout": settings.timeout, "max_retries": settings.retries},
        }


class _Results(Struct, frozen=True):
    channels: tuple[Channel, ...]


class _Response(Struct, frozen=True):
    results: _Results


def _words(response: object, recording: AudioFrame) -> tuple[Word, ...]:
    try:
        channels = msgspec.convert(response, _Response, from_attributes=True).results.channels
    except msgspec.ValidationError as error:
        raise TemporarilyUnavailable(f"Deepgram sent an answer that is not understood: {error}") from error
    spoken = channels[0].words if channels else ()
    last = recording.end
    return tuple(
        Word(
            word.text,
            min(recording.start + samples(word.start), last),
            min(recording.start + samples(word.end), last),
            word.confidence,
            word.speaker or 0,
        )
        for word in spoken
    )


def _wav(pcm: bytes) -> bytes:
    body = io.BytesIO()
    with wave.open(body, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(SAMPLE_BYTES)
        recording.setframerate(SAMPLE_RATE)
        recording.writeframes(pcm)
    return body.getvalue()


def _detail(error: ApiError) -> str:
    """Deepgram's own word for a refusal."""
    return str(error.body.get("err_msg", "")) if isinstance(error.body, dict) else ""
