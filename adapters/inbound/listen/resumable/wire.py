"""What a client that resumes says, and what it is told. The published form: docs/resumable-sessions.md."""

import struct

import msgspec
from msgspec import Struct

from domain.errors import InvalidRequest

SUBPROTOCOL = "omi.resumable.v1"
"""By asking for it, a client says that it resumes."""

HEADER = struct.Struct(">Q")
"""In front of each packet: the position of its first sample."""

HIGHEST = 2**53
"""Numbers from here on are not exact in every language."""

LONGEST_NAME = 64
LONGEST_TOKEN = 128
LONGEST_AGE_SECONDS = 30 * 86_400
"""Older audio than this is not placed in time any more."""


class Resume(Struct, frozen=True, kw_only=True, tag_field="type", tag="resume"):
    """First message of a client."""

    stream: str
    """What the client calls its capture. Positions of the same stream go on over sessions."""
    position: int
    """Of the first sample that the client still holds."""
    now: int
    """Of the sample that is captured at this moment."""
    token: str = ""
    """Of the session that is to go on; empty to begin one."""
    last_event: int = 0
    """Number of the last event that the client has."""

    def check(self) -> None:
        """Raises InvalidRequest where a value makes no sense; names it."""
        if not 1 <= len(self.stream) <= LONGEST_NAME:
            raise InvalidRequest(f"stream: expected 1 to {LONGEST_NAME} characters")
        if len(self.token) > LONGEST_TOKEN:
            raise InvalidRequest("token: too long")
        if not 0 <= self.position <= self.now < HIGHEST:
            raise InvalidRequest("position and now: expected 0 <= position <= now < 2**53")
        if not 0 <= self.last_event < HIGHEST:
            raise InvalidRequest("last_event: expected 0 <= last_event < 2**53")


class Said(Struct, frozen=True, kw_only=True):
    """A text message of a client, numbered so that it is heeded once."""

    number: int
    """Counted from 1."""
    message: msgspec.Raw

    @property
    def text(self) -> str:
        """The message itself, as it came."""
        return bytes(self.message).decode()

    @property
    def is_finish(self) -> bool:
        """Whether it is the one that only such clients know: no audio comes any more."""
        try:
            return _kind.decode(self.message).type == "finish"
        except msgspec.MsgspecError:
            return False


class _Kind(Struct, frozen=True):
    type: str = ""


class SessionTold(Struct, frozen=True, kw_only=True, tag_field="type", tag="session"):
    """First message of the server: what it has."""

    session: str
    token: str
    resumed: bool
    """Whether the session of the token goes on; else a new one begins, with events counted from 1."""
    conversation: str
    durable: int
    transcribed: int
    last_event: int
    messages: int
    """Number of the last text message of the client that was heeded."""
    grace: float
    """Seconds that the session waits for its client after a cut."""


class Acknowledged(Struct, frozen=True, kw_only=True, tag_field="type", tag="ack"):
    """What the server has by now. Cumulative."""

    durable: int
    transcribed: int
    messages: int


class Gap(Struct, frozen=True, kw_only=True, tag_field="type", tag="gap"):
    """Positions that were left out by the client: time without audio."""

    start: int
    end: int


class Refused(Struct, frozen=True, kw_only=True, tag_field="type", tag="refused"):
    """Why a session does not go on. The client begins a new one, and keeps what it holds."""

    code: str
    reason: str


UNKNOWN = Refused(code="unknown", reason="no such session; begin a new one and send what is not acknowledged")

_resume = msgspec.json.Decoder(Resume)
_said = msgspec.json.Decoder(Said)
_kind = msgspec.json.Decoder(_Kind)
_encoder = msgspec.json.Encoder()


def resume_of(text: str) -> Resume:
    """Reads a client's first message.

    Raises:
        InvalidRequest: it is none, or says something impossible.
    """
    try:
        resume = _resume.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidRequest(f"the first message has to be the resume message: {error}") from error
    resume.check()
    return resume


def said_in(text: str) -> Said | None:
    """A numbered message; None where it has no number."""
    try:
        return _said.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def encoded(message: SessionTold | Acknowledged | Gap | Refused) -> str:
    """A message of the server."""
    return _encoder.encode(message).decode()


def event(number: int, message: str) -> str:
    """An event around a message that is encoded already."""
    return f'{{"type":"event","number":{number},"message":{message}}}'


def snapshot(number: int, *, conversation: str, message: str) -> str:
    """How the conversation stands, for a client that missed more than is kept."""
    named = _encoder.encode(conversation).decode()
    return f'{{"type":"snapshot","number":{number},"conversation":{named},"message":{message}}}'
