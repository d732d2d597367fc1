"""What a language model is given to work on. All of it is untrusted: data to read, never instructions to follow."""

from datetime import datetime

from msgspec import Struct

from domain.ids import MemoryId
from domain.transcript import TranscriptSegment


class Talk(Struct, frozen=True, kw_only=True, tag="talk"):
    """What people said. A segment is referred to by its index."""

    segments: tuple[TranscriptSegment, ...]
    voices: tuple[str, ...] = ()
    """Who speaks, for each segment; empty: named by what the segments tell."""

    def voice(self, index: int) -> str:
        """Who speaks in a segment: `User`, a name, or `Speaker 1`."""
        if self.voices:
            return self.voices[index]
        segment = self.segments[index]
        return "User" if segment.is_user else f"Speaker {segment.speaker}"


class Passage(Struct, frozen=True, kw_only=True):
    """A stretch of an earlier memory, found by a search."""

    memory_id: MemoryId
    text: str
    """With speakers, one line a turn."""
    title: str = ""
    """Of its memory."""
    said_at: datetime | None = None
    """Aware."""


class Passages(Struct, frozen=True, kw_only=True, tag="passages"):
    """What a search found. The first one is cited as [1]."""

    passages: tuple[Passage, ...]


class PhotoNotes(Struct, frozen=True, kw_only=True, tag="photo_notes"):
    """What is to be seen in photos, in words that a model wrote, in order of time."""

    descriptions: tuple[str, ...]


class Image(Struct, frozen=True, kw_only=True):
    """A picture, ready to be looked at: turned the right way, of moderate size, without where and when."""

    content: bytes
    """JPEG, PNG or WebP."""
    media_type: str = "image/jpeg"


class Pictures(Struct, frozen=True, kw_only=True, tag="pictures"):
    """Photos themselves, for models that can see."""

    images: tuple[Image, ...]


class Text(Struct, frozen=True, kw_only=True, tag="text"):
    """Any other text: a question, a chat so far, a plugin's reply."""

    source: str
    """What it is, in a word or two of ours: `question`, `plugin reply`."""
    text: str


Material = Talk | Passages | PhotoNotes | Pictures | Text


class Background(Struct, frozen=True, kw_only=True):
    """What we know ourselves, from our own records. It helps to understand the material."""

    now: datetime | None = None
    """When it was said or asked: aware, in the user's zone, so that "on Friday" means theirs."""
    user_name: str = ""
    people: tuple[str, ...] = ()
    """Names of people the user knows."""
    facts: tuple[str, ...] = ()
    """Known about the user, one sentence each."""


NOTHING_KNOWN = Background()
