"""FAL's queue with Whisper behind it, simulated: submit, look, fetch, cancel. Its transcript is what it heard."""

import base64
import binascii
import io
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import anyio
import msgspec
import soundfile
from anyio.abc import ByteStream, SocketAttribute, SocketStream
from anyio.streams.tls import TLSStream
from msgspec import Struct

from adapters.inbound.simulators.fal_faults import FalFault, FalFaultKind, FalFaults, FalMoment, FalScript
from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest, HttpUpload
from domain.audio import SAMPLE_RATE, seconds
from domain.ids import new_id
from domain.watermark import HeardWord, words_in

APPLICATION = "/fal-ai/whisper"
CANCELED = 499
_DATA = ("data:audio/flac;base64,", "data:audio/wav;base64,", "data:audio/x-wav;base64,")
_VOICE_EACH = 100
"""Words 0 to 99 are said by one voice, the next by another."""

Faults = dict[FalFaultKind, FalFault]


class FalRequest(Struct, kw_only=True):
    """A recording in the queue."""

    arguments: dict[str, Any]
    words: tuple[HeardWord, ...]
    is_kept: bool
    """FAL was not asked to keep nothing of it."""
    looks: int = 0
    canceled: bool = False


class _Refused(Exception):
    """The request is answered with something else."""

    def __init__(self, status: int, detail: object) -> None:
        super().__init__(detail)
        self.answer = HttpAnswer(status=status, content={"detail": detail})


class SimulatedFal:
    """A running simulation, and what it received."""

    def __init__(self, *, key: str, script: FalScript, scheme: str) -> None:
        self.requests: dict[str, FalRequest] = {}
        """Recordings by number, in the order of coming."""
        self.submissions = 0
        """Tries, answered or not."""
        self.address = ""
        self._key = key
        self._scheme = scheme
        self.play(script)

    @property
    def url(self) -> str:
        """Address without a path."""
        return f"{self._scheme}://{self.address}"

    def play(self, script: FalScript) -> None:
        """From now on, this goes wrong."""
        self._looks = script.looks
        self._faults = FalFaults(script.faults)

    async def serve(self, client: ByteStream) -> None:
        """Answers one request, and hangs up."""
        async with client:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, ssl.SSLError):
                await self._answer(client, await _received(client))

    async def _answer(self, client: ByteStream, request: HttpRequest) -> None:
        moment, number = _meant(request)
        self.submissions += moment is FalMoment.SUBMIT
        faults = self._faults.begin(moment)
        if FalFaultKind.REFUSE in faults:
            return
        if FalFaultKind.HANG in faults:
            await anyio.sleep_forever()
        try:
            answer = self._content(request, moment, number, faults)
        except _Refused as refused:
            answer = refused.answer
        await client.send(_encoded(answer))

    def _content(self, request: HttpRequest, moment: FalMoment, number: str, faults: Faults) -> HttpAnswer:
        if request.headers.get("authorization") != f"Key {self._key}":
            raise _Refused(401, "Authentication is required to access this application.")
        if FalFaultKind.HTTP_STATUS in faults:
            raise _Refused(faults[FalFaultKind.HTTP_STATUS].status, "scripted")
        if FalFaultKind.NONSENSE in faults:
            return HttpAnswer(status=200, content={"status": "WHO_KNOWS", "chunks": 7})
        if moment is FalMoment.SUBMIT:
            return self._submitted(request, faults)
        queued = self.requests.get(number)
        if queued is None:
            raise _Refused(404, "Request not found")
        match moment:
            case FalMoment.STATUS:
                return self._status(number, queued, faults)
            case FalMoment.CANCEL:
                return self._canceled(queued)
        return self._result(queued, faults)

    def _submitted(self, request: HttpRequest, faults: Faults) -> HttpAnswer:
        if request.method != "POST" or request.path != APPLICATION:
            raise _Refused(404, f"only POST {APPLICATION} is simulated")
        arguments = msgspec.json.decode(request.body)
        number = new_id()
        is_kept = request.headers.get("x-fal-store-io") != "0"
        self.requests[number] = FalRequest(arguments=arguments, words=words_in(_pcm(arguments)), is_kept=is_kept)
        root = "https://elsewhere.invalid" if FalFaultKind.ELSEWHERE in faults else self.url
        place = f"{root}{APPLICATION}/requests/{number}"
        content = {
            "status": "IN_QUEUE",
            "queue_position": 0,
            "request_id": number,
            "response_url": place,
            "status_url": f"{place}/status",
            "cancel_url": f"{place}/cancel",
        }
        return HttpAnswer(status=200, content=content)

    def _status(self, number: str, queued: FalRequest, faults: Faults) -> HttpAnswer:
        queued.looks += 1
        if queued.looks <= self._looks or FalFaultKind.NEVER_DONE in faults:
            waiting = {"status": "IN_QUEUE", "queue_position": 0}
            content = waiting if queued.looks == 1 else {"status": "IN_PROGRESS", "logs": None}
            return HttpAnswer(status=202, content=content | {"request_id": number})
        done = {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 0.1}, "request_id": number}
        return HttpAnswer(status=200, content=done)

    def _canceled(self, queued: FalRequest) -> HttpAnswer:
        if queued.looks > self._looks:
            return HttpAnswer(status=400, content={"status": "ALREADY_COMPLETED"})
        queued.canceled = True
        return HttpAnswer(status=202, content={"status": "CANCELLATION_REQUESTED"})

    def _result(self, queued: FalRequest, faults: Faults) -> HttpAnswer:
        if queued.canceled:
            raise _Refused(CANCELED, "Request cancelled")
        if queued.looks <= self._looks:
            raise _Refused(400, "Request is still in progress")
        chunks = list(_chunks(queued, faults))
        text = " ".join(chunk["text"].strip() for chunk in chunks)
        language = queued.arguments.get("language", "en")
        content = {"text": text, "chunks": chunks, "inferred_languages": [language], "diarization_segments": []}
        return HttpAnswer(status=200, content=content)


@asynccontextmanager
async def serve_fal(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    script: FalScript | None = None,
    key: str = "simulated",
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[SimulatedFal]:
    """Runs a simulation until the context is left; port 0 takes a free one.

    Args:
        host: where it listens.
        port: as well.
        script: what goes wrong.
        key: the one that is accepted.
        tls: speaks https with this certificate; None: plain http.

    Raises:
        OSError: the address is taken or is none.
    """
    simulation = SimulatedFal(key=key, script=script or FalScript(), scheme="https" if tls else "http")
    async with await anyio.create_tcp_listener(local_host=host, local_port=port) as listener:
        simulation.address = f"{host}:{listener.extra(SocketAttribute.local_port)}"  # noqa: S610 - not Django
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, partial(_serve_secured, simulation, tls) if tls else simulation.serve)
            yield simulation
            tasks.cancel_scope.cancel()


async def _serve_secured(simulation: SimulatedFal, tls: ssl.SSLContext, client: SocketStream) -> None:
    async with client:
        with suppress(anyio.BrokenResourceError, anyio.EndOfStream, ssl.SSLError, OSError):  # whoever does not trust us
            secured = await TLSStream.wrap(client, server_side=True, ssl_context=tls, standard_compatible=False)
            await simulation.serve(secured)


def _encoded(answer: HttpAnswer) -> bytes:
    """As it goes over the wire; with the one status of FAL's that no standard knows."""
    if answer.status != CANCELED:
        return answer.encode()
    plain = HttpAnswer(status=400, content=answer.content).encode()
    return plain.replace(b" 400 Bad Request", f" {CANCELED} Client Closed Request".encode(), 1)


async def _received(client: ByteStream) -> HttpRequest:
    upload = HttpUpload()
    while True:
        request = upload.feed(await client.receive())
        if request is not None:
            return request


def _meant(request: HttpRequest) -> tuple[FalMoment, str]:
    """What a request is for, and the number of the recording."""
    number, _, what = request.path.removeprefix(f"{APPLICATION}/requests/").partition("/")
    if request.method == "POST":
        return FalMoment.SUBMIT, ""
    if what == "status":
        return FalMoment.STATUS, number
    return (FalMoment.CANCEL if what == "cancel" else FalMoment.RESULT), number


def _pcm(arguments: dict[str, Any]) -> bytes:
    """The samples of what was sent."""
    address = str(arguments.get("audio_url", ""))
    head = next((head for head in _DATA if address.startswith(head)), None)
    if head is None:
        raise _Refused(422, [_mistake("audio_url", "only recordings within the request are simulated")])
    try:
        content = base64.b64decode(address.removeprefix(head), validate=True)
        samples, rate = soundfile.read(io.BytesIO(content), dtype="int16")
    except (ValueError, binascii.Error, soundfile.LibsndfileError) as error:
        raise _Refused(422, [_mistake("audio_url", f"Failed to read the audio: {type(error).__name__}")]) from error
    if rate != SAMPLE_RATE or samples.ndim != 1:
        raise _Refused(422, [_mistake("audio_url", "only 16 kHz mono is simulated")])
    if arguments.get("chunk_level") != "word" or arguments.get("task") != "transcribe":
        raise _Refused(422, [_mistake("chunk_level", "only words are simulated")])
    return bytes(samples.astype("<i2").tobytes())


def _mistake(field: str, message: str) -> dict[str, object]:
    return {"loc": ["body", field], "msg": message, "type": "value_error"}


def _chunks(queued: FalRequest, faults: Faults) -> Iterator[dict[str, Any]]:
    for count, word in enumerate(queued.words):
        faulty = count % 2 == 1
        start, end = seconds(word.start), seconds(word.end)
        timestamp = [start, None if faulty and FalFaultKind.NO_ENDS in faults else end]
        speaker = f"SPEAKER_{word.number // _VOICE_EACH:02d}" if queued.arguments.get("diarize") else None
        yield {
            "timestamp": [None, None] if faulty and FalFaultKind.NO_TIMES in faults else timestamp,
            "text": f" {word.text}",
            "speaker": None if faulty and FalFaultKind.NO_VOICES in faults else speaker,
        }
