"""What the apps since 2025 are told when they connect: they show "listening" only after `ready`."""

import msgspec

from domain.ids import ConversationId, MemoryId

_encoder = msgspec.json.Encoder()

STARTING = _encoder.encode(
    {"type": "service_status", "status": "initiating", "status_text": "Service Starting"}
).decode()
READY = _encoder.encode({"type": "service_status", "status": "ready", "status_text": ""}).decode()


def failed(reason: str) -> str:
    """Nobody can listen now."""
    status = {"type": "service_status", "status": "stt_failed", "status_text": reason, "retryable": True}
    return _encoder.encode(status).decode()


def last_memory(memory: MemoryId) -> str:
    """The newest memory there is; an app that missed its making fetches it."""
    return _encoder.encode({"type": "last_memory", "memory_id": memory}).decode()


def session_of(conversation: ConversationId) -> str:
    """The conversation that the words to come belong to."""
    return _encoder.encode(
        {"type": "conversation_session", "conversation_id": conversation, "status": "in_progress"}
    ).decode()
