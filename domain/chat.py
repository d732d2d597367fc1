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
