"""Hume, simulated: what it hears in speech is a function of how loud it is."""

from array import array
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from adapters.inbound.simulators.http_service import serving
from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest
from domain.audio import SAMPLE_RATE

LARGEST = 25_000_000
"""Bytes of a request."""
_BLOCK = SAMPLE_RATE // 10
_QUIET = 100
"""Of 32,768: what is below is no speech."""
_PAUSE = 10
"""Blocks of silence that end an utterance."""
_LONGEST_SPAN = 100
"""Blocks that one measurement looks back over."""
_LOUDEST = 32_768


class SimulatedHume:
    """A running simulation, and what it received."""

    def __init__(self, *, key: str) -> None:
        self.url = ""
        self.status = 200
        """What is answered; may be changed at any time."""
        self.received: list[bytes] = []
        """Audio, in the order of coming."""
        self._key = key

    async def answer(self, request: HttpRequest) -> HttpAnswer:
        """Measures what was uploaded."""
        if request.headers.get("x-hume-api-key") != self._key:
            return _refused(401, "unauthorized")
        if self.status != 200:
            return _refused(self.status, "scripted")
        if (request.method, request.path) != ("POST", "/v1/expression/audio/file"):
            return _refused(404, "not_found")
        if len(request.body) > LARGEST:
            return _refused(413, "request_too_large")
        try:
            parts = dict(_parts(request))
            every = msgspec.json.decode(parts.get("config", b"{}")).get("measurement_timer_ms", 5_000)
            samples = array("h", parts["file"])
        except (LookupError, ValueError, AttributeError, msgspec.DecodeError):
            return _refused(400, "invalid_request")
        self.received.append(parts["file"])
        return HttpAnswer(status=200, content=_measured(samples, every=max(1, round(every / 100))))


@asynccontextmanager
async def serve_hume(*, host: str = "127.0.0.1", port: int = 0, key: str = "simulated") -> AsyncIterator[SimulatedHume]:
    """Runs a simulation until the context is left; port 0 takes a free one.

    Raises:
        OSError: the address is taken or is none.
    """
    simulation = SimulatedHume(key=key)
    async with serving(simulation.answer, host=host, port=port) as simulation.url:
        yield simulation


def _refused(status: int, code: str) -> HttpAnswer:
    return HttpAnswer(status=status, content={"error": {"code": code, "message": code}})


def _parts(request: HttpRequest) -> Iterator[tuple[str, bytes]]:
    """Names and contents of a form."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    for part in request.body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        yield head.partition(b'name="')[2].partition(b'"')[0].decode(), content[:-2]


def _measured(samples: "array[int]", *, every: int) -> dict[str, Any]:
    """Blocks of a tenth of a second to utterances and measurements."""
    blocks = [max(map(abs, samples[at : at + _BLOCK]), default=0) for at in range(0, len(samples), _BLOCK)]
    utterances = list(_utterances(blocks))
    measurements = [
        _measurement(number, blocks, max(start, last - _LONGEST_SPAN), last)
        for number, (start, end) in enumerate(utterances)
        for last in sorted({*range(start + every, end, every), end})
    ]
    shown = [
        {"utterance_id": str(number), "audio_start_ms": start * 100, "audio_end_ms": end * 100}
        for number, (start, end) in enumerate(utterances)
    ]
    return {"run_id": "simulated", "utterances": shown, "measurements": measurements}


def _utterances(blocks: list[int]) -> Iterator[tuple[int, int]]:
    """Starts and ends of stretches of sound, in blocks."""
    start = last = -1
    for place, loudness in enumerate(blocks):
        if loudness < _QUIET:
            continue
        if start >= 0 and place - last > _PAUSE:
            yield start, last + 1
            start = -1
        start = place if start < 0 else start
        last = place
    if start >= 0:
        yield start, last + 1


def _measurement(utterance: int, blocks: list[int], start: int, end: int) -> dict[str, Any]:
    loudness = max(blocks[start:end]) / _LOUDEST
    scores = {"anger": loudness, "calmness": 1 - loudness}
    return {
        "utterance_id": str(utterance),
        "audio_start_ms": start * 100,
        "audio_end_ms": end * 100,
        "expressions": [{"name": name, "probability": round(score, 4)} for name, score in scores.items()],
        "voice_attributes": [{"name": "loud", "probability": round(loudness, 4)}],
    }
