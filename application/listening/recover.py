"""What was captured and not heard is heard after all: after a crash, or when a session had to go too early."""

from contextlib import suppress

import anyio
from msgspec import structs

from application.listening.conversations import Conversations
from application.listening.hear_again import lose_rest, put_in
from application.listening.live_conversation import LiveConversation
from application.listening.live_identification import LiveIdentification
from application.listening.replay_journal import audio
from application.listening.stream_transcription import StreamTranscription
from application.voices.identify_speakers import IdentifySpeakers
from domain.audio import SAMPLE_RATE, AudioFormat, Codec
from domain.ledger import Fate, Span
from domain.recognition import FinalWords
from domain.session import SessionEvent, SessionRequest, TranscriptGrew
from domain.speech_gate import GateSettings
from ports.audio_decoder import AudioDecoder
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable, cause
from ports.event_bus import EventBus
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream
from ports.voice_activity_detector import VoiceActivityDetector

MOST_BACKLOG = 60 * SAMPLE_RATE
AT_ONCE = 4
"""Conversations that are heard at the same time."""

LOOK_SECONDS = 2.0
"""Between two looks at what is left unheard."""

_PCM = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)


class Recover:
    """Completes conversations from their journals."""

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
        identify_speakers: IdentifySpeakers | None = None,
    ) -> None:
        self._conversations = conversations
        self._journal = journal
        self._decoder = audio_decoder
        self._detector = voice_activity_detector
        self._recognizer = speech_to_text
        self._events = events
        self._clock = clock
        self._gate = gate
        self._identify_speakers = identify_speakers

    async def run(self) -> None:
        """Hears what was left unheard, also while the user talks on. Until cancelled."""
        places = anyio.Semaphore(AT_ONCE)
        async with anyio.create_task_group() as tasks:
            while True:
                for live in self._conversations.open:
                    if live.is_unheard and not live.is_recovering and not self._is_awaited(live):
                        live.is_recovering, live.unheard = True, ()
                        tasks.start_soon(self._complete, live, places)
                await self._clock.sleep(LOOK_SECONDS)

    def _is_awaited(self, live: LiveConversation) -> bool:
        """Whether its client may still come and have a word at the seam heard as one."""
        return bool(live.unheard) and self._clock.monotonic() < live.awaits_client_until

    async def _complete(self, live: LiveConversation, places: anyio.Semaphore) -> None:
        try:
            async with places, anyio.create_task_group() as tasks:
                tasks.start_soon(_cancel_when_given_up, live, tasks.cancel_scope)
                with suppress(AdapterError):
                    await self._hear(live)
                tasks.cancel_scope.cancel()
        finally:
            live.is_recovering = False

    async def _hear(self, live: LiveConversation) -> None:
        wanted = TranscriptionRequest(language=live.opened.language, user=live.user)
        async with self._recognizer.open_stream(wanted) as recognizer, self._detector.open_stream() as detector:
            first, end = live.ledger.watermark, live.abandoned
            unheard = live.ledger.parts(first, end, Fate.CAPTURED, Fate.SENT)
            live.ledger.recall(first, end)
            pipeline = StreamTranscription(
                live,
                decoder=self._decoder.open_stream(_PCM),
                detector=detector,
                window=self._detector.window,
                gate=self._gate,
                monotonic=self._clock.monotonic,
                position=first,
            )
            hearing = await self._hearing(live, pipeline, first)
            failures: list[AdapterError] = []
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(pipeline.judge)
                    tasks.start_soon(pipeline.send, recognizer)
                    tasks.start_soon(self._take, live, recognizer, hearing)
                    await self._feed(live, pipeline, unheard)
            except* AdapterError as group:
                failures.append(cause(group))  # what is raised in here would leave as a group
            if failures:
                raise TemporarilyUnavailable(f"{live.id} was not heard to its end") from failures[0]

    async def _feed(self, live: LiveConversation, pipeline: StreamTranscription, unheard: list[Span]) -> None:
        """Puts in the audio that is undecided, as fast as it is taken. What is not in the journal is lost, and told."""
        found: list[tuple[int, int]] = []
        async for frame in audio(self._journal, live.id, decoder=self._decoder):
            found += put_in(frame, unheard, pipeline)
            while pipeline.backlog > MOST_BACKLOG:
                await anyio.sleep(0.05)
        lose_rest(live, unheard, found)
        pipeline.finish()

    async def _hearing(self, live: LiveConversation, pipeline: StreamTranscription, first: int) -> "_Hearing":
        """How words are taken: with who said them, where somebody can tell."""
        if self._identify_speakers is None:
            return _Hearing(live, first=first, identification=None)
        asked = SessionRequest(user=live.user, audio=_PCM, language=live.opened.language)
        identification = self._identify_speakers.live(asked)
        await identification.learn()
        identification.begin_leg(first)
        pipeline.track = identification.track
        return _Hearing(live, first=first, identification=identification)

    async def _take(self, live: LiveConversation, recognizer: TranscriptionStream, hearing: "_Hearing") -> None:
        async for event in recognizer:
            if isinstance(event, FinalWords):
                hearing.take(event)
                await self._tell(live, hearing)
        if hearing.identification is not None:
            await hearing.identification.drain()
            await self._tell(live, hearing)

    async def _tell(self, live: LiveConversation, hearing: "_Hearing") -> None:
        while hearing.news:
            await self._events.publish(live.user, hearing.news.pop(0))


class _Hearing:
    """What is made of the words that come late."""

    def __init__(self, live: LiveConversation, *, first: int, identification: LiveIdentification | None) -> None:
        self.news: list[SessionEvent] = []
        """What the user's sessions are to be told."""
        self.identification = identification
        self._live = live
        self._first = first
        if identification is not None:
            identification.tell = self.news.append
            identification.follow(live)

    def take(self, words: FinalWords) -> None:
        """Takes final words."""
        words = structs.replace(words, since=max(words.since, self._first))
        live = self._live
        change = live.hear(words) if self.identification is None else self.identification.hear(live, words)
        if change.added:
            self.news.append(TranscriptGrew(live.id, live.origin, change))


async def _cancel_when_given_up(live: LiveConversation, hearing: anyio.CancelScope) -> None:
    await live.given_up.wait()
    hearing.cancel()
