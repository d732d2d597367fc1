"""Feelings in a voice by Hume, through its interface for recordings. Nothing is stored there under an open address."""

from collections.abc import Sequence

import httpx
import msgspec
from msgspec import Struct

from adapters.outbound.emotion_analyzer.hume_requests import Measurement, Packed, packed
from adapters.outbound.secret import Secret
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.emotion import MeasuredEmotions
from ports.diagnosis import Condition, Diagnosis
from ports.emotion_analyzer import VoiceWindow
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

KEY_SETTING = "OMI_EMOTION_ANALYZER__HUME__API_KEY"
_PATH = "/v1/expression/audio/file"
_BLINK = VoiceWindow(audio=AudioFrame(0, bytes(SAMPLE_RATE // 10 * SAMPLE_BYTES)))
_PASSING = frozenset({408, 409, 425, 429})


class HumeEmotionAnalyzerSettings(Struct, frozen=True, kw_only=True):
    """How Hume is used."""

    api_key: Secret = ""
    url: str = "https://api.cloud.hume.ai"
    """HTTP address without a path."""
    interval_ms: int = 5_000
    """A measurement is taken each time so much was said."""
    timeout: float = 120.0
    """Seconds for one request: upload, measurement and answer."""


class _Answer(Struct, frozen=True):
    measurements: tuple[Measurement, ...]


class HumeEmotionAnalyzer:
    """Has stretches of one voice measured: those alone are uploaded, with silence between them."""

    name = "hume"

    def __init__(self, settings: HumeEmotionAnalyzerSettings) -> None:
        self._settings = settings
        self._http: httpx.AsyncClient

    async def __aenter__(self) -> "HumeEmotionAnalyzer":
        self._http = httpx.AsyncClient(timeout=self._settings.timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def measure(self, windows: Sequence[VoiceWindow]) -> tuple[MeasuredEmotions, ...]:
        """Uploads stretches and waits for what was measured; see the port."""
        if not self._settings.api_key:
            raise Rejected(f"Hume needs a key: set {KEY_SETTING}")
        measured: list[MeasuredEmotions] = []
        for request in packed(windows):
            measured += request.unpacked(await self._measurements(request))
        return tuple(measured)

    async def diagnose(self) -> Diagnosis:
        """Has a tenth of a second of silence measured."""
        try:
            await self.measure([_BLINK])
        except Rejected as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=f"set {KEY_SETTING}")
        except TemporarilyUnavailable as error:
            return Diagnosis(condition=Condition.DEGRADED, finding=str(error), remedy="check the network")
        return Diagnosis(condition=Condition.WORKING, finding="Hume accepts the key")

    async def _measurements(self, request: Packed) -> tuple[Measurement, ...]:
        config = msgspec.json.encode({"measurement_timer_ms": self._settings.interval_ms})
        parts = {
            "file": ("speech.pcm", request.pcm, "application/octet-stream"),
            "config": (None, config, "application/json"),
        }
        headers = {"X-Hume-Api-Key": self._settings.api_key}
        address = self._settings.url.rstrip("/") + _PATH
        try:
            answer = await self._http.post(address, files=parts, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TemporarilyUnavailable(f"Hume took no recording: {type(error).__name__}") from None
        if not answer.is_success:
            raise _refusal(answer.status_code)
        try:
            return msgspec.json.decode(answer.content, type=_Answer).measurements
        except msgspec.DecodeError as error:
            raise TemporarilyUnavailable("Hume sent an answer that is not understood") from error


def _refusal(status: int) -> AdapterError:
    if status in {401, 403}:
        return Rejected(f"Hume refused the key ({status}): set {KEY_SETTING}")
    if 400 <= status < 500 and status not in _PASSING:
        return Rejected(f"Hume refused the request ({status})")
    return TemporarilyUnavailable(f"Hume failed ({status})")
