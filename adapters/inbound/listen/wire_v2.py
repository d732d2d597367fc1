"""What the app of October 2024 is sent on `/v2/listen`: segments with identifiers, and other names for events."""

from typing import Any

import msgspec

from adapters.inbound.http.wire import memory_to_wire, segment_to_wire
from adapters.inbound.listen.wire import event, said_to, told_alike
from domain.memory import Memory
from domain.session import (
    ConversationStarted,
    FileSynced,
    MemoryCreated,
    MemoryCreating,
    SessionEvent,
    TranscriptGrew,
)
from domain.transcript import TranscriptChange, moved

_encoder = msgspec.json.Encoder()


def encoded(news: SessionEvent) -> str | None:
    """The message for an event; None when this client is not told of it."""
    message = _message(news)
    return None if message is None else _encoder.encode(message).decode()


def _message(news: SessionEvent) -> Any:  # noqa: ANN401 - JSON
    match news:
        case TranscriptGrew(change=TranscriptChange(added=())) | ConversationStarted() | MemoryCreating(memory=None):
            return None  # these apps cannot change what they were told
        case TranscriptGrew(origin=origin, change=change):
            return [segment_to_wire(segment) for segment in moved(change.added, by=-origin)]
        case MemoryCreating(memory=Memory() as memory):
            return event("memory_processing_started", memory=memory_to_wire(memory), messages=[])
        case MemoryCreated(memory=memory):
            return event("memory_created", memory=memory_to_wire(memory), messages=said_to(news))
        case FileSynced(name=name):
            return event("memory_backward_synced", name=name)
        case _:
            return told_alike(news)
