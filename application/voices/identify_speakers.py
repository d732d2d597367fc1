"""Who is speaking: while a conversation goes on, and once more when it has ended."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct

from application.listening.live_identification import KnownVoices, LiveIdentification
from application.listening.replay_journal import FinishedConversation, audio
from application.listening.voice_track import VoiceTrack, middle
from application.recordings.diarize_recording import DiarizeRecording
from application.recordings.review_recording import retold
from application.voices.review_voices import reviewed
from domain.ids import ConversationId
from domain.session import SessionRequest
from domain.speaker import SpeakerLabel, VoiceCalibration
from domain.transcript import Transcript
from domain.utterance import ENOUGH, Utterance, utterances
from domain.voice_review import neighborly
from domain.voices import Stretch
from ports.audio_decoder import AudioDecoder
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.errors import Rejected
from ports.people import People
from ports.speaker_encoder import SpeakerEncoder

Report = Callable[[str], None]


class Identified(Struct, frozen=True):
    """Who said what."""

    transcript: Transcript
    stretches: tuple[Stretch, ...]
    """How its longer pieces sound."""


class IdentifySpeakers:
    """Gives voices numbers, and names where they are known. Text never waits for it."""

    def __init__(
        self,
        *,
        encoder: SpeakerEncoder,
        known_voices: KnownVoices,
        people: People,
        journal: CaptureJournal,
        audio_decoder: AudioDecoder,
        diarize: DiarizeRecording,
        clock: Clock,
        report: Report,
    ) -> None:
        self._encoder = encoder
        self._known_voices = known_voices
        self._people = people
        self._journal = journal
        self._decoder = audio_decoder
        self._diarize = diarize
        self._clock = clock
        self._report = report

    @property
    def encoder(self) -> str:
        """Name of the vector space of what `review` finds."""
        return self._encoder.name

    def live(self, request: SessionRequest) -> LiveIdentification:
        """Tells the voices of one session apart."""
        return LiveIdentification(
            request,
            encoder=self._encoder,
            known_voices=self._known_voices,
            people=self._people,
            clock=self._clock,
            report=self._report,
        )

    async def review(
        self, conversation: ConversationId, ended: FinishedConversation, *, whole: bool = False
    ) -> Identified:
        """Who said what in a conversation, now that all of it is known.

        Stretches that nobody encoded while the conversation went on are encoded now, from the journal's audio.

        Args:
            conversation: whose journal is still there.
            ended: what it says.
            whole: hear all of the audio again, so that each word has a speaker and not just each utterance; some
                60 ms of work for a second of audio.

        Raises:
            TemporarilyUnavailable: the encoder failed.
            NotFound: the journal is gone.
        """
        pieces = ended.transcript.pieces
        heard = [voice for voice in ended.voices if isinstance(voice, Stretch)]
        covered = {segment for stretch in heard for segment in stretch.segments}
        missing = [u for u in utterances(p for p in pieces if p.id not in covered) if self._is_long_enough(u)]
        stretches = sorted([*heard, *await self._encoded(conversation, missing)], key=_start)
        known = await self._known_voices.known(ended.opened.user)
        labels = await reviewed(ended.voices, stretches, calibration=self._calibration, known=known)
        labels |= neighborly(pieces, labels)
        if whole:
            frames = audio(self._journal, conversation, decoder=self._decoder)
            turns = await self._diarize.frames(frames, known=known)
            transcript = retold(conversation, ended.words, turns, pieces=pieces, labels=labels)
            return Identified(transcript, tuple(stretches))
        ended.transcript.relabel(dict.fromkeys((piece.id for piece in pieces), SpeakerLabel()) | labels)
        return Identified(ended.transcript, tuple(stretches))

    async def recall(self, ended: FinishedConversation) -> None:
        """Labels a transcript as far as its voices were heard while it was said: without a look at the audio.

        Raises:
            TemporarilyUnavailable: nobody can say now whose voices are known.
        """
        heard = [voice for voice in ended.voices if isinstance(voice, Stretch)]
        known = await self._known_voices.known(ended.opened.user)
        labels = await reviewed(ended.voices, heard, calibration=self._calibration, known=known)
        pieces = ended.transcript.pieces
        labels |= neighborly(pieces, labels)
        ended.transcript.relabel(dict.fromkeys((piece.id for piece in pieces), SpeakerLabel()) | labels)

    @property
    def _calibration(self) -> VoiceCalibration:
        return VoiceCalibration(threshold=self._encoder.threshold, margin=self._encoder.margin)

    async def _encoded(self, conversation: ConversationId, spoken: list[Utterance]) -> list[Stretch]:
        """How utterances sound, from the journal's audio; without those in which there is no voice."""
        if not spoken:
            return []
        found, track, waiting = [], VoiceTrack(), deque(spoken)
        async for frame in audio(self._journal, conversation, decoder=self._decoder):
            if not waiting:
                break
            if frame.end <= waiting[0].start:
                continue
            track.append(frame)
            while waiting and frame.end >= waiting[0].end:
                utterance = waiting.popleft()
                with suppress(Rejected):
                    found.append(await self._stretch(utterance, track))
                track.forget(waiting[0].start if waiting else frame.end)
        return found

    async def _stretch(self, spoken: Utterance, track: VoiceTrack) -> Stretch:
        pcm = track.cut(*middle(spoken.start, spoken.end, longest=ENOUGH))
        segments = tuple(piece.id for piece in spoken.pieces)
        return Stretch(segments=segments, start=spoken.start, end=spoken.end, embedding=await self._encoder.encode(pcm))

    def _is_long_enough(self, spoken: Utterance) -> bool:
        return spoken.end - spoken.start >= self._encoder.shortest


def _start(stretch: Stretch) -> int:
    return stretch.start
