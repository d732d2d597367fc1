"""Recognition of recordings by Whisper at FAL, through its SDK."""

import base64
import io
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import httpx
import msgspec
import numpy as np
import soundfile
from fal_client import AsyncRequestHandle, FalClientHTTPError
from msgspec import Struct

from adapters.outbound.batch_speech_to_text.fal_queue import KEY_SETTING, URL_SETTING, FalQueue, connections, refusal
from adapters.outbound.batch_speech_to_text.fal_words import FalTranscript, cleaned
from adapters.outbound.secret import Secret
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.recording_parts import parts
from domain.transcript import Word
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest

_CODES = """
af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha he hi hr ht hu hy id is it ja
jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so
sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh
"""
_LANGUAGES = frozenset(_CODES.split())
"""Of Whisper, version 3."""
_ANY = "multi"
_CANCEL_SECONDS = 1.0
_DIAGNOSIS_SECONDS = 4.0
_NEVER_SENT = "00000000-0000-0000-0000-000000000000"
_HEAD_BYTES = 1_024
"""Of a FLAC file that could not be made smaller."""


class FalBatchSpeechToTextSettings(Struct, frozen=True, kw_only=True):
    """How FAL is used."""

    api_key: Secret = ""
    url: str = "https://queue.fal.run"
    """Where FAL's queue is, without a path."""
    model: str = "fal-ai/whisper"
    version: str = "3"
    """Of Whisper."""
    diarize: bool = True
    """Let FAL number the voices, where that is asked for."""
    timeout: float = 900.0
    """Seconds for a part: upload, queue and recognition."""
    request_timeout: float = 120.0
    """Seconds for a single request, the upload among them."""
    poll_seconds: float = 1.0
    """Between two looks at whether it is done."""
    largest_upload: int = 16 * 1024 * 1024
    """Bytes of a part as it is sent; longer recordings are cut at pauses."""
    keep_at_fal: bool = False
    """Let FAL keep recording and transcript for its list of requests, which it does for a month unless told not to."""
    certificates: str = ""
    """PEM file of authorities to trust, for a server of one's own; empty: the usual ones."""


class FalBatchSpeechToText:
    """Recognizes recordings at FAL. They travel within the request and lie at no public address."""

    name = "fal"

    def __init__(self, settings: FalBatchSpeechToTextSettings) -> None:
        self._settings = settings
        self._http: httpx.AsyncClient | None = None
        self._threads: anyio.CapacityLimiter

    async def __aenter__(self) -> "FalBatchSpeechToText":
        """Connects to nobody yet."""
        self._threads = anyio.CapacityLimiter(1)
        settings = self._settings
        self._http = connections(
            settings.url,
            key=settings.api_key,
            timeout=settings.request_timeout,
            certificates=settings.certificates,
        )
        self._queue = FalQueue(self._http, key=settings.api_key, timeout=settings.request_timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.aclose()

    def supports(self, language: str) -> bool:
        """Whether Whisper knows a language; `multi` lets it find out."""
        return _tag(language) in _LANGUAGES or language == _ANY

    async def transcribe(self, recording: AudioFrame, request: TranscriptionRequest) -> tuple[Word, ...]:
        """Sends a recording, part after part, and waits for its words; see the port.

        Cancelling also cancels what is waiting or being done at FAL. A part that nobody has answered yet when it is
        cancelled may still be done there: only the answer tells its number.
        """
        if not self._settings.api_key:
            raise Rejected(f"FAL needs a key: set {KEY_SETTING}")
        if not self.supports(request.language):
            raise Rejected(f"Whisper does not know the language {request.language!r}")
        words: list[Word] = []
        longest = (self._settings.largest_upload * 3 // 4 - _HEAD_BYTES) // SAMPLE_BYTES
        for part in parts(recording, longest=max(longest, SAMPLE_RATE)):
            voices = max((word.speaker for word in words), default=-1) + 1
            answer = await self._answer(part, request)
            words += cleaned(answer.chunks, part, first_speaker=voices)
        return tuple(words)

    async def diagnose(self) -> Diagnosis:
        """Asks after a recording that was never sent, which costs nothing: a wrong key may not even ask."""
        if not self._settings.api_key:
            return Diagnosis(condition=Condition.BROKEN, finding="FAL needs a key", remedy=f"set {KEY_SETTING}")
        try:
            with anyio.fail_after(_DIAGNOSIS_SECONDS):
                await self._queue.status(self._settings.model, _NEVER_SENT)
        except FalClientHTTPError as error:
            if error.status_code in {401, 403}:
                finding = str(refusal(error.status_code))
                return Diagnosis(condition=Condition.BROKEN, finding=finding, remedy=f"set {KEY_SETTING}")
            if error.status_code >= 500:
                finding = f"FAL failed ({error.status_code})"
                return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy="wait")
        except (TimeoutError, httpx.HTTPError) as error:
            finding = f"FAL did not answer: {type(error).__name__}"
            return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy="check the network")
        except (KeyError, TypeError, ValueError):
            finding = f"what answers at {self._settings.url} is not FAL"
            return Diagnosis(condition=Condition.BROKEN, finding=finding, remedy=f"set {URL_SETTING}")
        return Diagnosis(condition=Condition.WORKING, finding="FAL accepts the key")

    async def _answer(self, part: AudioFrame, request: TranscriptionRequest) -> FalTranscript:
        arguments = self._arguments(request) | {"audio_url": await self._data_url(part.pcm)}
        try:
            with anyio.fail_after(self._settings.timeout):
                answer = await self._done(arguments)
        except FalClientHTTPError as error:
            raise refusal(error.status_code, detail=_detail(error.message)) from None  # it holds key and recording
        except (TimeoutError, httpx.HTTPError) as error:
            raise TemporarilyUnavailable(f"FAL did not answer: {type(error).__name__}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise TemporarilyUnavailable("FAL answered something that is not understood") from error
        try:
            return msgspec.convert(answer, FalTranscript)
        except msgspec.ValidationError as error:
            raise TemporarilyUnavailable(f"FAL sent a transcript that is not understood: {error}") from error

    async def _done(self, arguments: dict[str, Any]) -> object:
        headers = {} if self._settings.keep_at_fal else {"X-Fal-Store-IO": "0"}
        handle = await self._queue.submit(self._settings.model, arguments, headers=headers)
        done = False
        try:
            answer: object = await handle.get(interval=self._settings.poll_seconds)
            done = True
        finally:
            if not done:
                await _cancel(handle)
        return answer

    def _arguments(self, request: TranscriptionRequest) -> dict[str, Any]:
        settings = self._settings
        language = {} if request.language == _ANY else {"language": _tag(request.language)}
        return {
            "task": "transcribe",
            "chunk_level": "word",
            "version": settings.version,
            "diarize": settings.diarize and request.diarize,
            **language,
        }

    async def _data_url(self, pcm: bytes) -> str:
        flac = await anyio.to_thread.run_sync(partial(_flac, pcm), limiter=self._threads, abandon_on_cancel=True)
        return f"data:audio/flac;base64,{base64.b64encode(flac).decode()}"


async def _cancel(handle: AsyncRequestHandle) -> None:
    """Tells FAL that nobody waits any more; it costs nothing then. Whether it hears is not waited for long."""
    with anyio.move_on_after(_CANCEL_SECONDS, shield=True):
        try:
            await handle.cancel()
        except (FalClientHTTPError, httpx.HTTPError, TemporarilyUnavailable, Rejected):
            return


def _detail(message: object) -> str:
    """FAL's own word for a refusal: what is wrong with which field, never what was sent in it."""
    if not isinstance(message, list):
        return str(message)
    found = [one for one in message if isinstance(one, dict)]
    return "; ".join(f"{'.'.join(map(str, one.get('loc', ())))}: {one.get('msg', '')}" for one in found)


def _tag(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]


def _flac(pcm: bytes) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.frombuffer(pcm, "<i2"), SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()
