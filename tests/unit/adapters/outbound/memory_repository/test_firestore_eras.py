"""Documents as backends of all years wrote them, by hand."""

import base64
import json
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.outbound.facts.firestore_fields import fact_of
from adapters.outbound.memory_repository.firestore_eras import is_deleted, is_memory, memory_of, unfinished_memory
from adapters.outbound.memory_repository.firestore_transcripts import segments
from adapters.outbound.user_encryption import AesGcmUserCipher, NoCipher
from domain.fact import FactCategory
from domain.ids import UserId
from domain.memory import (
    ActionItem,
    CalendarEvent,
    Category,
    Geolocation,
    Memory,
    MemoryStatus,
    PluginResult,
    PostProcessing,
    PostProcessingStatus,
    Source,
    Visibility,
)
from domain.transcript import Translation
from ports.errors import Rejected, TemporarilyUnavailable

ME = UserId("28aBcDeFgHiJkLmNoPqRsTuVwXy2")
CIPHER = AesGcmUserCipher("a secret of at least 32 characters")
NOON = datetime(2024, 9, 14, 12, tzinfo=UTC)

SEGMENTS: list[dict[str, Any]] = [
    {
        "text": "Shall we?",
        "speaker": "SPEAKER_01",
        "speaker_id": 1,
        "is_user": False,
        "person_id": "p",
        "start": 0,  # whole where a fraction is due
        "end": 1.5,
    },
    {
        "text": "Yes.",
        "speaker": "SPEAKER_00",
        "speaker_id": 0,
        "is_user": True,
        "person_id": None,
        "start": 2,
        "end": 3,
    },
]
SUMMER_2024: dict[str, Any] = {
    "id": "7d1c",
    "created_at": NOON,
    "started_at": NOON,
    "finished_at": NOON.replace(minute=5),
    "source": "friend",
    "language": "en",
    "structured": {
        "title": "Dinner",
        "overview": "They plan dinner.",
        "emoji": "🍝",
        "category": "social",
        "action_items": [{"description": "Book a table", "completed": True}],
        "events": [{"title": "Dinner", "description": "", "start": NOON, "duration": 90, "created": False}],
    },
    "transcript_segments": SEGMENTS,
    "geolocation": {
        "google_place_id": "g",
        "latitude": 47,
        "longitude": 8.5,
        "address": "Zürich",
        "location_type": "x",
    },
    "plugins_results": [{"plugin_id": "chef", "content": "Pasta."}, {"plugin_id": None, "content": "Rice."}],
    "external_data": None,
    "postprocessing": {"status": "failed", "model": "fal_whisperx", "fail_reason": "no speech"},
    "discarded": False,
    "deleted": False,
    "visibility": "shared",
    "processing_memory_id": None,
}
AUTUMN_2024: dict[str, Any] = SUMMER_2024 | {
    "status": "in_progress",
    "source": "sdcard",
    "structured": SUMMER_2024["structured"]
    | {"action_items": [{"description": "Book a table", "completed": False, "deleted": True}]},
}
SPRING_2025: dict[str, Any] = {
    "id": "7d1c",
    "created_at": NOON,
    "started_at": NOON,
    "finished_at": NOON,
    "source": "omi",
    "status": "completed",
    "structured": {
        "title": "Dinner",
        "overview": "",
        "emoji": "🍝",
        "category": "music",
        "action_items": [],
        "events": [],
    },
    "transcript_segments": [entry | {"id": f"s{n}", "translations": []} for n, entry in enumerate(SEGMENTS)],
    "plugins_results": [{"plugin_id": "chef", "content": "Pasta."}],
    "apps_results": [{"app_id": "chef", "content": "Pasta."}, {"app_id": "poet", "content": "O pasta."}],
    "discarded": False,
}


def read(document: dict[str, Any], **more: Any) -> Memory:
    return memory_of(document, identifier="7d1c", user=ME, cipher=more.pop("cipher", NoCipher()), **more)


def compressed(level: str = "standard") -> dict[str, Any]:
    content = zlib.compress(json.dumps(SEGMENTS).encode())
    stored: Any = content if level == "standard" else sealed(content.hex().encode())
    more = {"transcript_segments": stored, "transcript_segments_compressed": True, "data_protection_level": level}
    return SPRING_2025 | more


def sealed(content: bytes) -> str:
    return base64.b64encode(CIPHER.encrypt(ME, content)).decode()


def test_a_memory_of_summer_2024_is_read_with_every_field() -> None:
    memory = read(SUMMER_2024)
    assert (memory.id, memory.created_at, memory.started_at, memory.language) == ("7d1c", NOON, NOON, "en")
    assert memory.finished_at == NOON.replace(minute=5)
    assert (memory.source, memory.visibility, memory.status) == (
        Source.FRIEND,
        Visibility.SHARED,
        MemoryStatus.COMPLETED,
    )
    assert (memory.structure.title, memory.structure.category) == ("Dinner", Category.SOCIAL)
    assert memory.structure.action_items == (ActionItem(description="Book a table", completed=True),)
    assert memory.structure.events == (CalendarEvent(title="Dinner", start=NOON, duration=90),)
    assert memory.plugin_results == (
        PluginResult(plugin_id="chef", content="Pasta."),
        PluginResult(plugin_id=None, content="Rice."),
    )
    assert memory.postprocessing == PostProcessing(
        status=PostProcessingStatus.FAILED, recognizer="fal_whisperx", reason="no speech"
    )


def test_its_segments_are_counted_in_samples() -> None:
    first, second = read(SUMMER_2024).segments
    assert (first.text, first.start, first.end, first.speaker) == ("Shall we?", 0, 24_000, 1)
    assert (first.person_id, first.is_user) == ("p", False)
    assert (second.is_user, second.person_id, second.start) == (True, None, 32_000)
    assert read(SUMMER_2024).segments[0].id == first.id != second.id


def test_whole_numbers_are_taken_where_fractions_are_due() -> None:
    geolocation = read(SUMMER_2024).geolocation
    assert isinstance(geolocation, Geolocation)
    assert isinstance(geolocation.latitude, float)
    assert (geolocation.latitude, geolocation.address) == (47.0, "Zürich")


def test_autumn_2024_had_a_status_and_items_to_delete() -> None:
    memory = read(AUTUMN_2024)
    assert (memory.status, memory.source) == (MemoryStatus.IN_PROGRESS, Source.SDCARD)
    assert memory.structure.action_items[0].deleted


def test_spring_2025_had_apps_and_segments_with_identifiers() -> None:
    memory = read(SPRING_2025)
    assert [segment.id for segment in memory.segments] == ["s0", "s1"]
    assert [result.plugin_id for result in memory.plugin_results] == ["chef", "poet"]
    assert memory.structure.category is Category.OTHER


def test_translations_are_read_but_for_what_is_none() -> None:
    entries = [{"lang": "de", "text": "Wollen wir?"}, {"lang": "fr"}, "odd", {"lang": 7, "text": "x"}]
    [segment] = segments([SEGMENTS[0] | {"translations": entries}], memory="7d1c")
    assert segment.translations == (Translation("de", "Wollen wir?"),)


def test_a_compressed_transcript_is_read() -> None:
    assert [s.text for s in read(compressed()).segments] == ["Shall we?", "Yes."]


def test_an_encrypted_transcript_is_read_with_the_secret() -> None:
    assert [s.text for s in read(compressed("enhanced"), cipher=CIPHER).segments] == ["Shall we?", "Yes."]
    older = SPRING_2025 | {
        "transcript_segments": sealed(json.dumps(SEGMENTS).encode()),
        "data_protection_level": "enhanced",
    }
    assert [s.text for s in read(older, cipher=CIPHER).segments] == ["Shall we?", "Yes."]


def test_without_the_secret_it_is_told_which_setting_is_missing() -> None:
    with pytest.raises(Rejected, match="ENCRYPTION_SECRET"):
        read(compressed("enhanced"))


@pytest.mark.parametrize(
    "stored",
    [b"not deflated", zlib.compress(b'[{"text": "cut')[:-9], zlib.compress(b"no json"), "no json either", b""],
    ids=["bytes", "cut off", "no list", "text", "nothing"],
)
def test_a_damaged_transcript_is_told_and_not_quoted(stored: object) -> None:
    with pytest.raises(TemporarilyUnavailable, match="damaged") as told:
        read(SPRING_2025 | {"transcript_segments": stored})
    assert "json" not in str(told.value)


def test_photos_lie_below_the_memory_and_may_be_encrypted() -> None:
    photos = [
        {"id": "b", "base64": "aGk=", "description": "A hill", "created_at": NOON.replace(minute=1)},
        {"id": "a", "base64": sealed(b"aGk="), "description": "A sea", "data_protection_level": "enhanced"},
    ]
    memory = read(SUMMER_2024, photos=photos, cipher=CIPHER)
    assert [(photo.id, photo.base64, photo.description) for photo in memory.photos] == [
        ("a", "aGk=", "A sea"),
        ("b", "aGk=", "A hill"),
    ]


def test_what_one_service_heard_is_read_from_a_document_a_segment() -> None:
    heard = segments(reversed(SEGMENTS), memory="7d1c", recognizer="fal_whisperx")
    assert [(segment.text, segment.recognizer) for segment in heard] == [
        ("Shall we?", "fal_whisperx"),
        ("Yes.", "fal_whisperx"),
    ]


def test_what_was_not_finished_in_2024_is_a_memory_in_the_making() -> None:
    document = {
        "id": "x",
        "session_id": "s",
        "created_at": NOON,
        "timer_start": NOON.timestamp(),
        "language": "en",
        "transcript_segments": SEGMENTS,
        "memory_id": None,
    }
    memory = unfinished_memory(document, identifier="x", user=ME, cipher=NoCipher())
    assert memory is not None
    assert (memory.status, memory.started_at, len(memory.segments)) == (MemoryStatus.PROCESSING, NOON, 2)
    assert unfinished_memory(document | {"memory_id": "7d1c"}, identifier="x", user=ME, cipher=NoCipher()) is None


def test_a_document_with_nothing_in_it_is_a_memory_with_nothing_in_it() -> None:
    memory = read({}, stored_at=NOON)
    assert memory == Memory(id="7d1c", created_at=NOON)


@pytest.mark.parametrize(
    "wrong", [None, 7, "null", [], {}, [None, 7, []], {"x": [None]}, True, NOON, b"\0", float("nan")]
)
def test_a_field_of_a_wrong_type_is_as_good_as_missing(wrong: object) -> None:
    for name in SUMMER_2024:
        if name == "transcript_segments" and isinstance(wrong, str | bytes):
            continue
        read(SUMMER_2024 | {name: wrong})
    for part in ("structured", "geolocation", "postprocessing"):
        for name in SUMMER_2024[part]:
            read(SUMMER_2024 | {part: SUMMER_2024[part] | {name: wrong}})
    for name in SEGMENTS[0]:
        read(SUMMER_2024 | {"transcript_segments": [SEGMENTS[0] | {name: wrong}]})


def test_words_that_are_not_known_become_the_nearest_that_are() -> None:
    memory = read(SUMMER_2024 | {"source": "fieldy", "status": "merging", "visibility": "friends"})
    assert (memory.source, memory.status, memory.visibility) == (
        Source.OMI,
        MemoryStatus.PROCESSING,
        Visibility.PRIVATE,
    )


def test_action_items_were_texts_once() -> None:
    structured = SUMMER_2024["structured"] | {"action_items": ["Book a table", ""]}
    assert read(SUMMER_2024 | {"structured": structured}).structure.action_items == (
        ActionItem(description="Book a table"),
    )


def test_times_are_read_from_texts_and_without_a_zone() -> None:
    memory = read(SUMMER_2024 | {"created_at": "2024-09-14T12:00:00Z", "started_at": NOON.replace(tzinfo=None)})
    assert (memory.created_at, memory.started_at) == (NOON, NOON)


def test_facts_and_memories_of_one_collection_are_told_apart() -> None:
    assert is_memory(SUMMER_2024)
    assert not is_memory({"id": "f", "uid": ME, "content": "Likes pasta.", "category": "core"})
    assert is_deleted(SUMMER_2024 | {"deleted": True})


def test_a_fact_of_2025_is_read() -> None:
    document = {
        "id": "f",
        "uid": ME,
        "content": sealed(b"Likes pasta."),
        "data_protection_level": "enhanced",
        "category": "core",
        "created_at": NOON,
        "updated_at": NOON,
        "conversation_id": "7d1c",
        "reviewed": True,
        "user_review": None,
        "tags": ["food"],
    }
    fact = fact_of(document, "f", ME, cipher=CIPHER)
    assert (fact.content, fact.category, fact.memory_id) == ("Likes pasta.", FactCategory.OTHER, "7d1c")
    assert (fact.reviewed, fact.user_review, fact.confidence) == (True, None, 1.0)
