"""Voices of one session, told apart while it goes on, behind the text and never in its way."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import anyio
from msgspec import Struct, structs

from application.listening.conversation_records import VoiceAssigned
from application.listening.live_conversation import LiveConversation
from application.listening.voice_track import VoiceTrack, length, middle
from domain.embedding import Embedding
from domain.ids import PersonId, SegmentId, UserId
from domain.recognition import FinalWords
from domain.session import SegmentsRemoved, SessionEvent, SessionRequest, SpeakerRecognized, TranscriptGrew
from domain.speaker import OWNER, SpeakerLabel, VoiceCalibration
from domain.transcript import TranscriptChange, TranscriptSegment
from domain.utterance import ENOUGH, Utterance
from domain.voices import Stretch, Voices
from ports.clock import Clock
from ports.errors import AdapterError, NotFound, Rejected, TemporarilyUnavailable
from ports.people import People
from ports.speaker_encoder import SpeakerEncoder

PAUSE_SECONDS = 0.8
"""Without words, after which an utterance is complete."""

MOST_WAITING = 16
"""Stretches that wait to be encoded. What does not fit is identified when the conversation has ended."""

REST_SECONDS = 30.0
"""After the encoder failed, until it is tried again."""

FRESH_SECONDS = 60.0
"""How long known voices are taken for current."""


class KnownVoices(Protocol):
    """Whose voices are known."""

    async def known(self, user: UserId) -> Mapping[PersonId, Embedding]:
        """The middles of the profiles of a user, `OWNER` among them. Raises TemporarilyUnavailable."""
        ...


class _Spoken(Struct, frozen=True):
    """An utterance that may go on."""

    live: LiveConversation
    utterance: Utterance


class _Wanted(Struct, frozen=True):
    """A stretch that is to be encoded."""

    live: LiveConversation
    stretch: Stretch
    pcm: bytes


class LiveIdentification:
    """Hears what a session's recognizer heard. `heard` never waits; `run` does the work."""

    def __init__(
        self,
        request: SessionRequest,
        *,
        encoder: SpeakerEncoder,
        known_voices: KnownVoices,
        people: People,
        clock: Clock,
        report: Callable[[str], None],
    ) -> None:
        self.track = VoiceTrack()
        """Where the session puts the speech that it sends to its recognizer."""
        self.tell: Callable[[SessionEvent], None] = lambda _: None
        """Where news goes."""
        self._request = request
        self._encoder = encoder
        self._known_voices = known_voices
        self._people = people
        self._clock = clock
        self._report = report
        self._known: Mapping[PersonId, Embedding] = {}
        self._known_since = -FRESH_SECONDS
        self._leg = ""
        self._spoken: _Spoken | None = None
        self._spoken_at = 0.0
        self._waiting: deque[_Wanted] = deque()
        self._came = anyio.Event()
        self._rests_until = 0.0
        self._has_failed = False
        self._named: set[tuple[str, int, PersonId]] = set()

    async def learn(self) -> None:
        """Asks whose voices are known. Without an answer all are strangers for now."""
        if not self._request.use_speech_profile:
            return
        self._known_since = self._clock.monotonic()
        try:
            self._known = await self._known_voices.known(self._request.user)
        except TemporarilyUnavailable as error:
            self._failed(error)

    def follow(self, live: LiveConversation) -> None:
        """Tells the voices of a conversation apart from here on."""
        if live.voices is None:
            self._tell_change(live, live.tell_apart(Voices(self._calibration, self._known)))
        else:
            self._tell_change(live, live.transcript.relabel(live.voices.recognize(self._known)))

    def begin_leg(self, position: int) -> None:
        """Another connection to a recognizer numbers its speakers anew."""
        self._leg = f"@{position}"

    def hear(self, live: LiveConversation, words: FinalWords) -> TranscriptChange:
        """Has a conversation take words, with what is known of their speakers; their voices are heard next."""
        numbers: list[int] = []

        def label(number: int) -> SpeakerLabel:
            numbers.append(number)
            if live.voices is None:
                return SpeakerLabel(number)
            guess = live.voices.guess(heard_by=words.recognizer + self._leg, label=number)
            if guess.speaker == 0 and words.owner == number:  # the vendor heard the owner's voice before
                return live.voices.label_of(OWNER)
            return guess

        change = live.hear(words, label=label)
        for piece, number in zip(change.added, numbers, strict=True):
            self._put_together(live, piece, number)
        return change

    def assign(
        self, live: LiveConversation, speaker: int, person: PersonId | None, *, segments: Sequence[SegmentId] = ()
    ) -> None:
        """The user says whose voice it is."""
        assigned = VoiceAssigned(speaker=speaker, person=person, segments=live.transcript.shown_with(segments))
        self._tell_change(live, live.hear_voice(assigned))

    async def run(self) -> None:
        """Encodes and tells apart what was heard. Until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch_pauses)
            while True:
                await self._came.wait()
                self._came = anyio.Event()
                await self._identify_waiting()

    async def drain(self) -> None:
        """The session has ended: encodes what waits. `run` has ended before."""
        self._want()
        await self._identify_waiting()

    def _put_together(self, live: LiveConversation, piece: TranscriptSegment, number: int) -> None:
        spoken = self._spoken
        if spoken is not None and spoken.live is live and spoken.utterance.takes(piece, number):
            spoken.utterance.pieces.append(piece)
        else:
            self._want()
            spoken = self._spoken = _Spoken(live, Utterance(piece, number))
        self._spoken_at = self._clock.monotonic()
        if spoken.utterance.is_enough:
            self._want()

    async def _watch_pauses(self) -> None:
        """What is followed by a pause is complete."""
        while True:
            await self._clock.sleep(PAUSE_SECONDS)
            if self._spoken is not None and self._clock.monotonic() - self._spoken_at >= PAUSE_SECONDS:
                self._want()

    def _want(self) -> None:
        """Has the utterance that is complete encoded."""
        spoken, self._spoken = self._spoken, None
        if spoken is None:
            return
        utterance = spoken.utterance
        pcm = b""
        if utterance.end - utterance.start >= self._encoder.shortest and len(self._waiting) < MOST_WAITING:
            pcm = self.track.cut(*middle(utterance.start, utterance.end, longest=ENOUGH))
        self.track.forget(utterance.start)
        if length(pcm) < self._encoder.shortest:
            return
        stretch = Stretch(
            segments=tuple(piece.id for piece in utterance.pieces),
            start=utterance.start,
            end=utterance.end,
            embedding=Embedding(b""),
            heard_by=utterance.pieces[0].recognizer + self._leg,
            label=utterance.number,
        )
        self._waiting.append(_Wanted(spoken.live, stretch, pcm))
        self._came.set()

    async def _identify_waiting(self) -> None:
        """Takes a stretch out of the line when it is known: one whose encoding is cut off is encoded again."""
        while self._waiting:
            wanted = self._waiting[0]
            embedding = await self._encoded(wanted)
            if embedding is not None:
                await self._refresh(wanted.live)
            self._waiting.popleft()
            if embedding is not None:
                heard = structs.replace(wanted.stretch, embedding=embedding)
                self._tell_change(wanted.live, wanted.live.hear_voice(heard))
                await self._tell_names(wanted.live)

    async def _encoded(self, wanted: _Wanted) -> Embedding | None:
        """How a stretch sounds; None where nobody can tell: whoever it was stays unknown for now."""
        if self._clock.monotonic() < self._rests_until:
            return None
        try:
            embedding = await self._encoder.encode(wanted.pcm)
        except Rejected:  # silence, or next to it
            return None
        except TemporarilyUnavailable as error:
            self._failed(error)
            return None
        self._has_failed = False
        return embedding

    async def _refresh(self, live: LiveConversation) -> None:
        """Looks whether the user has made somebody known meanwhile."""
        if self._clock.monotonic() - self._known_since < FRESH_SECONDS:
            return
        before = self._known
        await self.learn()
        if live.voices is not None and self._known != before:
            self._tell_change(live, live.transcript.relabel(live.voices.recognize(self._known)))

    def _failed(self, error: AdapterError) -> None:
        """Speakers stay unknown for a while; told once until it works again."""
        self._rests_until = self._clock.monotonic() + REST_SECONDS
        if not self._has_failed:
            self._has_failed = True
            self._report(str(error))

    def _tell_change(self, live: LiveConversation, change: TranscriptChange) -> None:
        if change.removed:
            self.tell(SegmentsRemoved(live.id, change.removed))
        if change.changed:
            self.tell(TranscriptGrew(live.id, live.origin, change))

    async def _tell_names(self, live: LiveConversation) -> None:
        for voice in () if live.voices is None else live.voices.voices:
            if voice.person is None or (live.id, voice.number, voice.person) in self._named:
                continue
            self._named.add((live.id, voice.number, voice.person))
            name = await self._name(voice.person)
            self.tell(SpeakerRecognized(live.id, voice.number, voice.person, name, voice.segments[-1]))

    async def _name(self, person: PersonId) -> str:
        if person == OWNER:
            return ""
        try:
            return (await self._people.get(self._request.user, person)).name
        except (NotFound, TemporarilyUnavailable):
            return ""

    @property
    def _calibration(self) -> VoiceCalibration:
        return VoiceCalibration(threshold=self._encoder.threshold, margin=self._encoder.margin)
