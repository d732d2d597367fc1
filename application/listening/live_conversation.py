"""A conversation while it goes on: what was received, what became of it, what was said. Durable at every step."""

from collections.abc import Iterable

import anyio
import msgspec
from msgspec import Struct, structs

from application.listening.conversation_records import (
    KINDS,
    NOT_STORED,
    Began,
    Opened,
    Skipped,
    VoiceAssigned,
    placed,
)
from domain.audio import AudioFrame
from domain.client_stream import Reach, StreamPlace
from domain.coverage import Coverage
from domain.ids import ConversationId, SegmentId
from domain.ledger import CaptureLedger
from domain.recognition import FinalWords
from domain.session import SessionRequest
from domain.speaker import SpeakerLabel
from domain.transcript import Labeling, Transcript, TranscriptChange, TranscriptSegment
from domain.translations import Translations, translated
from domain.voices import Stretch, Voices
from ports.capture_journal import JournalWriter, RecordKind
from ports.errors import TemporarilyUnavailable


class LiveConversation:
    """Journal, ledger and transcript of one conversation, which change together."""

    def __init__(self, conversation: ConversationId, opened: Opened, *, journal: JournalWriter) -> None:
        self.id = conversation
        self.user = opened.user
        self.opened = opened
        self.ledger = CaptureLedger(opened.epoch.position)
        self.transcript = Transcript(name=conversation)
        self.translations = Translations()
        self.voices: Voices | None = None
        """Who speaks; None while nobody tells voices apart."""
        self.is_connected = False
        """A client sends audio for it now."""
        self.is_recovering = False
        """Audio from before a crash is still being transcribed."""
        self.is_ended = False
        """Nobody may come back to it. It is finished when all of it was heard."""
        self.is_finished = False
        """Its end was noted."""
        self.given_up = anyio.Event()
        """Set when what is unheard is left for later: whoever recovers it has to stop."""
        self.taken_over = anyio.Event()
        """Set when a newer connection wants to continue it: the older one has to let go."""
        self.released = anyio.Event()
        """Set when the older one has."""
        self.began: int | None = None
        """Position of the first word; of audio before it that is still to be heard, if there is any."""
        self.stream: StreamPlace | None = None
        """Of the audio that came last; None where its client does not say where it lies."""
        self.placed: Reach | None = None
        """What was taken of it, where its samples do not tell."""
        self.streams: set[str] = set()
        """Names of all that were heard in it whose clients say where they lie."""
        self.silence: float | None = None
        """Seconds of silence that the client asked for which came last; None: it goes by the rule."""
        self.marks = opened.marks
        """What the client calls it."""
        self.corrupt_packets = 0
        self.concealed = 0
        self.storage_failure: str | None = None
        """Why the journal cannot be written now; None while it can."""
        self.unheard: tuple[AudioFrame, ...] = ()
        """Audio that nobody has dealt with, of a conversation that was restored; only while it is short."""
        self.awaits_client_until = 0.0
        """Until then (seconds, monotonic) it is left to its client to have that heard, as one with what comes."""
        self._journal = journal
        self._early_voices: list[Stretch | VoiceAssigned] = []
        """What is known of voices from before they were told apart: from the journal."""
        self._hearers: list[int] = []
        """Positions from which on sessions hear it themselves."""
        self._unwritten: list[Struct] = []
        self._lost_from: int | None = None
        """Where packets began to go unwritten."""

    @classmethod
    def begin(cls, conversation: ConversationId, opened: Opened, *, journal: JournalWriter) -> "LiveConversation":
        """A new conversation."""
        live = cls(conversation, opened, journal=journal)
        live.note(opened)
        return live

    @property
    def origin(self) -> int:
        """Position the conversation's own clock counts from: its first word. Once told, it does not move."""
        return self.ledger.start if self.began is None else self.began

    def is_of(self, stream: str) -> bool:
        """Whether the audio that came last is of a client's stream with this name."""
        return self.stream is not None and self.stream.name == stream

    def is_named_by(self, request: SessionRequest) -> bool:
        """Whether a client says that it comes back to this."""
        stream = request.stream.name if request.stream is not None else ""
        return self.is_of(stream) or request.marks.name_the_same(self.marks)

    def is_followed_by(self, request: SessionRequest) -> bool:
        """Whether the audio to come is of the stream that this has to its end: then it follows to the sample."""
        if self.stream is None or request.stream is None:
            return False
        return (self.stream.name, self.stream.rate) == (request.stream.name, request.audio.sample_rate)

    @property
    def reach(self) -> Reach | None:
        """What was taken of the stream that came last; None where its client does not say where it lies."""
        if self.stream is None:
            return None
        return self.placed or Reach(max(self.stream.position_of(self.ledger.end), self.stream.position))

    @property
    def last_spoken(self) -> int:
        """Position behind the last word; the start of the capture while there is none."""
        return self.transcript.end or self.ledger.start

    def connect(self) -> None:
        """A client begins to send audio."""
        self.is_connected = True
        self.taken_over, self.released = anyio.Event(), anyio.Event()

    def disconnect(self) -> None:
        """The client has stopped."""
        self.is_connected = False
        self.released.set()

    def carry(self, stream: StreamPlace | None, *, placed: Reach | None) -> None:
        """The audio to come is of a stream, of which so much was taken; None where its client does not say."""
        self.stream, self.placed = stream, placed
        if stream is not None:
            self.streams.add(stream.name)

    def hear_from(self, position: int) -> None:
        """A session sees to it that everything from a position on is heard, until `leave_off`."""
        self._hearers.append(position)

    def leave_off(self, position: int) -> None:
        """That session hears no more. Harmless when called twice."""
        if position in self._hearers:
            self._hearers.remove(position)

    @property
    def abandoned(self) -> int:
        """Audio before this position is heard by no session: what is unheard there has to be recovered."""
        return min(self._hearers, default=self.ledger.end)

    @property
    def is_unheard(self) -> bool:
        """Whether there is audio that nobody hears."""
        return self.ledger.watermark < self.abandoned

    @property
    def is_heard(self) -> bool:
        """Whether all of it was heard, or judged to be silence."""
        return self.ledger.watermark >= self.ledger.end

    def end(self, position: int) -> None:
        """Nobody may come back to it; audio from a position on is not its own."""
        self.is_ended = True
        if self.ledger.decided <= position <= self.ledger.end:
            self.ledger.cut(position)

    def give_up(self, reason: str) -> None:
        """Leaves what nobody could hear for later: a gap, with its reason."""
        self.ledger.lose(self.ledger.start, self.ledger.end, reason)
        self.given_up.set()

    def coverage(self) -> Coverage:
        """What became of its audio so far, on the clock of the capture."""
        return structs.replace(self.ledger.coverage(), corrupt_packets=self.corrupt_packets, concealed=self.concealed)

    def require_storage(self) -> None:
        """Makes sure that all that was noted is in the journal.

        Raises:
            TemporarilyUnavailable: it is not.
        """
        if self.storage_failure is not None:
            self._recover_storage()
        if self.storage_failure is not None:
            raise TemporarilyUnavailable(self.storage_failure)

    def record(self, packet: bytes) -> None:
        """Writes a packet down, before anything is made of it. Called for every packet."""
        self._record(RecordKind.PACKET, packet)

    def record_placed(self, packet: bytes, *, position: int) -> None:
        """The same with where it begins, as its client counts."""
        self._record(RecordKind.PLACED, placed(packet, position=position))

    def _record(self, kind: RecordKind, packet: bytes) -> None:
        if self.storage_failure is not None:
            self._recover_storage()
            if self.storage_failure is not None:
                return
        try:
            self._journal.append(kind, packet)
        except TemporarilyUnavailable as error:
            self._storage_failed(error)

    def note(self, record: Struct) -> None:
        """Writes a change of state down; keeps it for later where that does not work now."""
        self._unwritten.append(record)
        self._recover_storage()

    def hear(self, words: FinalWords, *, label: Labeling | None = None) -> TranscriptChange:
        """Takes final words. After its end nothing is added: what comes then is heard again, for its gaps.

        Args:
            words: on the clock of the capture.
            label: what is known of the speakers that the recognizer numbers; None to take its word for them.
        """
        if self.is_finished:
            return TranscriptChange()
        self.note(words)
        change = self.replay(words, label=label)
        if change.added and self.began is None:
            self.began = min(words.words[0].start, self.ledger.watermark)
            self.note(Began(position=self.began))
        return change

    def replay(self, words: FinalWords, *, label: Labeling | None = None) -> TranscriptChange:
        """Takes final words that are in the journal already."""
        self.ledger.finalize(words.through, recognizer=words.recognizer, since=words.since)
        if not words.words:
            return TranscriptChange()
        return self.transcript.add(words.words, recognizer=words.recognizer, label=label)

    def tell_apart(self, voices: Voices) -> TranscriptChange:
        """Voices are told apart from here on, and those that were heard before."""
        self.voices = voices
        labels = dict.fromkeys((piece.id for piece in self.transcript.pieces), SpeakerLabel())
        for heard in self._early_voices:
            labels |= _told(voices, heard)
        self._early_voices.clear()
        return self.transcript.relabel(labels)

    def hear_voice(self, heard: Stretch | VoiceAssigned) -> TranscriptChange:
        """Learns how a stretch of speech sounds, or whose voice it is."""
        if self.is_finished:
            return TranscriptChange()
        self.note(heard)
        return self.replay_voice(heard)

    def replay_voice(self, heard: Stretch | VoiceAssigned) -> TranscriptChange:
        """Takes what is in the journal already."""
        if self.voices is None:
            self._early_voices.append(heard)
            return TranscriptChange()
        return self.transcript.relabel(_told(self.voices, heard))

    def translate(self, segments: Iterable[TranscriptSegment]) -> None:
        """Learns what segments say in another language."""
        if self.is_finished:
            return
        for one in translated(segments):
            self.note(one)
            self.translations.add(one)

    async def sync(self) -> None:
        """Forces the journal to the disk. Raises TemporarilyUnavailable."""
        await self._journal.sync()

    async def settle(self) -> None:
        """Waits until what was written down is wherever the journal is kept. Raises TemporarilyUnavailable."""
        await self._journal.settle()

    def close(self) -> None:
        """Lets go of the journal."""
        self._journal.close()

    def _recover_storage(self) -> None:
        """Writes what could not be written before, in order."""
        if self._lost_from is not None and self.ledger.end > self._lost_from:
            missing = Skipped(position=self._lost_from, samples=self.ledger.end - self._lost_from, reason=NOT_STORED)
            self._unwritten.insert(0, missing)
            self._lost_from = None
        try:
            while self._unwritten:
                record = self._unwritten[0]
                self._journal.append(KINDS[type(record)], msgspec.json.encode(record))
                self._unwritten.pop(0)
        except TemporarilyUnavailable as error:
            self._storage_failed(error)
        else:
            self.storage_failure = None

    def _storage_failed(self, error: TemporarilyUnavailable) -> None:
        self.storage_failure = str(error)
        if self._lost_from is None:
            self._lost_from = self.ledger.end


def _told(voices: Voices, heard: Stretch | VoiceAssigned) -> dict[SegmentId, SpeakerLabel]:
    if isinstance(heard, Stretch):
        return voices.hear(heard)
    return voices.assign(heard.speaker, heard.person, segments=heard.segments)


def on_clock_of(coverage: Coverage, *, origin: int) -> Coverage:
    """A coverage report on a conversation's own clock."""
    return structs.replace(
        coverage,
        gaps=tuple(structs.replace(g, start=g.start - origin, end=g.end - origin) for g in coverage.gaps),
        absences=tuple(structs.replace(g, start=g.start - origin, end=g.end - origin) for g in coverage.absences),
    )
