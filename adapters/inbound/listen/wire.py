"""What the app of 2024 is sent: arrays of segments, and objects with a `type`."""

from typing import Any

import msgspec

from adapters.inbound.http.chat_wire import WireMessage, message_to_wire
from adapters.inbound.http.wire import memory_to_wire
from application.questions.chat import ChatMessage
from domain.audio import seconds
from domain.recognition import InterimWords
from domain.session import (
    ConversationStarted,
    InterimHeard,
    MemoryCreated,
    MemoryCreating,
    MemoryFailed,
    ProactiveMessage,
    SessionEvent,
    StatusChanged,
    TranscriptGrew,
)
from domain.transcript import TranscriptChange, TranscriptSegment, moved, segments_of

PING = '{"type":"ping"}'

_encoder = msgspec.json.Encoder()


def encoded(news: SessionEvent) -> str | None:
    """The message for an event; None when this client is not told of it."""
    message = _message(news)
    return None if message is None else _encoder.encode(message).decode()


def _message(news: SessionEvent) -> Any:  # noqa: ANN401 - JSON
    match news:
        case TranscriptGrew(change=TranscriptChange(added=())):
            return None  # these apps cannot change what they were told
        case TranscriptGrew(origin=origin, change=change):
            return [_segment(segment) for segment in moved(change.added, by=-origin)]
        case ConversationStarted(conversation=conversation):
            return event("new_processing_memory_created", processing_memory_id=conversation)
        case MemoryCreating():
            return event("new_memory_creating")
        case MemoryCreated(conversation=conversation, memory=memory, messages=messages):
            return event(
                "new_memory_created",
                processing_memory_id=conversation,
                memory_id=memory.id,
                message_ids=[message.id for message in messages],
                memory=memory_to_wire(memory),
                messages=said_to(news),
            )
        case _:
            return told_alike(news)


def told_alike(news: SessionEvent) -> Any:  # noqa: ANN401 - JSON
    """What clients of all years are told in the same words; None for what they are not told."""
    match news:
        case InterimHeard(origin=origin, interim=interim):
            return {"type": "interim", "segments": _interim(origin, interim)}
        case MemoryFailed(conversation=conversation):
            return event("new_memory_create_failed", processing_memory_id=conversation)
        case ProactiveMessage(plugin=plugin, title=title, message=message, conversation=conversation):
            return {
                "type": "proactive_message",
                "app_id": plugin,
                "title": title,
                "message": message,
                "conversation_id": conversation,
            }
        case StatusChanged(status=status, text=text):
            return event("service_status", status=status, status_text=text)
        case _:
            return None


def said_to(news: MemoryCreated) -> list[WireMessage]:
    """What plugins say to a memory."""
    return [message_to_wire(ChatMessage(message=message, memories=(news.memory,))) for message in news.messages]


def event(kind: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Apps of 2024 read either key."""
    return {"type": kind, "event_type": kind, **more}


def _segment(segment: TranscriptSegment) -> dict[str, Any]:
    """Exactly the six keys that the app of 2024 parses."""
    return {
        "speaker": segment.speaker_label,
        "start": seconds(segment.start),
        "end": seconds(segment.end),
        "text": segment.text,
        "is_user": segment.is_user,
        "person_id": segment.person_id,
    }


def _interim(origin: int, interim: InterimWords) -> list[dict[str, Any]]:
    return [_segment(s) for s in moved(segments_of(interim.words), by=-origin)]
