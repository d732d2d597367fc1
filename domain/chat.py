"""Messages between the user and the assistant."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from domain.ids import MemoryId, PluginId


class Sender(StrEnum):
    """Who wrote a message."""

    AI = "ai"
    HUMAN = "human"


class MessageKind(StrEnum):
    """What a message is for."""

    TEXT = "text"
    DAY_SUMMARY = "day_summary"


class Message(Struct, frozen=True, kw_only=True):
    """One message."""

    id: str
    text: str
    created_at: datetime
    sender: Sender
    kind: MessageKind = MessageKind.TEXT
    plugin_id: PluginId | None = None
    from_integration: bool = False
    memory_ids: tuple[MemoryId, ...] = ()
    """The memories it rests on."""
    file_ids: tuple[str, ...] = ()
    """Files that the user sent along."""
    session_id: str | None = None
    """The talk it belongs to: one with each plugin, until the chat is cleared. None where nobody talked."""
    reported: bool = False
    """The user said that something is wrong with it."""


class ChatFile(Struct, frozen=True, kw_only=True):
    """A file that the user asks about, without what is in it."""

    id: str
    name: str
    """As the user calls it; never a path."""
    media_type: str
    """`text/plain`, `image/jpeg` and the like: what the content is, whatever the sender called it."""
    created_at: datetime
    picture: str = ""
    """Key of the picture in the object store; empty for a document."""


class FileText(Struct, frozen=True, kw_only=True):
    """What can be read in a file."""

    file: ChatFile
    text: str
    """Of a document; of a picture, its description."""
