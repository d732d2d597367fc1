"""What the apps since 2025 are told when they connect: they show "listening" only after `ready`."""

import msgspec

from domain.ids import ConversationId, MemoryId

_encoder = msgspec.json.Encoder()


def _status(status: str, text: str) -> str:
    return _encoder.encode({"type": "service_status", "status": status, "status_text": text}).decode()


_STARTING = _status("initiating", "Service Starting")
_RECOGNIZING = _status("stt_initiating", "STT Service Starting")
OF_2025 = (_STARTING, _status("in_progress_memories_processing", "Processing Memories"), _RECOGNIZING)
PRESENT = (_STARTING, _status("in_progress_conversations_processing", "Processing Conversations"), _RECOGNIZING)
"""What is told at once, before there is a session."""
READY = _status("ready", "")


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
