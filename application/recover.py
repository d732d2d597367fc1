"""What was captured and not heard is heard after all: after a crash, or when a session had to go too early."""

from contextlib import suppress

import anyio

from application.conversations import Conversations
from application.live_conversation import LiveConversation
from application.replay_journal import audio, restored
from application.stream_transcription import StreamTranscription
from domain.audio import SAMPLE_RATE, AudioFormat, AudioFrame, Codec
from domain.ledger import Fate, Span
from domain.recognition import FinalWords
from domain.session import TranscriptGrew
from domain.speech_gate import GateSettings
from ports.audio_decoder import AudioDecoder
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable
from ports.event_bus import EventBus
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream
from ports.voice_activity_detector import VoiceActivityDetector

MOST_BACKLOG = 60 * SAMPLE_RATE
RETRY_SECONDS = 5.0
_PCM = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)


class Recover:
    """Brings conversations back from their journals and completes them."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        journal: CaptureJournal,
        audio_decoder: AudioDecoder,
        voice_activity_detector: VoiceActivityDetector,
        speech_to_text: SpeechToText,
        events: EventBus,
        clock: Clock,
        gate: GateSettings,
    ) -> None:
        self._conversations = conversations
        self._journal = journal
        self._decoder = audio_decoder
        self._detector = voice_activity_detector
        self._recognizer = speech_to_text
        self._events = events
        self._clock = clock
        self._gate = gate

    async def restore(self) -> None:
        """Takes up every conversation that has a journal. Once, before the first session."""
        known = {live.id for live in self._conversations.open}
        for conversation in await self._journal.conversations():
            if conversation in known:
                continue
            found = await restored(self._journal, conversation, decoder=self._decoder)
            if found is None:
                await self._journal.remove(conversation)
                continue
            live, finished = found
            if finished is None:
                self._conversations.adopt(live)
            else:
                live.close()
                await self._conversations.hand_in(live.user, conversation)

    async def run(self) -> None:
        """Hears what was left unheard, conversation by conversation. Until cancelled."""
        while True:
            for live in self._conversations.open:
                if not live.is_connected and _unheard(live):
                    live.is_recovering = True
                    with suppress(AdapterError):
                        await self._hear(live)
                    live.is_recovering = False
            await self._clock.sleep(RETRY_SECONDS)

    async def _hear(self, live: LiveConversation) -> None:
        wanted = TranscriptionRequest(language=live.opened.language, user=live.user)
        async with self._recognizer.open_stream(wanted) as recognizer, self._detector.open_stream() as detector:
            first = live.ledger.watermark
            speaking = bool(live.ledger.parts(first, first + 1, Fate.SENT))
            live.ledger.recall(first, live.ledger.end)
            pipeline = StreamTranscription(
                live,
                decoder=self._decoder.open_stream(_PCM),
                detector=detector,
                window=self._detector.window,
                gate=self._gate,
                monotonic=self._clock.monotonic,
                position=first,
            )
            if speaking:
                pipeline.open_gate()
            unheard = live.ledger.parts(first, live.ledger.end, Fate.CAPTURED)
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(pipeline.judge)
                    tasks.start_soon(pipeline.send, recognizer)
                    tasks.start_soon(self._take, live, recognizer)
                    await self._feed(live, pipeline, unheard)
            except* AdapterError as group:
                raise TemporarilyUnavailable(f"{live.id} was not heard to its end") from group

    async def _feed(self, live: LiveConversation, pipeline: StreamTranscription, unheard: list[Span]) -> None:
        """Puts in the audio that is undecided, as fast as it is taken."""
        async for frame in audio(self._journal, live.id, decoder=self._decoder):
            for span in unheard:
                part = _cut(frame, span.start, span.end)
                if part is None:
                    continue
                if part.start > pipeline.end:
                    pipeline.jump(part.start)
                pipeline.capture(part.since(pipeline.end).pcm)
            while pipeline.backlog > MOST_BACKLOG:
                await anyio.sleep(0.05)
        pipeline.finish()

    async def _take(self, live: LiveConversation, recognizer: TranscriptionStream) -> None:
        async for event in recognizer:
            if isinstance(event, FinalWords):
                change = live.hear(event)
                if change.added:
                    await self._events.publish(live.user, TranscriptGrew(live.id, live.origin, change))


def _unheard(live: LiveConversation) -> bool:
    return not live.is_finished and live.ledger.watermark < live.ledger.end


def _cut(frame: AudioFrame, start: int, end: int) -> AudioFrame | None:
    """The part of a frame inside a stretch."""
    start, end = max(frame.start, start), min(frame.end, end)
    if start >= end:
        return None
    return AudioFrame(start, frame.pcm[(start - frame.start) * 2 : (end - frame.start) * 2])
