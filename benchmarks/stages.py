"""What each stage of the way costs a packet, with the real adapters, one at a time, in this process."""

import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import anyio
import uvicorn
from anyio.lowlevel import checkpoint
from uvicorn.server import ServerState

from adapters.inbound.command_line.packets import packets as encoded
from adapters.inbound.server.protocol import BINARY_TAKER, OmiWebSocketProtocol
from adapters.inbound.server.server import ServerSettings, configuration
from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
from adapters.outbound.capture_journal.files import FileCaptureJournal
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.voice_activity_detector.silero import (
    SileroVoiceActivityDetector,
    SileroVoiceActivityDetectorSettings,
)
from application.listening.conversation_records import Opened
from application.listening.live_conversation import LiveConversation
from application.listening.stream_transcription import StreamTranscription
from benchmarks.figures import Figure
from benchmarks.scripted import ScriptedSpeechToText
from benchmarks.speech import conversation, frames, whole
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat, AudioFrame, Codec
from domain.conversation import CaptureEpoch
from domain.ids import ConversationId, UserId
from domain.speech_gate import GateSettings
from ports.capture_journal import RecordKind
from ports.speech_to_text import TranscriptionRequest

PACKETS = 5_000
ROUNDS = 7
CAPTURES = 50
"""Judged together."""
OPUS = AudioFormat(codec=Codec.OPUS, sample_rate=SAMPLE_RATE)
_UPGRADE = (
    b"GET /listen HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

Stage = Callable[[int], Awaitable[None]]
"""Moves so many packets."""


async def measure() -> list[Figure]:
    """Microseconds of processor for a packet of 10 ms, at each stage."""
    sound = frames(conversation(), Codec.OPUS)
    return [
        await _receive(sound),
        await _journal(sound),
        await _decode(list(encoded(whole(conversation(), Codec.OPUS), Codec.OPUS))),
        await _account(),
        await _judge(),
        await _relay(),
    ]


async def _receive(sound: list[bytes]) -> Figure:
    connection = await _connection()

    async def stage(packets: int) -> None:
        for number in range(packets):
            connection.data_received(sound[number % len(sound)])
            await checkpoint()

    figure = await _figure("receive: WebSocket frame -> packet", stage, remark="without the system calls")
    connection.connection_lost(None)
    await checkpoint()
    return figure


async def _connection() -> OmiWebSocketProtocol:
    """A connection past its handshake whose application takes packets and forgets them."""
    accepted = anyio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        await receive()
        await send({"type": "websocket.accept"})
        scope["extensions"][BINARY_TAKER](lambda _: True)
        accepted.set()
        while (await receive())["type"] != "websocket.disconnect":
            pass

    config: uvicorn.Config = configuration(application, ServerSettings())
    config.load()
    connection = OmiWebSocketProtocol(config, ServerState(), {})
    connection.connection_made(cast("Any", _Transport()))
    connection.data_received(_UPGRADE)
    await accepted.wait()
    connection.stop_keepalive()
    connection.data_received(frames(bytes(320), Codec.OPUS)[0])
    await checkpoint()
    return connection


class _Transport:
    """Takes what is written."""

    def get_extra_info(self, _: str) -> None:
        """Nothing is known."""

    def write(self, _: bytes) -> None:
        """Gone."""

    def pause_reading(self) -> None:
        """There is no stopping."""

    def resume_reading(self) -> None:
        """It never stopped."""

    def is_closing(self) -> bool:
        """It stays."""
        return False

    def close(self) -> None:
        """It stays."""


async def _journal(sound: list[bytes]) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        journal = FileCaptureJournal(data_dir=Path(folder)).open(ConversationId("benchmark"))

        async def stage(packets: int) -> None:
            for number in range(packets):
                journal.append(RecordKind.PACKET, sound[number % len(sound)])

        figure = await _figure("journal: packet -> operating system", stage)
        journal.close()
    return figure


async def _decode(sound: list[bytes]) -> Figure:
    decoder = LibopusAudioDecoder().open_stream(OPUS)

    async def stage(packets: int) -> None:
        for number in range(packets):
            decoder.decode(sound[number % len(sound)])

    return await _figure("decode: Opus -> samples", stage)


class _Nothing:
    """Stands in for the journal, the decoder, the detector and the recognizer: what is left is the way between."""

    corrupt_packets = concealed = 0

    def append(self, kind: RecordKind, payload: bytes) -> None:
        """Forgets a record."""

    async def sync(self) -> None:
        """Nothing to do."""

    async def settle(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""

    def decode(self, packet: bytes) -> bytes:
        """A packet is its own samples."""
        return packet

    def flush(self) -> Any:  # noqa: ANN401 - a decoder's and a detector's at once
        """Nothing is left."""
        return b""

    def push(self, pcm: bytes) -> None:
        """Judges nothing."""

    async def judge(self) -> tuple[float, ...]:
        """Never."""
        await anyio.sleep_forever()
        return ()

    async def send(self, frame: AudioFrame) -> None:
        """Hears nothing."""

    def take(self, frame: AudioFrame) -> bool:  # noqa: ARG002 - the short way that the real one has
        """Hears nothing, at once."""
        return True


async def _account() -> Figure:
    """Session, ledger, gate and outbox, while somebody speaks."""
    nothing: Any = _Nothing()
    clock = SystemClock()
    opened = Opened(user=UserId("benchmark"), epoch=CaptureEpoch(0, clock.now()))
    pipeline = StreamTranscription(
        LiveConversation.begin(ConversationId("benchmark"), opened, journal=nothing),
        decoder=nothing,
        detector=nothing,
        window=512,
        gate=GateSettings(),
        monotonic=clock.monotonic,
        position=0,
    )
    pipeline.open_gate()
    packet = bytes(160 * SAMPLE_BYTES)

    async def stage(packets: int) -> None:
        for _ in range(packets):
            pipeline.accept(packet)
            await checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pipeline.send, nothing)
        figure = await _figure("account: ledger, gate, outbox", stage, remark="while somebody speaks")
        tasks.cancel_scope.cancel()
    return figure


async def _judge() -> Figure:
    pcm = whole(conversation(), Codec.OPUS)
    size, at = 160 * SAMPLE_BYTES, 0
    detector = SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings())
    async with detector, anyio.create_task_group() as tasks:
        streams = [await _joined(detector, tasks) for _ in range(CAPTURES)]

        async def stage(packets: int) -> None:
            nonlocal at
            for turn in range(packets // CAPTURES):
                for stream in streams:
                    stream.push(pcm[at : at + size])
                at = (at + size) % len(pcm)
                if turn % 6 == 5:  # a tick gathers six packets
                    await anyio.sleep(0.064)

        figure = await _figure("judge: voice activity", stage, remark=f"{CAPTURES} captures together")
        tasks.cancel_scope.cancel()
    return figure


async def _joined(detector: SileroVoiceActivityDetector, tasks: anyio.abc.TaskGroup) -> Any:  # noqa: ANN401
    joined = anyio.Event()
    found: list[Any] = []

    async def listen() -> None:
        async with detector.open_stream() as stream:
            found.append(stream)
            joined.set()
            while True:
                await stream.judge()

    tasks.start_soon(listen)
    await joined.wait()
    return found[0]


async def _relay() -> Figure:
    """The chain of recognizers, with one that is nearly free."""
    chain = FailoverSpeechToText([ScriptedSpeechToText()], clock=SystemClock())
    pcm = bytes(160 * SAMPLE_BYTES)
    end = 0
    async with chain, chain.open_stream(TranscriptionRequest()) as stream, anyio.create_task_group() as tasks:

        async def hear() -> None:
            async for _ in stream:
                pass

        async def stage(packets: int) -> None:
            nonlocal end
            for _ in range(packets):
                await stream.send(AudioFrame(end, pcm))
                end += 160
                await checkpoint()

        tasks.start_soon(hear)
        await stage(100)
        await anyio.sleep(0.05)
        figure = await _figure("relay: kept audio, watch, recognizer", stage, remark="while somebody speaks")
        tasks.cancel_scope.cancel()
    return figure


async def _figure(what: str, stage: Stage, *, remark: str = "") -> Figure:
    await stage(PACKETS // 10)
    costs = []
    for _ in range(ROUNDS):
        before = time.process_time()
        await stage(PACKETS)
        costs.append((time.process_time() - before) / PACKETS * 1e6)
    return Figure(what=what, value=statistics.median(costs), unit="us CPU/packet", remark=remark)
