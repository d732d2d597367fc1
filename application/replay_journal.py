"""A conversation from its journal: as it stood when the process ended."""

from collections import deque
from collections.abc import AsyncIterator

import anyio.lowlevel
from msgspec import Struct

from application.live_conversation import (
    NO_AUDIO,
    Connected,
    Finished,
    GateMoved,
    LiveConversation,
    Opened,
    Skipped,
    decoded,
)
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.coverage import Coverage
from domain.errors import UnsupportedAudio
from domain.ids import ConversationId
from domain.ledger import Fate
from domain.recognition import FinalWords
from domain.transcript import Transcript
from ports.audio_decoder import AudioDecoder, AudioDecoderStream
from ports.capture_journal import CaptureJournal, RecordKind
from ports.errors import NotFound

MOVABLE = 2 * SAMPLE_RATE
"""Audio that a correction may still move: longer than any doubt about its place lasts."""

PACKETS_AT_ONCE = 500
"""Decoded before others get their turn."""


async def values(journal: CaptureJournal, conversation: ConversationId) -> AsyncIterator[Struct | bytes]:
    """The records of a journal: values, and packets as they came."""
    number = 0
    async for record in journal.read(conversation):
        number += 1
        if number % PACKETS_AT_ONCE == 0:
            await anyio.lowlevel.checkpoint()
        yield record.payload if record.kind is RecordKind.PACKET else decoded(record)


async def audio(
    journal: CaptureJournal, conversation: ConversationId, *, decoder: AudioDecoder
) -> AsyncIterator[AudioFrame]:
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
    journal: CaptureJournal, conversation: ConversationId, decoder: AudioDecoder
) -> AsyncIterator[AudioFrame | Skipped]:
    """Audio as it was placed on arrival, and the corrections that came later."""
    stream: AudioDecoderStream | None = None
    position = 0
    async for value in values(journal, conversation):
        pcm = b""
        if isinstance(value, bytes):
            pcm = stream.decode(value) if stream is not None else b""
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


async def restored(
    journal: CaptureJournal, conversation: ConversationId, *, decoder: AudioDecoder
) -> tuple[LiveConversation, Finished | None] | None:
    """A conversation with its ledger and transcript, and its end if it has one; None for an empty journal."""
    live: LiveConversation | None = None
    finished: Finished | None = None
    words: list[FinalWords] = []
    gate: list[GateMoved] = []
    async for value in values(journal, conversation):
        if isinstance(value, Opened):
            live = LiveConversation(conversation, value, journal=journal.open(conversation))
        elif isinstance(value, FinalWords):
            words.append(value)
        elif isinstance(value, GateMoved):
            gate.append(value)
        elif isinstance(value, Finished):
            finished = value
    if live is None:
        return None
    await _capture(live, journal, decoder)
    _decide(live, gate)
    for heard in words:
        live.replay(heard)
    return live, finished


async def _capture(live: LiveConversation, journal: CaptureJournal, decoder: AudioDecoder) -> None:
    async for frame in audio(journal, live.id, decoder=decoder):
        if frame.start > live.ledger.end:
            live.ledger.skip(frame.start, NO_AUDIO)
        live.ledger.capture(frame.end)


def _decide(live: LiveConversation, gate: list[GateMoved]) -> None:
    """Repeats what the gate decided; audio after its last decision stays undecided."""
    ledger, since, is_open = live.ledger, live.ledger.start, False
    for moved in gate:
        for part in ledger.parts(since, moved.position, Fate.CAPTURED):
            (ledger.send if is_open else ledger.gate)(part.start, part.end)
        since, is_open = moved.position, moved.is_open
    if is_open:
        for part in ledger.parts(since, ledger.end, Fate.CAPTURED):
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

    @property
    def origin(self) -> int:
        """Position of the first spoken sample."""
        segments = self.transcript.segments
        return segments[0].start if segments else self.opened.epoch.position


async def finished_conversation(journal: CaptureJournal, conversation: ConversationId) -> FinishedConversation:
    """A conversation as its journal tells it, without its audio.

    Raises:
        NotFound: there is no such journal, or nothing in it.
    """
    opened: Opened | None = None
    coverage: Coverage | None = None
    transcript = Transcript()
    async for value in values(journal, conversation):
        if isinstance(value, Opened):
            opened = value
        elif isinstance(value, FinalWords) and value.words:
            transcript.add(value.words, recognizer=value.recognizer)
        elif isinstance(value, Finished):
            coverage = value.coverage
    if opened is None:
        raise NotFound(f"no journal of conversation {conversation}")
    return FinishedConversation(opened=opened, transcript=transcript, coverage=coverage)
