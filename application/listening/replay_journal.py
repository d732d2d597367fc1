"""A conversation from its journal: as it stood when the process ended."""

from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import pairwise
from typing import Any, Protocol

import anyio.lowlevel
import msgspec
from msgspec import Struct

from application.listening.conversation_records import (
    NO_AUDIO,
    Began,
    Connected,
    Disconnected,
    Finished,
    GateMoved,
    Opened,
    Placed,
    Skipped,
    VoiceAssigned,
    decoded,
)
from application.listening.counted_decoding import CountedDecoding
from application.listening.live_conversation import LiveConversation
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.client_stream import Reach
from domain.conversation_marks import ConversationMarks
from domain.coverage import Coverage
from domain.errors import UnsupportedAudio
from domain.heard_once import heard_once
from domain.ids import ConversationId, UserId
from domain.ledger import Fate
from domain.recognition import FinalWords
from domain.transcript import Transcript
from domain.translations import Translated, Translations
from domain.voices import Stretch
from ports.audio_decoder import AudioDecoder, AudioDecoderStream
from ports.capture_journal import CaptureJournal, JournalRecord, RecordKind
from ports.errors import NotFound

MOVABLE = 2 * SAMPLE_RATE
"""Audio that a correction may still move: longer than any doubt about its place lasts."""

AT_HAND = 30 * SAMPLE_RATE
"""Of a conversation that comes back, so much is kept decoded where it was not heard."""

PACKETS_AT_ONCE = 500
"""Decoded before others get their turn."""


class Readable(Protocol):
    """Journals, as far as they are read."""

    def read(self, conversation: ConversationId) -> AsyncIterator[JournalRecord]:
        """As `CaptureJournal`."""
        ...


async def values(journal: Readable, conversation: ConversationId) -> AsyncIterator[Struct | bytes]:
    """The records of a journal: values, and packets as they came."""
    number = 0
    async for record in journal.read(conversation):
        number += 1
        if number % PACKETS_AT_ONCE == 0:
            await anyio.lowlevel.checkpoint()
        yield record.payload if record.kind is RecordKind.PACKET else decoded(record)


async def audio(journal: Readable, conversation: ConversationId, *, decoder: AudioDecoder) -> AsyncIterator[AudioFrame]:
    """The captured audio of a conversation, in order, where it belongs."""
    recent: deque[AudioFrame] = deque()
    async for piece in _decoded_audio(journal, conversation, decoder):
        if isinstance(piece, Skipped):
            recent = deque(_moved(frame, piece) for frame in recent)
            continue
        recent.append(piece)
        while recent[0].end < piece.end - MOVABLE:
            yield recent.popleft()
    for frame in recent:
        yield frame


async def _decoded_audio(
    journal: Readable, conversation: ConversationId, decoder: AudioDecoder
) -> AsyncIterator[AudioFrame | Skipped]:
    """Audio as it was placed on arrival, and the corrections that came later."""
    stream: AudioDecoderStream | None = None
    position = 0
    async for value in values(journal, conversation):
        pcm = b""
        packet = value.packet if isinstance(value, Placed) else value
        if isinstance(packet, bytes):
            pcm = stream.decode(packet) if stream is not None else b""
        elif isinstance(value, Connected):
            if stream is not None and (rest := stream.flush()):
                yield AudioFrame(position, rest)
            stream, position = _opened(decoder, value), value.position
        elif isinstance(value, Skipped):
            position += value.samples
            yield value
        if pcm:
            yield AudioFrame(position, pcm)
            position += len(pcm) // SAMPLE_BYTES
    if stream is not None and (rest := stream.flush()):
        yield AudioFrame(position, rest)


def _moved(frame: AudioFrame, skipped: Skipped) -> AudioFrame:
    return AudioFrame(frame.start + skipped.samples, frame.pcm) if frame.start >= skipped.position else frame


class Ended(Struct, frozen=True):
    """A conversation that was finished: its memory is to be made."""

    user: UserId


async def opened(journal: CaptureJournal, conversation: ConversationId) -> Opened | None:
    """How a journal begins; None for one that holds nothing.

    Raises:
        NotFound: there is no such journal.
        msgspec.DecodeError: it does not begin as ours do.
    """
    async for value in values(journal, conversation):
        if isinstance(value, Opened):
            return value
        raise msgspec.DecodeError("the journal does not begin with its conversation")
    return None


async def restored(
    journal: CaptureJournal, conversation: ConversationId, *, decoder: AudioDecoder
) -> LiveConversation | Ended:
    """A conversation as it stood, with its ledger and transcript.

    Raises:
        NotFound: there is no such journal, or nothing in it.
        TemporarilyUnavailable: it cannot be continued now.
        msgspec.DecodeError, ValueError: it was not written by a program that this one understands.
    """
    found = _Found()
    async for value in values(journal, conversation):
        found.take(value)
    if found.opened is None:
        raise NotFound(f"nothing in the journal of conversation {conversation}")
    if found.is_finished:
        return Ended(found.opened.user)
    live = LiveConversation(conversation, found.opened, journal=journal.open(conversation))
    counted = CountedDecoding(decoder)
    try:
        recent = await _capture(live, journal, counted)
        for since, until, moves in found.stretches(live.ledger.end):
            _decide(live, since, until, moves)
        found.retell(live)
        live.corrupt_packets, live.concealed = counted.corrupt_packets, counted.concealed
        live.unheard = tuple(frame for frame in recent if frame.end > live.ledger.watermark)
    except BaseException:
        live.close()
        raise
    return live


class _Found:
    """What a journal says, but for the audio."""

    def __init__(self) -> None:
        self.opened: Opened | None = None
        self.is_finished = False
        self.coverage: Coverage | None = None
        self.ended: int | None = None
        self.began: int | None = None
        self.words: list[FinalWords] = []
        self.voices: list[Stretch | VoiceAssigned] = []
        self.translated: list[Translated] = []
        self.clients: list[Connected] = []
        self.placed: Reach | None = None
        self.silence: float | None = None
        self.marks = ConversationMarks()
        self._connections: list[int] = []
        self._moves: list[GateMoved] = []
        self._kept: dict[type, list[Any]] = {
            FinalWords: self.words,
            Stretch: self.voices,
            VoiceAssigned: self.voices,
            GateMoved: self._moves,
            Translated: self.translated,
        }

    def take(self, value: Struct | bytes) -> None:
        if (kept := self._kept.get(type(value))) is not None:
            kept.append(value)
        elif isinstance(value, Placed):
            self._place(value)
        elif isinstance(value, Opened):
            self.opened, self.marks = value, value.marks
            self._connections.append(value.epoch.position)
        elif isinstance(value, Connected):
            self._connect(value)
        elif isinstance(value, Disconnected) and value.ended is not None:
            self.ended = value.ended
        elif isinstance(value, Began):
            self.began = value.position
        elif isinstance(value, Finished):
            self.is_finished, self.coverage = True, value.coverage

    def _connect(self, value: Connected) -> None:
        self.clients.append(value)
        self.placed, self.silence = value.reach, value.silence
        self.marks = value.marks or self.marks
        if not value.goes_on:
            self._connections.append(value.position)

    def _place(self, packet: Placed) -> None:
        if self.clients:
            before = self.placed or Reach(packet.position)
            self.placed = before.after(packet.packet, position=packet.position, audio=self.clients[-1].audio)

    def stretches(self, end: int) -> Iterator[tuple[int, int, list[GateMoved]]]:
        """Where each connection's audio lies, and how the gate moved there.

        In order of position: what an earlier connection left unheard is decided while a later one goes on.
        """
        moves = sorted(self._moves, key=lambda moved: moved.position)
        for since, until in pairwise((*self._connections, end + 1)):  # an empty one moves nothing
            yield since, until, [moved for moved in moves if since <= moved.position < until]

    def retell(self, live: LiveConversation) -> None:
        """Tells a conversation what was said in it, by whom, and where it began and ended."""
        for heard in in_order(self.words):
            live.replay(heard)
        for voice in self.voices:
            live.replay_voice(voice)
        live.translations = Translations(self.translated)
        live.began = self.began
        for connected in self.clients:
            live.carry(connected.stream, placed=self.placed)
        live.silence, live.marks = self.silence, self.marks
        if self.ended is not None:
            live.end(self.ended)


def in_order(words: Iterable[FinalWords]) -> list[FinalWords]:
    """In the order they were said, each word once: what was left unheard at first was heard late."""
    return sorted(heard_once(words), key=lambda heard: heard.words[0].start if heard.words else heard.through)


async def _capture(live: LiveConversation, journal: CaptureJournal, decoder: AudioDecoder) -> deque[AudioFrame]:
    """Gives the last of it, too."""
    recent: deque[AudioFrame] = deque()
    async for frame in audio(journal, live.id, decoder=decoder):
        if frame.start > live.ledger.end:
            live.ledger.skip(frame.start, NO_AUDIO)
        live.ledger.capture(frame.end)
        recent.append(frame)
        while recent[0].end < frame.end - AT_HAND:
            recent.popleft()
    return recent


def _decide(live: LiveConversation, since: int, until: int, moves: list[GateMoved]) -> None:
    """Repeats what the gate decided about a connection's audio; what is after its last decision stays undecided."""
    ledger, is_open = live.ledger, False
    for moved in moves:
        for part in ledger.parts(since, moved.position, Fate.CAPTURED):
            (ledger.send if is_open else ledger.gate)(part.start, part.end)
        since, is_open = moved.position, moved.is_open
    if is_open:
        for part in ledger.parts(since, until, Fate.CAPTURED):
            ledger.send(part.start, part.end)


def _opened(decoder: AudioDecoder, connected: Connected) -> AudioDecoderStream | None:
    """None for a format of another version of the program: its packets stay in the journal, unheard."""
    try:
        return decoder.open_stream(connected.audio)
    except UnsupportedAudio:
        return None


class FinishedConversation(Struct, frozen=True, kw_only=True):
    """What a memory is made of."""

    opened: Opened
    transcript: Transcript
    coverage: Coverage | None
    origin: int
    """Position of the first spoken sample."""
    words: tuple[FinalWords, ...] = ()
    """What the transcript was made of, in order of time."""
    voices: tuple[Stretch | VoiceAssigned, ...] = ()
    """How stretches of it sound, in the order in which they were heard."""
    translations: Translations
    marks: ConversationMarks = ConversationMarks()


async def finished_conversation(journal: CaptureJournal, conversation: ConversationId) -> FinishedConversation:
    """A conversation as its journal tells it, without its audio.

    Raises:
        NotFound: there is no such journal, or nothing in it.
    """
    found = _Found()
    async for value in values(journal, conversation):
        found.take(value)
    if found.opened is None:
        raise NotFound(f"no journal of conversation {conversation}")
    transcript, words = Transcript(name=conversation), in_order(found.words)
    for heard in words:
        transcript.add(heard.words, recognizer=heard.recognizer)
    began = found.began
    if began is None:  # the crash came between the words and this note
        began = transcript.segments[0].start if transcript.segments else found.opened.epoch.position
    return FinishedConversation(
        opened=found.opened,
        transcript=transcript,
        coverage=found.coverage,
        origin=began,
        words=tuple(words),
        voices=tuple(found.voices),
        translations=Translations(found.translated),
        marks=found.marks,
    )
