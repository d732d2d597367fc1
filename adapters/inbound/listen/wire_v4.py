"""What the present app is sent on `/v4/listen`: segments that it replaces by `id`, and more kinds of events."""

from typing import Any

import msgspec

from adapters.inbound.http.wire import memory_to_wire, segment_to_wire
from adapters.inbound.listen import wire_onboarding
from adapters.inbound.listen.wire import said_to, told_alike
from domain.memory import Memory
from domain.recognition import InterimWords
from domain.session import (
    ConversationStarted,
    InterimHeard,
    MemoryCreated,
    MemoryCreating,
    MemoryFailed,
    PhotoDescribed,
    PhotoProcessing,
    ProactiveMessage,
    SegmentsRemoved,
    SegmentsTranslated,
    SessionEvent,
    SpeakerNamed,
    SpeakerRecognized,
    StatusChanged,
    TranscriptGrew,
)
from domain.transcript import TranscriptSegment, moved, segments_of

_encoder = msgspec.json.Encoder()


def encoded(news: SessionEvent) -> str | None:
    """The message for an event; None when this client is not told of it."""
    message = _message(news)
    return None if message is None else _encoder.encode(message).decode()


def _message(news: SessionEvent) -> Any:  # noqa: ANN401 - JSON
    match news:
        case TranscriptGrew(origin=origin, change=change):
            return [_segment(segment) for segment in moved(change.changed, by=-origin)]
        case SegmentsTranslated():
            return {"type": "translating", "segments": [_segment(one) for one in moved(news.segments, by=-news.origin)]}
        case SegmentsRemoved(segments=segments):
            return {"type": "segments_deleted", "segment_ids": segments}
        case SpeakerRecognized() | SpeakerNamed():
            return {
                "type": "speaker_label_suggestion",
                "speaker_id": news.speaker,
                "person_id": news.person or "",
                "person_name": news.name,
                "segment_id": news.segment,
            }
        case PhotoProcessing() | PhotoDescribed():
            return _of_photos(news)
        case _:
            return _of_the_conversation(news)


def _of_photos(news: PhotoProcessing | PhotoDescribed) -> dict[str, Any]:
    if isinstance(news, PhotoProcessing):
        return {"type": "photo_processing", "temp_id": news.temporary, "photo_id": news.photo}
    return {
        "type": "photo_described",
        "photo_id": news.photo,
        "description": news.description,
        "discarded": news.discarded,
    }


def _of_the_conversation(news: SessionEvent) -> Any:  # noqa: ANN401 - JSON
    match news:
        case InterimHeard(origin=origin, interim=interim):
            return {"type": "interim", "segments": _interim(origin, interim)}
        case ConversationStarted(conversation=conversation):
            return {"type": "conversation_session", "conversation_id": conversation, "status": "in_progress"}
        case MemoryCreating(memory=Memory() as memory):
            return {"type": "memory_processing_started", "memory": memory_to_wire(memory), "messages": []}
        case MemoryCreated(memory=memory):
            return {"type": "memory_created", "memory": memory_to_wire(memory), "messages": said_to(news)}
        case MemoryFailed() | StatusChanged() | ProactiveMessage():
            return told_alike(news)
        case _:
            return wire_onboarding.message(news)


def _segment(segment: TranscriptSegment) -> dict[str, Any]:
    full = msgspec.to_builtins(segment_to_wire(segment))
    return {**full, "speech_profile_processed": True, "stt_provider": segment.recognizer}


def _interim(origin: int, interim: InterimWords) -> list[dict[str, Any]]:
    return [_segment(segment) for segment in moved(segments_of(interim.words), by=-origin)]
