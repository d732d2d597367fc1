"""Deepgram, simulated: live and recorded recognition of watermarked speech."""

import io
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from msgspec import Struct
from websockets.http11 import Request

from adapters.inbound.simulators import deepgram_messages as messages
from adapters.inbound.simulators.deepgram_session import DeepgramSession, Leg
from adapters.inbound.simulators.faults import Fault, FaultScript
from adapters.inbound.simulators.hearing import Listening, listening_for_watermarks
from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest, split_target
from adapters.inbound.simulators.server import Listener, SimulatedConnection, listening
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.watermark import words_in

_PATH = "/v1/listen"
_ERROR_CODES = {
    HTTPStatus.UNAUTHORIZED: "INVALID_AUTH",
    HTTPStatus.PAYMENT_REQUIRED: "ASR_PAYMENT_REQUIRED",
    HTTPStatus.FORBIDDEN: "INSUFFICIENT_PERMISSIONS",
    HTTPStatus.TOO_MANY_REQUESTS: "TOO_MANY_REQUESTS",
}


class SimulatedDeepgram:
    """A running simulation, and what it received."""

    def __init__(self, *, key: str, script: FaultScript, listening: Listening) -> None:
        self.legs: list[Leg] = []
        """One for each session, in the order of opening."""
        self.recordings: list[HttpRequest] = []
        self.listener: Listener
        self._key = key
        self._script = script
        self._listening = listening

    @property
    def url(self) -> str:
        """WebSocket address, without the path."""
        return f"ws://{self.listener.host}:{self.listener.port}"

    @property
    def http_url(self) -> str:
        """Address for recordings, without the path."""
        return f"http://{self.listener.host}:{self.listener.port}"

    async def hang_up(self) -> None:
        """Breaks all connections that are open."""
        await self.listener.hang_up()

    def refuse(self, request: Request, fault: Fault | None) -> HttpAnswer | None:
        """Checks path, key and options, as Deepgram does before it agrees to an upgrade."""
        path, options = split_target(request.path)
        refusal = self._refusal(path, request.headers.get("authorization", ""), fault)
        if refusal is None and (options.get("encoding"), options.get("sample_rate")) != ("linear16", str(SAMPLE_RATE)):
            return _refused(400, f"only encoding=linear16 and sample_rate={SAMPLE_RATE} are simulated")
        return refusal

    async def converse(self, connection: SimulatedConnection) -> None:
        """Leads a session."""
        assert connection.request is not None  # noqa: S101 - there is no session without
        _, options = split_target(connection.request.path)
        leg = Leg(number=connection.number, options=options)
        self.legs.append(leg)
        async with self._listening() as hearing:
            await DeepgramSession(connection, leg, hearing=hearing, idle_seconds=self._script.idle_seconds).run()

    def answer(self, request: HttpRequest, fault: Fault | None) -> HttpAnswer:
        """Recognizes a recording."""
        refusal = self._refusal(request.path, request.headers.get("authorization", ""), fault)
        if refusal is not None:
            return refusal
        if self._listening is not listening_for_watermarks:
            return _refused(501, "recordings are simulated for watermarked speech only")
        self.recordings.append(request)
        try:
            pcm = _pcm(request.body)
        except (wave.Error, EOFError, ValueError) as error:
            return _refused(400, f"the recording cannot be read: {error}")
        diarize = request.options.get("diarize") == "true"
        content = messages.recorded(words_in(pcm), audio_samples=len(pcm) // SAMPLE_BYTES, diarize=diarize)
        return HttpAnswer(status=200, content=content)

    def _refusal(self, path: str, authorization: str, fault: Fault | None) -> HttpAnswer | None:
        if fault is not None:
            return _refused(fault.status, "scripted")
        if path != _PATH:
            return _refused(404, f"only {_PATH} is simulated")
        if authorization.lower() != f"token {self._key}".lower():
            return _refused(401, "Invalid credentials.")
        return None


@asynccontextmanager
async def serve_deepgram(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    script: FaultScript | None = None,
    key: str = "simulated",
    hearing: Listening = listening_for_watermarks,
) -> AsyncIterator[SimulatedDeepgram]:
    """Runs a simulation until the context is left; port 0 takes a free one. Recordings have to be watermarked.

    Raises:
        OSError: the address is taken or is none.
    """
    script = script or FaultScript()
    simulation = SimulatedDeepgram(key=key, script=script, listening=hearing)
    async with listening(simulation, host=host, port=port, script=script) as listener:
        simulation.listener = listener
        yield simulation


class _Refusal(Struct, frozen=True):
    err_code: str
    err_msg: str
    request_id: str


def _refused(status: int, message: str) -> HttpAnswer:
    code = _ERROR_CODES.get(HTTPStatus(status), "Bad Request" if status < 500 else "INTERNAL_SERVER_ERROR")
    request_id = messages.new_request_id()
    headers = {"dg-error": message, "dg-request-id": request_id}
    return HttpAnswer(status=status, content=_Refusal(code, message, request_id), headers=headers)


def _pcm(body: bytes) -> bytes:
    with wave.open(io.BytesIO(body)) as recording:
        shape = (recording.getnchannels(), recording.getsampwidth(), recording.getframerate())
        if shape != (1, SAMPLE_BYTES, SAMPLE_RATE):
            raise ValueError(f"only mono, 16 bit, {SAMPLE_RATE} Hz is simulated, found {shape}")
        return bytes(recording.readframes(recording.getnframes()))
