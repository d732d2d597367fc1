"""Memories, segments and messages: which keys the app cannot do without."""

from tests.support.omi_app.dart import Value

STATUSES = ("in_progress", "processing", "completed", "failed")
POST_PROCESSING = ("not_started", "in_progress", "completed", "canceled", "failed")
RECOGNIZERS = ("deepgram", "soniox", "speechmatics", "whisperx")


def segment(value: Value) -> None:
    value["text"].text()
    speaker = value["speaker"].optional(Value.text) or "SPEAKER_00"
    parts = speaker.split("_")
    if len(parts) < 2 or not parts[1].isdigit():
        value["speaker"].crash(f"int.parse of what is behind the underscore of {speaker!r}")
    value["is_user"].boolean()
    value["person_id"].optional(Value.text)
    start, end = value["start"].double(), value["end"].double()
    if not 0.0 <= start <= end:
        value.crash(f"it lasts from {start} to {end}")


def segment_with_id(value: Value) -> None:
    """Since October 2024."""
    segment(value)
    value["id"].text()
    value["speaker_id"].integer()


def present_segment(value: Value) -> None:
    """Since 2025: shown by `id`, with translations."""
    segment_with_id(value)
    value["translations"].all(lambda one: (one["lang"].text(), one["text"].text()))
    value["speech_profile_processed"].boolean()
    value["stt_provider"].optional(Value.text)


def photo(value: Value) -> None:
    value["base64"].text()
    value["description"].text()


def memory(value: Value) -> None:
    """A memory, with what any of the apps reads of it: all of them are answered alike."""
    value["id"].text()
    value["created_at"].moment()
    started = value["started_at"].optional(Value.moment)
    finished = value["finished_at"].optional(Value.moment)
    if started and finished and finished < started:
        value.crash("it ends before it starts")
    _structure(value["structured"])
    value["photos"].all(photo)  # null crashes the app of 2024
    value["transcript_segments"].all(segment_with_id)
    value["plugins_results"].all(_result)
    value["apps_results"].all(_result)
    value["geolocation"].optional(place)
    value["discarded"].boolean()
    value["deleted"].boolean()
    value["visibility"].one_of("private", "shared", "public")
    value["status"].one_of(*STATUSES)
    value["source"].optional(Value.text)
    value["language"].optional(Value.text)
    value["processing_memory_id"].optional(Value.text)
    value["postprocessing"].optional(post_processing)
    if not value["external_data"].is_null:
        value["external_data"]._is(dict)


def _structure(value: Value) -> None:
    for key in ("title", "overview", "emoji", "category"):
        value[key].text()
    for item in value["action_items"].items():
        item["description"].text()
        item["completed"].boolean()
        item["deleted"].boolean()
    for event in value["events"].items():
        event["title"].text()
        event["description"].text()
        event["start"].moment()
        event["duration"].integer()
        event["created"].boolean()


def _result(value: Value) -> None:
    value["content"].text()


def place(value: Value) -> None:
    value["latitude"].double()
    value["longitude"].double()
    for key in ("google_place_id", "address", "location_type"):
        value[key].optional(Value.text)


def post_processing(value: Value) -> None:
    value["status"].one_of(*POST_PROCESSING)
    value["model"].one_of("fal_whisperx")
    value["fail_reason"].optional(Value.text)


def memories(value: Value) -> None:
    value.all(memory)


def created(value: Value) -> None:
    """What a memory became, and what plugins have to say of it."""
    value["memory"].optional(memory)
    value["messages"].all(message)


def created_conversation(value: Value) -> None:
    """Since 2025: by either name."""
    value["conversation"].optional(memory)
    created(value)


def found(value: Value) -> None:
    memories(value["items"])
    value["total_pages"].integer()
    value["current_page"].integer()
    value["per_page"].integer()


def processing_memory(value: Value) -> None:
    _processing(value["result"])


def processing_memories(value: Value) -> None:
    value["result"].all(_processing)


def _processing(value: Value) -> None:
    value["id"].text()
    value["created_at"].moment()
    value["timer_start"].double()
    value["geolocation"].optional(place)
    value["emotional_feedback"].boolean()
    value["memory_id"].optional(Value.text)
    value["status"].one_of("capturing", "processing", "done", "failed")


def transcripts(value: Value) -> None:
    for recognizer in RECOGNIZERS:
        value[recognizer].all(segment)


def message(value: Value) -> None:
    value["id"].text()
    value["created_at"].moment()
    value["text"].text()
    value["sender"].one_of("ai", "human")
    value["type"].text()
    value["plugin_id"].optional(Value.text)
    value["from_integration"].optional(Value.boolean)
    for cited in value["memories"].items():
        cited["id"].text()
        cited["created_at"].moment()
        cited["structured"]["title"].text()
        cited["structured"]["emoji"].text()
    value["files_id"].optional(lambda ids: ids.all(Value.text))
    value["files"].optional(lambda files: files.all(chat_file))


def chat_file(value: Value) -> None:
    for name in ("id", "openai_file_id", "name", "mime_type"):
        value[name].text()
    value["created_at"].moment()
    for name in ("thumbnail", "thumb_name"):
        value[name].optional(Value.text)


def messages(value: Value) -> None:
    value.all(message)
