"""Programs that bring memories from elsewhere, and apps that act for users."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

from domain.ids import MemoryId
from domain.memory import Geolocation, Source
from domain.plugin import Capability, Plugin
from domain.transcript import TranscriptSegment

SharedKey = Annotated[str, Meta(extra={"secret": True})]


class Integration(StrEnum):
    """Which program."""

    WORKFLOW = "workflow"
    SCREENPIPE = "screenpipe"


class TextSource(StrEnum):
    """What a text is."""

    AUDIO_TRANSCRIPT = "audio_transcript"
    """People speak, a line each: `User: ...`, `Speaker 1: ...`."""
    MESSAGE = "message"
    """Written by somebody to somebody."""
    OTHER_TEXT = "other_text"


class AppAction(StrEnum):
    """What an app may do for a user by itself, in the words of catalogs; all but the last stand there as `actions`."""

    CREATE_CONVERSATION = "create_conversation"
    CREATE_FACTS = "create_facts"
    READ_MEMORIES = "read_memories"
    """Facts, as they have been called since 2025."""
    READ_CONVERSATIONS = "read_conversations"
    NOTIFY = "proactive_notification"
    """Tell the user something: what external integrations do anyway."""


def may(plugin: Plugin, action: AppAction) -> bool:
    """Whether its catalog lets an app do something."""
    if action is AppAction.NOTIFY:
        return bool(plugin.capabilities & {Capability.PROACTIVE_NOTIFICATION, Capability.EXTERNAL_INTEGRATION})
    return plugin.external is not None and action in plugin.external.actions


class SharedKeys(Struct, frozen=True, kw_only=True):
    """Keys that open the memories of every user, as the original backend had them. Empty, the default: none does."""

    workflow: SharedKey = ""
    screenpipe: SharedKey = ""


class ExternalText(Struct, frozen=True, kw_only=True):
    """Text that a program wants remembered, or a transcript."""

    text: str
    segments: tuple[TranscriptSegment, ...] = ()
    """In place of `text`; on a clock of samples that starts at `started_at`."""
    text_source: TextSource = TextSource.AUDIO_TRANSCRIPT
    source: Source = Source.WORKFLOW
    started_at: datetime | None = None
    """Aware; None for now."""
    finished_at: datetime | None = None
    """Aware; None for five minutes later, or for the end of the last segment."""
    language: str | None = None
    geolocation: Geolocation | None = None
    external: dict[str, Any] = {}
    """What came along, as it came."""
    memory_id: MemoryId | None = None
    """The same one again is the same memory; None for a new one."""
