"""What clients of each generation are told, key by key."""

import json
from datetime import UTC, datetime
from typing import Any

from adapters.inbound.listen import wire, wire_v2, wire_v4
from domain.chat import Message, Sender
from domain.ids import ConversationId, MemoryId, PersonId, PluginId, SegmentId
from domain.memory import Memory, MemoryStatus
from domain.session import (
    ConversationStarted,
    FileSynced,
    MemoryCreated,
    MemoryCreating,
    MemoryFailed,
    OnboardingCompleted,
    OnboardingQuestion,
    ProactiveMessage,
    QuestionAnswered,
    SessionEvent,
    SpeakerNamed,
    StatusChanged,
    TranscriptGrew,
)
from domain.transcript import TranscriptChange, TranscriptSegment

CONVERSATION = ConversationId("c")
SEGMENT = TranscriptSegment(id=SegmentId("s"), text="Hello.", start=32_000, end=48_000, speaker=1)
MEMORY = Memory(
    id=MemoryId("c"),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    segments=(SEGMENT,),
    status=MemoryStatus.PROCESSING,
)
GREW = TranscriptGrew(CONVERSATION, 16_000, TranscriptChange((SEGMENT,), (SEGMENT,)))


def first(event: SessionEvent) -> Any:
    text = wire.encoded(event)
    assert text is not None
    return json.loads(text)


def second(event: SessionEvent) -> Any:
    text = wire_v2.encoded(event)
    assert text is not None
    return json.loads(text)


def test_the_first_generation_gets_six_keys_a_segment_and_doubles() -> None:
    text = wire.encoded(GREW)
    assert text is not None
    assert '"start":1.0,"end":2.0' in text
    [segment] = json.loads(text)
    assert set(segment) == {"speaker", "start", "end", "text", "is_user", "person_id"}
    assert segment["speaker"] == "SPEAKER_01"


def test_the_second_generation_gets_the_whole_segment() -> None:
    [segment] = second(GREW)
    assert segment["id"] == "s"
    assert segment["speaker_id"] == 1
    assert (segment["start"], segment["end"]) == (1.0, 2.0)


def test_the_first_generation_is_told_of_memories_in_its_words() -> None:
    assert first(ConversationStarted(CONVERSATION))["processing_memory_id"] == "c"
    assert first(MemoryCreating(CONVERSATION))["type"] == "new_memory_creating"
    created = first(MemoryCreated(CONVERSATION, MEMORY))
    assert created["type"] == created["event_type"] == "new_memory_created"
    assert created["memory"]["id"] == created["memory_id"] == "c"
    assert created["message_ids"] == created["messages"] == []


def test_all_are_told_what_plugins_say_to_a_memory() -> None:
    said = Message(id="m", text="Well done", created_at=MEMORY.created_at, sender=Sender.AI, plugin_id=PluginId("p"))
    created = MemoryCreated(CONVERSATION, MEMORY, (said,))
    assert first(created)["message_ids"] == ["m"]
    for told in (first(created), second(created), json.loads(wire_v4.encoded(created) or "")):
        [message] = told["messages"]
        assert (message["id"], message["text"], message["plugin_id"]) == ("m", "Well done", "p")
        assert [memory["id"] for memory in message["memories"]] == [MEMORY.id]


def test_the_second_generation_is_told_of_memories_in_its_words() -> None:
    assert wire_v2.encoded(ConversationStarted(CONVERSATION)) is None
    started = second(MemoryCreating(CONVERSATION, MEMORY))
    assert started["type"] == "memory_processing_started"
    assert started["memory"]["status"] == "processing"
    assert second(MemoryCreated(CONVERSATION, MEMORY))["type"] == "memory_created"
    assert wire_v2.encoded(MemoryCreating(CONVERSATION)) is None


def test_both_are_told_of_failures_and_of_the_service_alike() -> None:
    for event in (MemoryFailed(CONVERSATION, "x"), StatusChanged("storage_full", "no room")):
        assert first(event) == second(event)


def test_only_the_present_app_is_told_of_questions() -> None:
    question = OnboardingQuestion(question="What?", index=1, total=5)
    answered = QuestionAnswered(index=1, is_answered=True)
    completed = OnboardingCompleted(conversation=CONVERSATION, facts=3)
    assert [json.loads(wire_v4.encoded(event) or "") for event in (question, answered, completed)] == [
        {"type": "onboarding_question", "question": "What?", "question_index": 1, "total_questions": 5},
        {"type": "question_answered", "question_index": 1, "answered": True},
        {"type": "onboarding_complete", "conversation_id": "c", "memories_created": 3, "error": None},
    ]
    assert wire.encoded(question) is wire_v2.encoded(completed) is None


def test_all_are_told_what_a_plugin_says_to_who_looks_at_the_app() -> None:
    event = ProactiveMessage(PluginId("coach"), "Coach says", "Stand up", CONVERSATION)
    expected = {
        "type": "proactive_message",
        "app_id": "coach",
        "title": "Coach says",
        "message": "Stand up",
        "conversation_id": "c",
    }
    assert first(event) == second(event) == json.loads(wire_v4.encoded(event) or "") == expected


def test_the_app_of_october_2024_is_told_of_files_that_are_in_a_memory() -> None:
    told = second(FileSynced("audio_omi_opus_16000_1_1735689600.bin"))
    assert (told["type"], told["name"]) == ("memory_backward_synced", "audio_omi_opus_16000_1_1735689600.bin")
    assert wire.encoded(FileSynced("a")) is wire_v4.encoded(FileSynced("a")) is None


def test_a_name_that_was_heard_is_a_suggestion_with_somebody_or_nobody() -> None:
    somebody = SpeakerNamed(CONVERSATION, 2, PersonId("p"), "Anna", SEGMENT.id)
    told = json.loads(wire_v4.encoded(somebody) or "")
    assert told == {
        "type": "speaker_label_suggestion",
        "speaker_id": 2,
        "person_id": "p",
        "person_name": "Anna",
        "segment_id": "s",
    }
    nobody = SpeakerNamed(CONVERSATION, 2, None, "Anna", SEGMENT.id)
    assert json.loads(wire_v4.encoded(nobody) or "")["person_id"] == ""
