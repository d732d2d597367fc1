"""Messages as the apps read them, whole and while they are written."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin

import msgspec
from msgspec import Struct

from application.questions.answer_question import Citation
from application.questions.chat import ChatMessage
from application.questions.chat_files import ShownFile
from domain.audio import seconds
from domain.memory import Memory

LONGEST_LINE = 1_000
"""Bytes of a line: the app of 2025 holds longer ones back until more comes."""
END = b"\n\n"
NEW_LINE = "__CRLF__"
_CUT = "…"


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
    memory_id: str | None
    file_id: str | None
    """Where it stands for a file and no memory."""
    segment_id: str | None
    start: float
    """Seconds from the start of the memory."""


class WireChatFile(Struct, kw_only=True):
    """A file that came with a message."""

    id: str
    name: str
    mime_type: str
    created_at: datetime
    thumbnail: str | None
    """Where a picture is for an hour; null for a document."""
    thumb_name: str | None
    openai_file_id: str
    """The same as `id`: apps read nothing without it."""


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
    files_id: list[str]
    files: list[WireChatFile]
    chat_session_id: str | None
    reported: bool


def message_to_wire(chat: ChatMessage, *, server: str = "") -> WireMessage:
    """A message as the apps read it.

    Args:
        chat: the message.
        server: the address that was asked, for links to pictures.
    """
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
        files_id=[shown.file.id for shown in chat.files],
        files=[file_to_wire(shown, server=server) for shown in chat.files],
        chat_session_id=message.session_id,
        reported=message.reported,
    )


def file_to_wire(shown: ShownFile, *, server: str) -> WireChatFile:
    """A file as the apps read it."""
    file = shown.file
    return WireChatFile(
        id=file.id,
        name=file.name,
        mime_type=file.media_type,
        created_at=file.created_at.astimezone(UTC),
        thumbnail=urljoin(server, shown.thumbnail) if shown.thumbnail else None,
        thumb_name=None,
        openai_file_id=file.id,
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
    content = _packed("done", wire)
    if len(content) > LONGEST_LINE:
        wire.citations = []
        content = _packed("done", wire)
    return content + END


def message_line(chat: ChatMessage) -> bytes:
    """What the user said. Of many words only so many that the line is not long: more lines follow it."""
    wire = message_to_wire(chat)
    content = _packed("message", wire)
    words = wire.text
    while len(content) > LONGEST_LINE and words:
        words = words[: len(words) * 9 // 10]
        wire.text = words.rstrip() + _CUT
        content = _packed("message", wire)
    return content + END


def _packed(kind: str, wire: WireMessage) -> bytes:
    return f"{kind}: ".encode() + base64.b64encode(msgspec.json.encode(wire))


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
        file_id=citation.file_id,
        segment_id=citation.segment_id,
        start=seconds(citation.start),
    )
