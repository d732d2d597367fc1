"""Opens live sessions: one for each connection of a client."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import Protocol

import anyio

from application.listening.client_transcription import ClientTranscription
from application.listening.conversations import Conversations
from application.listening.hear_again import hear_again
from application.listening.listening_session import MOST_EVENTS, ListeningSession
from application.listening.live_identification import LiveIdentification
from application.listening.live_sessions import LiveSessions
from application.listening.live_translation import LiveTranslation
from application.listening.session_hearing import LiveListener
from application.listening.stream_transcription import StreamTranscription
from application.listening.ungated_transcription import UngatedTranscription
from application.photos.live_photos import LivePhotos
from application.voices.identify_speakers import IdentifySpeakers
from domain.errors import UnsupportedLanguage
from domain.ids import UserId
from domain.session import (
    SessionEvent,
    SessionRequest,
)
from domain.speech_gate import GateSettings
from ports.audio_decoder import AudioDecoder
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable
from ports.event_bus import EventBus
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream
from ports.translator import Translator
from ports.voice_activity_detector import VoiceActivityDetector

IDENTIFY_SECONDS = 5.0
"""How long the voices of a session's last words are told apart after its end. The rest is for the review."""

PHOTO_SECONDS = 5.0
"""How long the last photos of a session are looked at after its end."""

LivePhotosOf = Callable[[UserId, Callable[[SessionEvent], None]], LivePhotos]
"""Whoever looks at the photos of one session of a user; the events go to the client."""

LanguageOf = Callable[[UserId, str], Awaitable[str]]
"""What a user wants a session in some language told in, too, as a tag; empty for nothing."""

Prepare = Callable[[UserId], Awaitable[object]]
"""Has at hand what a journal of the user needs, which cannot wait."""


class Follower(Protocol):
    """Goes along with a session, and sees what its client is told."""

    def offer(self, event: SessionEvent) -> None:
        """The client is told of it. Never waits, never raises."""
        ...

    async def run(self) -> None:
        """Does what it does, as long as the session goes on. Raises nothing."""
        ...


FollowerOf = Callable[[SessionRequest, ListeningSession], Follower | None]
"""Who goes along with a session; None for a session that needs nobody."""


class Listen:
    """Opens sessions."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        audio_decoder: AudioDecoder,
        voice_activity_detector: VoiceActivityDetector,
        speech_to_text: SpeechToText,
        events: EventBus,
        clock: Clock,
        gate: GateSettings,
        identify_speakers: IdentifySpeakers | None = None,
        live_plugins: LiveListener | None = None,
        live_photos: LivePhotosOf | None = None,
        translator: Translator | None = None,
        language_of: LanguageOf | None = None,
        sessions: LiveSessions | None = None,
        prepare: Prepare | None = None,
        followers: Sequence[FollowerOf] = (),
    ) -> None:
        self._conversations = conversations
        self._decoder = audio_decoder
        self._detector = voice_activity_detector
        self._recognizer = speech_to_text
        self._events = events
        self._clock = clock
        self._gate = gate
        self._identify_speakers = identify_speakers
        self._live_plugins = live_plugins
        self._live_photos = live_photos
        self._translator = translator
        self._language_of = language_of
        self._sessions = sessions or LiveSessions()
        self._prepare = prepare
        self._followers = tuple(followers)

    @asynccontextmanager
    async def open(self, request: SessionRequest) -> AsyncIterator[ListeningSession]:
        """A session for one connection. Leaving ends it; `drain` before that waits for the last words.

        Raises:
            UnsupportedAudio: the format cannot be decoded.
            UnsupportedLanguage: no recognizer knows the language.
            TemporarilyUnavailable: no journal can be written, or there is no recognizer.
            Rejected: no recognizer takes this request.
        """
        self._require_language(request)
        decoder = self._decoder.open_stream(request.audio)
        wanted = TranscriptionRequest(
            language=request.language,
            interim=request.interim,
            user=request.user,
            use_speech_profile=request.use_speech_profile,
        )
        async with (
            self._recognizing(request, wanted) as recognizer,
            self._detector.open_stream() as detector,
            self._events.subscribe(request.user) as news,
        ):
            if self._prepare is not None:
                await self._prepare(request.user)
            conversation, position = await self._conversations.attach(request)
            pipeline = self._way_of(request)(
                conversation,
                decoder=decoder,
                detector=detector,
                window=self._detector.window,
                gate=self._gate,
                monotonic=self._clock.monotonic,
                position=position,
            )
            send, receive = anyio.create_memory_object_stream[SessionEvent](MOST_EVENTS)
            session = ListeningSession(
                request,
                pipeline=pipeline,
                conversations=self._conversations,
                clock=self._clock,
                events=send,
                news=receive,
            )
            _let_suggest(session, recognizer, position=position)
            seen = anyio.Event()
            identification: LiveIdentification | None = None
            async with anyio.create_task_group() as tasks, send, receive:
                tasks.start_soon(session.run, recognizer)
                tasks.start_soon(session.watch)
                tasks.start_soon(session.end_when_asked)
                tasks.start_soon(session.forward, news)
                session.translation = await self._translating(request, session)
                for follower in self._followers_of(request, session):
                    session.follow(follower.offer)
                    tasks.start_soon(follower.run)
                session.tell_what_was_said()
                if self._live_photos is not None:
                    session.photos = self._live_photos(request.user, session.tell)
                    tasks.start_soon(_run, session.photos, seen)
                if self._live_plugins is not None:
                    session.let_listen(self._live_plugins)
                if self._identify_speakers is not None:
                    identification = self._identify_speakers.live(request)
                    await identification.learn()
                    session.identify(identification)
                    tasks.start_soon(identification.run)
                hear_again(conversation, pipeline)
                try:
                    with self._sessions.following(session):
                        yield session
                finally:
                    session.leave()
                    if session.photos is not None:
                        session.photos.finish()
                        with anyio.move_on_after(PHOTO_SECONDS, shield=True):
                            await seen.wait()
                    tasks.cancel_scope.cancel()
            if identification is not None:
                await self._identify_rest(identification, request.user)

    def _followers_of(self, request: SessionRequest, session: ListeningSession) -> list[Follower]:
        followers = (session.translation, *(begin(request, session) for begin in self._followers))
        return [follower for follower in followers if follower is not None]

    def _way_of(self, request: SessionRequest) -> type[StreamTranscription]:
        is_gated = self._gate.enabled if request.is_gated is None else request.is_gated
        return StreamTranscription if is_gated else UngatedTranscription

    def _require_language(self, request: SessionRequest) -> None:
        if not request.hears_itself and not self._recognizer.supports(request.language):
            raise UnsupportedLanguage(f"The language is not supported, {request.language}")

    async def _translating(self, request: SessionRequest, session: ListeningSession) -> LiveTranslation | None:
        if self._translator is None:
            return None
        language = request.translate_to or await self._read(request)
        if not language:
            return None
        return LiveTranslation(self._translator, language=language, tell=session.tell_of_translations)

    async def _read(self, request: SessionRequest) -> str:
        """What a user wants to read whatever is spoken: the present app says so once, and not with each socket.

        Empty where nobody translates, or nobody knows now.
        """
        language = ""
        if self._language_of is not None and self._translator is not None:
            with suppress(TemporarilyUnavailable):
                language = await self._language_of(request.user, request.language)
            if not self._translator.supports(language):
                language = ""
        return language

    def _recognizing(
        self, request: SessionRequest, wanted: TranscriptionRequest
    ) -> AbstractAsyncContextManager[TranscriptionStream]:
        """Who hears a session: a recognizer of ours, or the client itself."""
        if request.hears_itself:
            return nullcontext(ClientTranscription(clock=self._clock))
        return self._recognizer.open_stream(wanted)

    async def _identify_rest(self, identification: LiveIdentification, user: UserId) -> None:
        """Who said the last words is told to whichever session the user has by then."""
        news: list[SessionEvent] = []
        identification.tell = news.append
        with anyio.move_on_after(IDENTIFY_SECONDS, shield=True):
            await identification.drain()
        for event in news:
            await self._events.publish(user, event)


def _let_suggest(session: ListeningSession, recognizer: TranscriptionStream, *, position: int) -> None:
    """Where the client hears for itself, its words are taken."""
    if isinstance(recognizer, ClientTranscription):
        recognizer.begin(position)
        session.suggest = recognizer.suggest


async def _run(photos: LivePhotos, seen: anyio.Event) -> None:
    try:
        await photos.run()
    finally:
        seen.set()
