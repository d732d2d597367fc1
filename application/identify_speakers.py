"""Who is speaking: while a conversation goes on, and once more when it has ended."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct

from application.live_identification import LONGEST, KnownVoices, LiveIdentification
from application.replay_journal import FinishedConversation, audio
from application.review_voices import reviewed
from application.voice_track import VoiceTrack, middle
from domain.ids import ConversationId
from domain.session import SessionRequest
from domain.speaker import SpeakerLabel, VoiceCalibration
from domain.transcript import Transcript, TranscriptSegment
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
        clock: Clock,
        report: Report,
    ) -> None:
        self._encoder = encoder
        self._known_voices = known_voices
        self._people = people
        self._journal = journal
        self._decoder = audio_decoder
        self._clock = clock
        self._report = report

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

    async def review(self, conversation: ConversationId, ended: FinishedConversation) -> Identified:
        """Who said what in a conversation, now that all of it is known.

        Stretches that nobody encoded while the conversation went on are encoded now, from the journal's audio.

        Raises:
            TemporarilyUnavailable: the encoder failed.
            NotFound: the journal is gone.
        """
        pieces = ended.transcript.pieces
        heard = {voice.segment: voice for voice in ended.voices if isinstance(voice, Stretch)}
        missing = [piece for piece in pieces if piece.id not in heard and self._is_long_enough(piece)]
        stretches = sorted([*heard.values(), *await self._encoded(conversation, missing)], key=_start)
        labels = await reviewed(
            ended.voices,
            stretches,
            calibration=VoiceCalibration(threshold=self._encoder.threshold, margin=self._encoder.margin),
            known=await self._known_voices.known(ended.opened.user),
        )
        labels |= neighborly(pieces, labels)
        ended.transcript.relabel(dict.fromkeys((piece.id for piece in pieces), SpeakerLabel()) | labels)
        return Identified(ended.transcript, tuple(stretches))

    async def _encoded(self, conversation: ConversationId, pieces: list[TranscriptSegment]) -> list[Stretch]:
        """How pieces sound, from the journal's audio; without those in which there is no voice."""
        if not pieces:
            return []
        found, track, waiting = [], VoiceTrack(), deque(pieces)
        async for frame in audio(self._journal, conversation, decoder=self._decoder):
            if not waiting:
                break
            if frame.end <= waiting[0].start:
                continue
            track.append(frame)
            while waiting and frame.end >= waiting[0].end:
                piece = waiting.popleft()
                with suppress(Rejected):
                    found.append(await self._stretch(piece, track))
                track.forget(waiting[0].start if waiting else frame.end)
        return found

    async def _stretch(self, piece: TranscriptSegment, track: VoiceTrack) -> Stretch:
        embedding = await self._encoder.encode(track.cut(*middle(piece.start, piece.end, longest=LONGEST)))
        return Stretch(segment=piece.id, start=piece.start, end=piece.end, embedding=embedding)

    def _is_long_enough(self, piece: TranscriptSegment) -> bool:
        return piece.end - piece.start >= self._encoder.shortest


def _start(stretch: Stretch) -> int:
    return stretch.start
