"""Speaking numbered words to a recognizer, and listening to it."""

import anyio

from domain.audio import SAMPLE_RATE, AudioFrame
from domain.recognition import FinalWords, RecognitionEvent
from domain.transcript import Word
from domain.watermark import speech
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream

_STEP = 800
"""Samples of a frame."""
_PAUSE = 8_000


def frames(pcm: bytes, *, start: int = 0) -> list[AudioFrame]:
    """Audio in frames of 50 ms."""
    return [AudioFrame(start + at // 2, pcm[at : at + 2 * _STEP]) for at in range(0, len(pcm), 2 * _STEP)]


async def send(stream: TranscriptionStream, spoken: list[AudioFrame]) -> None:
    """Sends everything, and says that it is all."""
    for frame in spoken:
        await stream.send(frame)
    await stream.send_eof()


async def events_of(recognizer: SpeechToText, spoken: list[AudioFrame], **request: object) -> list[RecognitionEvent]:
    """What a recognizer says while it is spoken to."""
    with anyio.fail_after(10):
        opening = recognizer.open_stream(TranscriptionRequest(**request))  # type: ignore[arg-type]
        async with opening as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(send, stream, spoken)
            return [event async for event in stream]


async def heard(recognizer: SpeechToText, spoken: list[AudioFrame], **request: object) -> tuple[list[Word], list[int]]:
    """Final words and watermarks."""
    finals = [event for event in await events_of(recognizer, spoken, **request) if isinstance(event, FinalWords)]
    return [word for event in finals for word in event.words], [event.through for event in finals]


async def heard_in_turn(recognizer: SpeechToText, spoken: list[AudioFrame], request: TranscriptionRequest) -> None:
    """Sends everything, then listens to the end."""
    async with recognizer.open_stream(request) as stream:
        await send(stream, spoken)
        async for _ in stream:
            pass


async def listened(recognizer: SpeechToText, pcm: bytes = b"", *, interim: bool = True) -> None:
    """Speaks ten words or what is given, then listens to the end."""
    with anyio.fail_after(10):
        spoken = frames(pcm or speech(0, 10, pause=_PAUSE))
        await heard_in_turn(recognizer, spoken, TranscriptionRequest(interim=interim))


async def flood(recognizer: SpeechToText) -> None:
    """More audio than fits between two machines."""
    async with recognizer.open_stream(TranscriptionRequest()) as stream:
        for number in range(1_000):
            await stream.send(AudioFrame(number * SAMPLE_RATE, bytes(2 * SAMPLE_RATE)))
