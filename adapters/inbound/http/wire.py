"""Memories as the apps read them: seconds, not samples, and always a double where they cast to double."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from adapters.inbound.http.wire_pieces import (
    WireAppResult,
    WireCoverage,
    WireGeolocation,
    WirePhoto,
    WirePluginResult,
    WirePostProcessing,
    WireStructure,
    app_result_to_wire,
    coverage_to_wire,
    geolocation_to_wire,
    photo_to_wire,
    plugin_result_to_wire,
    progress_to_wire,
    structure_to_wire,
    utc,
)
from domain.audio import seconds
from domain.memory import Memory
from domain.transcript import TranscriptSegment


class WireTranslation(Struct, kw_only=True):
    """The same in another language."""

    lang: str
    text: str


class WireSegment(Struct, kw_only=True):
    """What one voice said."""

    id: str
    text: str
    speaker: str
    """`SPEAKER_00`: the apps parse the number behind the underscore."""
    speaker_id: int
    is_user: bool
    person_id: str | None
    start: float
    """Seconds from the start of the memory."""
    end: float
    translations: list[WireTranslation]


class WireMemory(Struct, kw_only=True):
    """A memory with every key that any of the apps reads."""

    id: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    source: str
    language: str | None
    structured: WireStructure
    transcript_segments: list[WireSegment]
    geolocation: WireGeolocation | None
    photos: list[WirePhoto]
    """Never null: the app of 2024 cannot do without."""
    plugins_results: list[WirePluginResult]
    apps_results: list[WireAppResult]
    external_data: dict[str, Any] | None
    postprocessing: WirePostProcessing | None
    discarded: bool
    deleted: bool = False
    visibility: str
    processing_memory_id: str | None = None
    status: str
    coverage: WireCoverage | None
    degraded: list[str]
    """Tasks that a simpler model had to do."""


def memory_to_wire(memory: Memory) -> WireMemory:
    """A memory as the apps read it."""
    return WireMemory(
        id=memory.id,
        created_at=utc(memory.created_at),
        started_at=utc(memory.started_at) if memory.started_at else None,
        finished_at=utc(memory.finished_at) if memory.finished_at else None,
        source=memory.source.value,
        language=memory.language,
        structured=structure_to_wire(memory.structure),
        transcript_segments=[segment_to_wire(segment) for segment in memory.segments],
        geolocation=geolocation_to_wire(memory.geolocation) if memory.geolocation else None,
        photos=[photo_to_wire(photo) for photo in memory.photos],
        plugins_results=[plugin_result_to_wire(result) for result in memory.plugin_results],
        apps_results=[app_result_to_wire(result) for result in memory.plugin_results],
        external_data=memory.external,
        postprocessing=progress_to_wire(memory.postprocessing) if memory.postprocessing else None,
        discarded=memory.discarded,
        visibility=memory.visibility.value,
        status=memory.status.value,
        coverage=coverage_to_wire(memory.coverage) if memory.coverage else None,
        degraded=list(memory.degraded),
    )


def segment_to_wire(segment: TranscriptSegment) -> WireSegment:
    """A segment as the apps read it."""
    return WireSegment(
        id=segment.id,
        text=segment.text,
        speaker=segment.speaker_label,
        speaker_id=segment.speaker,
        is_user=segment.is_user,
        person_id=segment.person_id,
        start=seconds(segment.start),
        end=seconds(segment.end),
        translations=[WireTranslation(lang=one.language, text=one.text) for one in segment.translations],
    )
