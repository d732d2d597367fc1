"""A memory as the fields that readers of Firestore know since 2024, and what such readers have changed in them."""

from typing import Any, TypeVar

import msgspec
from msgspec import Struct, structs

from domain.memory import ActionItem, CalendarEvent, Geolocation, Memory, PluginResult, PostProcessing, Structure

T = TypeVar("T")
MOST_BYTES = 12_000
"""Of these fields as JSON. What does not fit is told shorter here; it is whole in the content beside them."""
_NO_RESULTS: dict[str, Any] = {"plugins_results": [], "apps_results": []}
_MOST_TEXT = 1_000
"""Characters of a text that is told shorter."""


def fields_of(memory: Memory) -> dict[str, Any]:
    """The fields of a memory. They tell less than the memory holds: see `merged`."""
    whole = _fields(memory, memory.structure)
    if _size(whole) <= MOST_BYTES:
        return whole
    shorter = {**whole, **_NO_RESULTS}
    if _size(shorter) <= MOST_BYTES:
        return shorter
    title, overview = memory.structure.title[:_MOST_TEXT], memory.structure.overview[:_MOST_TEXT]
    clipped = structs.replace(memory.structure, title=title, overview=overview, action_items=(), events=())
    return {**_fields(memory, clipped), **_NO_RESULTS, "geolocation": None, "postprocessing": None}


def merged(exact: T, *, seen: T, told: T) -> T:
    """A value with what others changed in it.

    Args:
        exact: the value as it was written, with all it holds.
        seen: what can be read of it from the fields.
        told: what could be read from the fields as they were written; where it differs from `seen`, somebody else
            has been there.
    """
    if seen == told:
        return exact
    if isinstance(exact, Struct) and type(exact) is type(seen) is type(told):
        names = exact.__struct_fields__
        parts = {n: merged(getattr(exact, n), seen=getattr(seen, n), told=getattr(told, n)) for n in names}
        return structs.replace(exact, **parts)
    if isinstance(exact, tuple) and isinstance(seen, tuple) and isinstance(told, tuple):
        return _merged_each(exact, seen, told)  # type: ignore[return-value]
    return seen


def _merged_each(exact: tuple[Any, ...], seen: tuple[Any, ...], told: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(exact) == len(seen) == len(told):
        return tuple(merged(e, seen=s, told=t) for e, s, t in zip(exact, seen, told, strict=True))
    return seen


def _fields(memory: Memory, structure: Structure) -> dict[str, Any]:
    return {
        "id": memory.id,
        "created_at": memory.created_at,
        "started_at": memory.started_at,
        "finished_at": memory.finished_at,
        "source": memory.source.value,
        "language": memory.language,
        "structured": _structured(structure),
        "transcript_segments": [],
        "geolocation": None if memory.geolocation is None else _geolocation(memory.geolocation),
        "plugins_results": [_result(result, "plugin_id") for result in memory.plugin_results],
        "apps_results": [_result(result, "app_id") for result in memory.plugin_results],
        "external_data": None,  # may hold what Firestore does not take
        "photos": [],
        "discarded": memory.discarded,
        "deleted": False,
        "visibility": memory.visibility.value,
        "status": memory.status.value,
        "postprocessing": None if memory.postprocessing is None else _postprocessing(memory.postprocessing),
    }


def _structured(structure: Structure) -> dict[str, Any]:
    return {
        "title": structure.title,
        "overview": structure.overview,
        "emoji": structure.emoji,
        "category": structure.category.value,
        "action_items": [_action_item(item) for item in structure.action_items],
        "events": [_event(event) for event in structure.events],
    }


def _action_item(item: ActionItem) -> dict[str, Any]:
    return {"description": item.description, "completed": item.completed, "deleted": item.deleted}


def _event(event: CalendarEvent) -> dict[str, Any]:
    return {
        "title": event.title,
        "description": event.description,
        "start": event.start,
        "duration": event.duration,
        "created": event.created,
    }


def _geolocation(geolocation: Geolocation) -> dict[str, Any]:
    return structs.asdict(geolocation)


def _result(result: PluginResult, key: str) -> dict[str, Any]:
    """2024 they were of plugins; since 2025 they are of apps."""
    return {key: result.plugin_id, "content": result.content}


def _postprocessing(postprocessing: PostProcessing) -> dict[str, Any]:
    return {
        "status": postprocessing.status.value,
        "model": postprocessing.recognizer,
        "fail_reason": postprocessing.reason or None,
    }


def _size(fields: dict[str, Any]) -> int:
    return len(msgspec.json.encode(fields))
