"""Memories as backends of all years stored them in Firestore, read as they are meant today.

2024: plain maps and arrays; then a status beside them. 2025: the collection is called `conversations`, results are of
apps, and transcripts are compressed or encrypted. Fields go missing, numbers are whole where they need not be, words
are not among those that are known: a memory is read all the same.
"""

from collections.abc import Sequence
from datetime import datetime

from adapters.outbound.firestore_values import (
    START_OF_TIME,
    Document,
    choice,
    fields,
    maps,
    moment,
    name,
    number,
    several,
    text,
    truth,
    whole,
)
from adapters.outbound.memory_repository.firestore_transcripts import transcript
from adapters.outbound.user_encryption import UserCipher, decrypted_text
from domain.ids import MemoryId, PluginId
from domain.memory import (
    ActionItem,
    CalendarEvent,
    Category,
    Geolocation,
    Memory,
    MemoryStatus,
    Photo,
    PluginResult,
    PostProcessing,
    PostProcessingStatus,
    Source,
    Structure,
    Visibility,
)


def is_memory(document: Document) -> bool:
    """Whether a document is a memory: since 2025, facts lie in a collection of that name."""
    return "structured" in document or "transcript_segments" in document


def is_deleted(document: Document) -> bool:
    """Whether earlier backends show it no more, though it is still there."""
    return truth(document.get("deleted"))


def status_of(document: Document) -> MemoryStatus:
    """How far a memory has come; before there were stages, all had come to their end."""
    return choice(MemoryStatus, document.get("status"), MemoryStatus.COMPLETED, unknown=MemoryStatus.PROCESSING)


def created(document: Document, *, stored_at: datetime | None = None) -> datetime:
    """When a memory was made, as far as it tells."""
    times = (document.get("created_at"), document.get("started_at"), document.get("finished_at"), stored_at)
    return next((known for value in times if (known := moment(value)) is not None), START_OF_TIME)


def memory_of(
    document: Document,
    *,
    identifier: str,
    user: str,
    cipher: UserCipher,
    photos: Sequence[Document] = (),
    stored_at: datetime | None = None,
) -> Memory:
    """The memory of a document.

    Args:
        document: its fields.
        identifier: of the memory.
        user: whose it is.
        cipher: opens what is encrypted.
        photos: the documents of the collection `photos` below it.
        stored_at: when the document was made.

    Raises:
        TemporarilyUnavailable: the transcript is damaged, or encrypted with another secret.
        Rejected: it is encrypted and there is no secret.
    """
    return Memory(
        id=MemoryId(identifier),
        created_at=created(document, stored_at=stored_at),
        started_at=moment(document.get("started_at")),
        finished_at=moment(document.get("finished_at")),
        source=choice(Source, document.get("source"), Source.FRIEND, unknown=Source.OMI),
        language=name(document.get("language")),
        structure=structure(fields(document.get("structured"))),
        segments=transcript(document, memory=identifier, user=user, cipher=cipher),
        geolocation=_geolocation(fields(document.get("geolocation"))),
        photos=tuple(_photo(photo, user, cipher) for photo in [*maps(document.get("photos")), *_in_order(photos)]),
        plugin_results=_results(document),
        external=dict(fields(document.get("external_data"))) or None,
        status=status_of(document),
        discarded=truth(document.get("discarded")),
        visibility=choice(Visibility, document.get("visibility"), Visibility.PRIVATE),
        postprocessing=_postprocessing(fields(document.get("postprocessing"))),
    )


def unfinished_memory(document: Document, *, identifier: str, user: str, cipher: UserCipher) -> Memory | None:
    """What a document of `processing_memories` (2024) had captured so far; None when a memory was made of it.

    Raises:
        TemporarilyUnavailable: the transcript is damaged.
    """
    if name(document.get("memory_id")):
        return None
    began = moment(document.get("timer_start"))
    return Memory(
        id=MemoryId(identifier),
        created_at=created(document, stored_at=began),
        started_at=began,
        language=name(document.get("language")),
        segments=transcript(document, memory=identifier, user=user, cipher=cipher),
        geolocation=_geolocation(fields(document.get("geolocation"))),
        status=MemoryStatus.PROCESSING,
    )


def structure(document: Document) -> Structure:
    """What a conversation was about."""
    return Structure(
        title=text(document.get("title")),
        overview=text(document.get("overview")),
        emoji=text(document.get("emoji")) or "🧠",
        category=choice(Category, document.get("category"), Category.OTHER),
        action_items=tuple(_action_item(entry) for entry in several(document.get("action_items")) if entry),
        events=tuple(event for entry in maps(document.get("events")) if (event := _event(entry)) is not None),
    )


def _action_item(entry: object) -> ActionItem:
    """Before they could be ticked off, they were texts."""
    if isinstance(entry, str):
        return ActionItem(description=entry)
    known = fields(entry)
    return ActionItem(
        description=text(known.get("description")),
        completed=truth(known.get("completed")),
        deleted=truth(known.get("deleted")),
        due=moment(known.get("due_at")),
    )


def _event(entry: Document) -> CalendarEvent | None:
    start = moment(entry.get("start"))
    if start is None:
        return None
    return CalendarEvent(
        title=text(entry.get("title")),
        start=start,
        duration=max(0, whole(entry.get("duration"), 30)),
        description=text(entry.get("description")),
        created=truth(entry.get("created")),
    )


def _geolocation(document: Document) -> Geolocation | None:
    if document.get("latitude") is None or document.get("longitude") is None:
        return None
    return Geolocation(
        latitude=number(document["latitude"]),
        longitude=number(document["longitude"]),
        google_place_id=name(document.get("google_place_id")),
        address=name(document.get("address")),
        location_type=name(document.get("location_type")),
    )


def _in_order(photos: Sequence[Document]) -> list[Document]:
    """Names of their documents are random; those of 2024 have no time either."""
    return sorted(photos, key=lambda photo: moment(photo.get("created_at")) or START_OF_TIME)


def _photo(document: Document, user: str, cipher: UserCipher) -> Photo:
    return Photo(
        base64=_picture(document, user, cipher),
        description=text(document.get("description")),
        id=text(document.get("id")),
        taken_at=moment(document.get("created_at")),
    )


def _picture(document: Document, user: str, cipher: UserCipher) -> str:
    return decrypted_text(document.get("base64"), document=document, user=user, cipher=cipher)


def _results(document: Document) -> tuple[PluginResult, ...]:
    """Results of plugins; since 2025 of apps, which are told twice for older readers."""
    found: dict[tuple[str | None, str], PluginResult] = {}
    for entry in [*maps(document.get("plugins_results")), *maps(document.get("apps_results"))]:
        plugin, content = name(entry.get("plugin_id")) or name(entry.get("app_id")), text(entry.get("content"))
        found.setdefault(
            (plugin, content), PluginResult(plugin_id=PluginId(plugin) if plugin else None, content=content)
        )
    return tuple(found.values())


def _postprocessing(document: Document) -> PostProcessing | None:
    if not document:
        return None
    return PostProcessing(
        status=choice(PostProcessingStatus, document.get("status"), PostProcessingStatus.NOT_STARTED),
        recognizer=text(document.get("model")),
        reason=text(document.get("fail_reason")),
    )
