"""How the app reads the answer of each route, and the status without which it reads none."""

from collections.abc import Callable

from tests.support.omi_app import bodies, memory_bodies
from tests.support.omi_app.dart import Value

Reader = Callable[[Value], None]

NO_CONTENT = (
    "DELETE /v1/memories/{memory_id}",
    "DELETE /v1/conversations/{memory_id}",
    "DELETE /v1/users/people/{person_id}",
)
"""The only deletions that the app expects 204 of."""

_MEMORIES: dict[str, Reader] = {
    "GET {}": memory_bodies.memories,
    "GET {}/{memory_id}": memory_bodies.memory,
    "POST {}/{memory_id}/reprocess": memory_bodies.memory,
    "GET {}/{memory_id}/photos": lambda value: value.all(memory_bodies.photo) and None,
    "GET {}/{memory_id}/transcripts": memory_bodies.transcripts,
    "DELETE {}/{memory_id}": bodies.anything,
    "GET {}/{memory_id}/recording": bodies.flags("has_recording"),
    "PATCH {}/{memory_id}/events": bodies.anything,
    "PATCH {}/{memory_id}/action-items": bodies.anything,
    "DELETE {}/{memory_id}/action-items": bodies.anything,
    "PATCH {}/{memory_id}/title": bodies.anything,
    "PATCH {}/{memory_id}/segments/{segment_idx}/assign": memory_bodies.memory,
    "PATCH {}/{memory_id}/visibility": bodies.anything,
    "GET {}/{memory_id}/shared": memory_bodies.memory,
    "POST {}/{memory_id}/post-processing": memory_bodies.memory,
    "GET {}/{memory_id}/post-processing": memory_bodies.post_processing,
}
"""The same under the name of either year."""

_FACTS: dict[str, Reader] = {
    "DELETE {}/{fact_id}": bodies.anything,
    "POST {}/{fact_id}/review": bodies.anything,
    "PATCH {}/{fact_id}": bodies.anything,
}

_PEOPLE: dict[str, Reader] = {
    "POST /v1/users/people": bodies.person,
    "GET /v1/users/people": bodies.people,
    "GET /v1/users/people/{person_id}": bodies.person,
    "PATCH /v1/users/people/{person_id}/name": bodies.anything,
    "DELETE /v1/users/people/{person_id}": bodies.anything,
    "POST /v1/users/people/{person_id}/split": bodies.person,
    "GET /v1/users/store-recording-permission": bodies.flags("store_recording_permission"),
    "GET /v3/speech-profile": bodies.flags("has_profile"),
    "GET /v4/speech-profile": lambda value: value["url"].optional(Value.text) and None,
    "POST /v3/upload-audio": lambda value: value["url"].optional(Value.text) and None,
    "POST /v3/upload-bytes": bodies.strings("status"),
    "GET /v3/speech-profile/expand": bodies.texts,
}

_PLUGINS: dict[str, Reader] = {
    "GET /plugins": bodies.plugins,
    "GET /v1/plugins": bodies.plugins,
    "GET /v2/plugins": bodies.plugins,
    "GET /v1/apps": bodies.apps,
    "GET /v1/approved-apps": bodies.apps,
    "GET /v1/apps/popular": bodies.apps,
    "GET /v1/apps/{app_id}": bodies.app,
    "GET /v1/apps/{app_id}/reviews": bodies.app_reviews,
    "GET /v1/app-categories": bodies.choices,
    "GET /v1/plugin-categories": bodies.choices,
    "GET /v1/plugins/{plugin_id}/usage": bodies.usage,
    "GET /v1/plugins/{plugin_id}/money": bodies.money,
    "GET /v1/app-capabilities": bodies.choices,
}

READERS: dict[str, Reader] = {
    **{route.replace("{}", "/v1/memories", 1): reader for route, reader in _MEMORIES.items()},
    **{route.replace("{}", "/v1/conversations", 1): reader for route, reader in _MEMORIES.items()},
    "POST /v1/memories": memory_bodies.created,
    "POST /v2/memories": memory_bodies.created,
    "POST /v1/conversations": memory_bodies.created_conversation,
    "POST /v1/conversations/search": memory_bodies.found,
    "PATCH /v1/conversations/{memory_id}/assign-speaker/{speaker_id}": memory_bodies.memory,
    "GET /v1/public-memories": memory_bodies.memories,
    "GET /v1/public-conversations": memory_bodies.memories,
    "GET /v1/processing-memories": memory_bodies.processing_memories,
    "GET /v1/processing-memories/{memory_id}": memory_bodies.processing_memory,
    "PATCH /v1/processing-memories/{memory_id}": memory_bodies.processing_memory,
    "GET /v1/integrations/workflow/memories": memory_bodies.memories,
    **{route.replace("{}", "/v1/facts", 1): reader for route, reader in _FACTS.items()},
    **{route.replace("{}", "/v3/memories", 1): reader for route, reader in _FACTS.items()},
    "POST /v1/facts": bodies.fact,
    "GET /v1/facts": lambda value: value.all(bodies.fact) and None,
    "POST /v3/memories": bodies.renamed_fact,
    "GET /v3/memories": lambda value: value.all(bodies.renamed_fact) and None,
    "POST /v1/messages": memory_bodies.message,
    "DELETE /v1/messages": memory_bodies.message,
    "POST /v1/initial-message": memory_bodies.message,
    "GET /v1/messages": memory_bodies.messages,
    "GET /v2/messages": memory_bodies.messages,
    "POST /v1/voice-messages": memory_bodies.messages,
    **{f"POST /v{year}/voice-message/transcribe": bodies.strings("transcript") for year in (1, 2)},
    **{f"POST /v{year}/files": lambda value: value.all(memory_bodies.chat_file) and None for year in (1, 2)},
    **_PEOPLE,
    **_PLUGINS,
    "DELETE /v1/users/delete-account": bodies.strings("status", "message"),
    "GET /v1/users/developer/webhook/{kind}": bodies.strings("url"),
    "GET /v1/users/developer/webhooks/status": bodies.flags(
        "audio_bytes", "realtime_transcript", "memory_created", "day_summary"
    ),
    "GET /v1/users/analytics/memory_summary": bodies.flags("has_rating"),
    "GET /v1/users/language": lambda value: value["language"].optional(Value.text) and None,
    "GET /v1/users/emotional-feedback": bodies.flags("emotional_feedback"),
    "GET /v2/integrations/{app_id}/conversations": lambda value: memory_bodies.memories(value["conversations"]),
    "POST /v2/integrations/{app_id}/search/conversations": lambda value: memory_bodies.memories(value["conversations"]),
    "GET /v2/integrations/{app_id}/memories": lambda value: value["memories"].all(bodies.renamed_fact) and None,
    "GET /v1/mcp/memories": lambda value: value.all(bodies.renamed_fact) and None,
    "POST /v1/mcp/memories": bodies.renamed_fact,
    "GET /v1/mcp/conversations/{memory_id}": memory_bodies.memory,
    "POST /v1/conversations/{memory_id}/test-prompt": bodies.strings("summary"),
    "GET /v1/users/translation": bodies.flags("enabled"),
    "GET /v1/trends": bodies.anything,
    "POST /v1/sync-local-files": bodies.synced,
    "DELETE /v1/joan/{memory_id}/followup-question": bodies.strings("result"),
    "POST /sdcard_memory": memory_bodies.memories,
}
"""Where the app looks at more than the status."""


def reader(route: str) -> Reader:
    return READERS.get(route, bodies.anything)


def status(route: str) -> int:
    """Of success: anything else is a failure to the app."""
    return 204 if route in NO_CONTENT else 200
