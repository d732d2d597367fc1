"""Messages as the apps read them, whole and while they are written."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from application.questions.answer_question import Citation
from application.questions.chat import ChatMessage
from domain.audio import seconds
from domain.memory import Memory

LONGEST_LINE = 1_000
"""Bytes of a line: the app of 2025 holds longer ones back until more comes."""
END = b"\n\n"
NEW_LINE = "__CRLF__"


class WireMessageStructure(Struct, kw_only=True):
    """What a memory is called."""

    title: str
    emoji: str


class WireMessageMemory(Struct, kw_only=True):
    """A memory that an answer rests on."""

    id: str
    created_at: datetime
    structured: WireMessageStructure


class WireCitation(Struct, kw_only=True):
    """What a number in an answer stands for."""

    number: int
    memory_id: str
    segment_id: str | None
    start: float
    """Seconds from the start of the memory."""


class WireMessage(Struct, kw_only=True):
    """A message with every key that any of the apps reads."""

    id: str
    text: str
    created_at: datetime
    sender: str
    type: str
    plugin_id: str | None
    app_id: str | None
    """The same, as later apps call it."""
    from_external_integration: bool
    from_integration: bool
    """The same, as the app of 2024 calls it."""
    memories_id: list[str]
    memories: list[WireMessageMemory]
    citations: list[WireCitation]


def message_to_wire(chat: ChatMessage) -> WireMessage:
    """A message as the apps read it."""
    message = chat.message
    return WireMessage(
        id=message.id,
        text=message.text,
        created_at=message.created_at.astimezone(UTC),
        sender=message.sender.value,
        type=message.kind.value,
        plugin_id=message.plugin_id,
        app_id=message.plugin_id,
        from_external_integration=message.from_integration,
        from_integration=message.from_integration,
        memories_id=list(message.memory_ids),
        memories=[_memory(memory) for memory in chat.memories],
        citations=[_citation(citation) for citation in (chat.answered.citations if chat.answered else ())],
    )


def think_line(text: str) -> bytes:
    """What is being done, for people."""
    return f"think: {text}".encode() + END


def data_lines(piece: str) -> Iterator[bytes]:
    """A piece of an answer: as many lines as it takes for none to be long."""
    line = ""
    for part in _parts(piece):
        if len((line + part).encode()) + len("data: ") > LONGEST_LINE:
            yield f"data: {line}".encode() + END
            line = ""
        line += part
    if line:
        yield f"data: {line}".encode() + END


def done_line(chat: ChatMessage) -> bytes:
    """The whole message, when it is kept. Without citations where they would make the line long."""
    wire = message_to_wire(chat)
    content = _packed(wire)
    if len(content) > LONGEST_LINE:
        wire.citations = []
        content = _packed(wire)
    return content + END


def _packed(wire: WireMessage) -> bytes:
    return b"done: " + base64.b64encode(msgspec.json.encode(wire))


def _parts(piece: str) -> Iterator[str]:
    """Letters; a new line is one, too, in the word that stands for it."""
    for letter in piece.replace("\r\n", "\n").encode("utf-8", "replace").decode():
        yield NEW_LINE if letter == "\n" else letter


def _memory(memory: Memory) -> WireMessageMemory:
    structure = WireMessageStructure(title=memory.structure.title, emoji=memory.structure.emoji)
    return WireMessageMemory(id=memory.id, created_at=memory.created_at.astimezone(UTC), structured=structure)


def _citation(citation: Citation) -> WireCitation:
    return WireCitation(
        number=citation.number,
        memory_id=citation.memory_id,
        segment_id=citation.segment_id,
        start=seconds(citation.start),
    )
