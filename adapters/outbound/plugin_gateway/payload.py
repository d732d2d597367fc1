"""What plugins are sent: the JSON that plugins of the original backend know, and the names its documents give."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from domain.audio import seconds
from domain.memory import CalendarEvent, Memory, Source, Structure
from domain.transcript import TranscriptSegment


def memory_payload(memory: Memory) -> dict[str, Any]:
    """A memory with all that is in it. Times are ISO 8601 in UTC, positions are seconds."""
    results = [{"app_id": result.plugin_id, "content": result.content} for result in memory.plugin_results]
    return {
        "id": memory.id,
        "created_at": _iso(memory.created_at),
        "started_at": _iso(memory.started_at),
        "finished_at": _iso(memory.finished_at),
        "source": memory.source,
        "language": memory.language,
        "structured": _structured(memory.structure),
        "transcript_segments": [segment_payload(segment) for segment in memory.segments],
        "geolocation": _place(memory),
        "photos": [{"base64": photo.base64, "description": photo.description} for photo in memory.photos],
        "plugins_results": [{"plugin_id": result["app_id"], "content": result["content"]} for result in results],
        "apps_results": results,
        "apps_response": results,
        "external_data": None if memory.source is Source.WORKFLOW else memory.external,
        "postprocessing": None,
        "discarded": memory.discarded,
        "deleted": False,
        "visibility": memory.visibility,
        "processing_memory_id": None,
        "status": memory.status,
    }


def transcript_payload(segments: Sequence[TranscriptSegment], *, session: str) -> dict[str, Any]:
    """What was said just now."""
    return {"session_id": session, "segments": [segment_payload(segment) for segment in segments]}


def segment_payload(segment: TranscriptSegment) -> dict[str, Any]:
    """What one voice said. `speakerId` is what documents call `speaker_id`."""
    return {
        "id": segment.id,
        "text": segment.text,
        "speaker": segment.speaker_label,
        "speaker_id": segment.speaker,
        "speakerId": segment.speaker,
        "is_user": segment.is_user,
        "person_id": segment.person_id,
        "start": seconds(segment.start),
        "end": seconds(segment.end),
    }


def _structured(structure: Structure) -> dict[str, Any]:
    return {
        "title": structure.title,
        "overview": structure.overview,
        "emoji": structure.emoji,
        "category": structure.category,
        "action_items": [
            {"description": item.description, "completed": item.completed, "deleted": item.deleted}
            for item in structure.action_items
        ],
        "events": [_event(event) for event in structure.events],
    }


def _event(event: CalendarEvent) -> dict[str, Any]:
    return {
        "title": event.title,
        "description": event.description,
        "start": _iso(event.start),
        "duration": event.duration,
        "created": event.created,
    }


def _place(memory: Memory) -> dict[str, Any] | None:
    if (place := memory.geolocation) is None:
        return None
    return {
        "google_place_id": place.google_place_id,
        "latitude": float(place.latitude),
        "longitude": float(place.longitude),
        "address": place.address,
        "location_type": place.location_type,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None
