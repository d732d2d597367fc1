"""What differs between the apps of three times, as far as the socket goes."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from tests.support.omi_app import memory_bodies
from tests.support.omi_app.dart import Value

Reader = Callable[[Value], None]


class Era(Struct, frozen=True, kw_only=True):
    """The app of one time."""

    name: str
    path: str
    parameters: dict[str, Any]
    """Of the address, beside those of the audio."""
    segment: Reader
    events: dict[str, Reader]
    """By type; what is not among them is passed over."""
    created: str
    """The event that a memory is there."""
    tries: int
    """To connect, when the network is back."""
    sends_token: bool
    """In a header. Otherwise it says who it is in the address, and nothing proves it."""
    starts_anew: bool = False
    """Opens another socket when a memory was made."""
    awaits_ready: bool = False
    """Shows that it listens only when it is told that the service is ready."""
    answers_ping: bool = False
    """With two bytes."""
    processes: str = ""
    """The route that makes a memory now. Empty: there is none."""


def segment_of_2024(value: Value) -> None:
    """Of six keys; the app has no others."""
    keys = ["speaker", "start", "end", "text", "is_user", "person_id"]
    if list(value.content) != keys:
        value.crash(f"keys {list(value.content)}, not {keys}")
    memory_bodies.segment(value)


def _memory(value: Value) -> None:
    memory_bodies.memory(value["memory"])
    value["messages"].all(memory_bodies.message)


def _suggestion(value: Value) -> None:
    value["speaker_id"].integer()
    for key in ("person_id", "person_name", "segment_id"):
        value[key].text()


def _question(value: Value) -> None:
    value["question"].text()
    value["question_index"].integer()
    value["total_questions"].integer()


def _answered(value: Value) -> None:
    value["question_index"].integer()
    value["answered"].boolean()


def _completed(value: Value) -> None:
    value["conversation_id"].text()
    value["memories_created"].integer()


def _texts(*keys: str) -> Reader:
    def read(value: Value) -> None:
        for key in keys:
            value[key].text()

    return read


SEPTEMBER_2024 = Era(
    name="September 2024",
    path="/listen",
    parameters={"include_speech_profile": True, "new_memory_watch": True, "stt_service": "deepgram"},
    segment=segment_of_2024,
    events={
        "ping": lambda _: None,
        "new_processing_memory_created": _texts("processing_memory_id"),
        "new_memory_creating": lambda _: None,
        "new_memory_created": _memory,
        "new_memory_create_failed": lambda _: None,
        "memory_post_processing_success": _texts("memory_id"),
        "memory_post_processing_failed": _texts("memory_id"),
    },
    created="new_memory_created",
    tries=7,
    sends_token=False,
    starts_anew=True,
)
OCTOBER_2024 = Era(
    name="October 2024",
    path="/v2/listen",
    parameters={"include_speech_profile": True, "stt_service": "soniox"},
    segment=memory_bodies.segment_with_id,
    events={
        "ping": lambda _: None,
        "memory_processing_started": _memory,
        "memory_created": _memory,
        "memory_backward_synced": _texts("name"),
        "new_memory_create_failed": lambda _: None,
    },
    created="memory_created",
    tries=7,
    sends_token=False,
    processes="POST /v2/memories",
)
NOW = Era(
    name="now",
    path="/v4/listen",
    parameters={
        "include_speech_profile": True,
        "stt_service": None,
        "conversation_timeout": 120,
        "source": "omi",
        "speaker_auto_assign": "enabled",
        "create_speakers": True,
    },
    segment=memory_bodies.present_segment,
    events={
        "service_status": _texts("status"),
        "conversation_session": _texts("conversation_id", "status"),
        "last_memory": _texts("memory_id"),
        "memory_processing_started": lambda value: memory_bodies.memory(value["memory"]),
        "memory_created": _memory,
        "translating": lambda value: value["segments"].all(memory_bodies.present_segment) and None,
        "segments_deleted": lambda value: value["segment_ids"].all(Value.text) and None,
        "speaker_label_suggestion": _suggestion,
        "photo_processing": _texts("temp_id", "photo_id"),
        "photo_described": _texts("photo_id", "description"),
        "proactive_message": _texts("app_id", "title", "message", "conversation_id"),
        "onboarding_question": _question,
        "question_answered": _answered,
        "onboarding_complete": _completed,
    },
    created="memory_created",
    tries=8,
    sends_token=True,
    awaits_ready=True,
    answers_ping=True,
    processes="POST /v1/conversations",
)
ERAS = (SEPTEMBER_2024, OCTOBER_2024, NOW)
