"""What is written into the journal of a conversation besides its packets."""

from datetime import datetime
from struct import Struct as Layout

import msgspec
from msgspec import Struct

from domain.audio import AudioFormat
from domain.client_stream import Reach, StreamPlace
from domain.conversation import CaptureEpoch
from domain.conversation_marks import ConversationMarks
from domain.coverage import Coverage
from domain.ids import PersonId, SegmentId, UserId
from domain.memory import Source
from domain.recognition import FinalWords
from domain.translations import Translated
from domain.voices import Stretch
from ports.capture_journal import JournalRecord, RecordKind

NO_AUDIO = "no audio arrived"
"""Why time can be absent from a capture."""
NOT_STORED = "not stored"
"""Why audio that came can be missing from a journal."""


class Opened(Struct, frozen=True, kw_only=True):
    """First record of a journal: whose conversation it is, and when."""

    user: UserId
    epoch: CaptureEpoch
    language: str = "en"
    source: Source = Source.FRIEND
    marks: ConversationMarks = ConversationMarks()


class Connected(Struct, frozen=True, kw_only=True):
    """A client began to send packets of a format, for a position."""

    audio: AudioFormat
    position: int
    goes_on: bool = False
    """The audio follows what is before it: the gate stays as it is."""
    stream: StreamPlace | None = None
    """Where it lies, of a client that knows; None: it lies where it comes in."""
    reach: Reach | None = None
    """What of that stream is in journals before this one; None: nothing."""
    silence: float | None = None
    """As of `LiveConversation`, from here on."""
    marks: ConversationMarks | None = None
    """What the client calls the conversation from here on; None: as before."""


class Placed(Struct, frozen=True, gc=False):
    """A packet of a stream whose client has to say where it begins."""

    position: int
    """In the client's samples."""
    packet: bytes


class Skipped(Struct, frozen=True, kw_only=True):
    """Audio behind a position turned out to lie later: time had passed without audio."""

    position: int
    samples: int
    reason: str


class GateMoved(Struct, frozen=True, kw_only=True):
    """From a position on, audio passes to the recognizer, or does not."""

    position: int
    is_open: bool


class Began(Struct, frozen=True, kw_only=True):
    """Where the conversation's own clock begins: nothing was said before."""

    position: int


class Disconnected(Struct, frozen=True, kw_only=True):
    """The client went away, or the conversation went on without it."""

    at: datetime
    ended: int | None = None
    """Where the conversation ended for good; None while somebody may come back to it."""


class Finished(Struct, frozen=True, kw_only=True):
    """The conversation has ended."""

    at: datetime
    coverage: Coverage


class VoiceAssigned(Struct, frozen=True, kw_only=True):
    """The user said whose voice it is."""

    speaker: int
    """Number of the voice."""
    person: PersonId | None
    """None: nobody who is known."""
    segments: tuple[SegmentId, ...] = ()
    """Where it was heard, for a voice that has no number yet."""


KINDS: dict[type[Struct], RecordKind] = {
    Opened: RecordKind.OPENED,
    Connected: RecordKind.CONNECTED,
    Skipped: RecordKind.SKIPPED,
    GateMoved: RecordKind.GATE,
    Began: RecordKind.BEGAN,
    FinalWords: RecordKind.WORDS,
    Disconnected: RecordKind.DISCONNECTED,
    Finished: RecordKind.FINISHED,
    Stretch: RecordKind.VOICE,
    VoiceAssigned: RecordKind.ASSIGNED,
    Translated: RecordKind.TRANSLATED,
}
"""Record -> its kind in the journal."""
PACKETS = (RecordKind.PACKET, RecordKind.PLACED)
"""Kinds of records that hold audio as it came."""
_POSITION = Layout(">Q")
_TYPES = {kind: record for record, kind in KINDS.items()}


def placed(packet: bytes, *, position: int) -> bytes:
    """What is written down of a packet that begins at a position of its client."""
    return _POSITION.pack(position) + packet


def decoded(record: JournalRecord) -> Struct:
    """The value in a record that is not a bare packet.

    Raises:
        msgspec.DecodeError: the record was written by a program that is not ours.
    """
    if record.kind is RecordKind.PLACED:
        if len(record.payload) < _POSITION.size:
            raise msgspec.DecodeError("a packet without its position")
        [position] = _POSITION.unpack_from(record.payload)
        return Placed(position, record.payload[_POSITION.size :])
    return msgspec.json.decode(record.payload, type=_TYPES[record.kind])
