"""What apps send when they act for a user, and what they are told."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from adapters.inbound.http.facts import fact_category
from adapters.inbound.http.integrations import Text
from adapters.inbound.http.renamed_facts import WireRenamedFact
from adapters.inbound.http.requests import CreateMemoryIn, GeolocationIn, Name, SegmentIn, memory_request
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from application.memories.manage_memories import MemoryRequest
from domain.errors import NothingToRemember
from domain.fact import FactCategory
from domain.ids import MemoryId, PluginId, UserId, derived_id
from domain.integration import ExternalText, TextSource
from domain.memory import FactDraft, Memory, Source

MOST_FOUND = 100
FactText = Annotated[str, Meta(min_length=1, max_length=2_000)]


class AppConversationIn(Struct, kw_only=True):
    """A conversation that an app knows of: as text, or as a transcript."""

    text: Text = ""
    text_source: TextSource = TextSource.AUDIO_TRANSCRIPT
    text_source_spec: Name | None = None
    transcript_segments: Annotated[list[SegmentIn], Meta(max_length=50_000)] | None = None
    """In place of `text`."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    geolocation: GeolocationIn | None = None
    language: Name | None = None


class AppFactIn(Struct, kw_only=True):
    """A sentence about the user."""

    content: FactText
    tags: Annotated[list[Name], Meta(max_length=20)] | None = None
    """One that is a category of facts is taken for it; the others are not kept."""


class AppFactsIn(Struct, kw_only=True):
    """What an app knows of the user: sentences, or a text in which facts are looked for, or both."""

    memories: Annotated[list[AppFactIn], Meta(max_length=100)] | None = None
    text: Text | None = None
    text_source: Name = "other"
    text_source_spec: Name | None = None


class AppSearchIn(Struct, kw_only=True):
    """What to look for, and which page of it."""

    query: Annotated[str, Meta(min_length=1, max_length=2_000)]
    page: Annotated[int, Meta(ge=1, le=1_000)] = 1
    per_page: Annotated[int, Meta(ge=1, le=MOST_FOUND)] = 10
    include_discarded: bool = False
    start_date: datetime | None = None
    end_date: datetime | None = None


class NoticeIn(Struct, kw_only=True):
    """What the user is to be told."""

    message: str = ""


class AppNoticeIn(Struct, kw_only=True):
    """What the user is to be told, and by whom."""

    uid: Name
    aid: Name
    """Of the app."""
    message: str


class BroughtConversation(Struct, frozen=True):
    """What became of it."""

    conversation_id: str


class BroughtFacts(Struct, frozen=True):
    """What was new of it."""

    memories: list[WireRenamedFact]


class FactsOfUser(Struct, frozen=True):
    """Facts, as they have been called since 2025."""

    memories: list[WireRenamedFact]


class ConversationsOfUser(Struct, frozen=True):
    """Some conversations."""

    conversations: list[WireMemory]


class FoundForApp(Struct, frozen=True):
    """A page of what was found."""

    conversations: list[WireMemory]
    total_pages: int
    current_page: int
    per_page: int


class NoticeKept(Struct, frozen=True):
    """It stands in the chat."""

    status: str = "Ok"


def transcript_of(body: AppConversationIn) -> MemoryRequest:
    """The request that a transcript makes; its text, where there is one, is left alone.

    Raises:
        InvalidRequest: a time is out of the calendar.
    """
    given = CreateMemoryIn(
        transcript_segments=body.transcript_segments or [],
        started_at=body.started_at,
        finished_at=body.finished_at,
        geolocation=body.geolocation,
        language=body.language,
    )
    return memory_request(given, language=None, source=Source.EXTERNAL_INTEGRATION.value)


def text_of(app: PluginId, user: UserId, body: AppConversationIn) -> ExternalText:
    """The text that an app brings. The same text with the same time is the same memory.

    Raises:
        NothingToRemember: there is neither text nor a transcript.
        InvalidRequest: a time is out of the calendar.
    """
    if not body.text.strip():
        raise NothingToRemember("text: expected some, or transcript_segments")
    place = transcript_of(body)
    known = derived_id("app", app, user, place.started_at.isoformat(), body.text) if place.started_at else None
    external: dict[str, Any] = {"app_id": app, **msgspec.to_builtins(body)}
    return ExternalText(
        text=body.text,
        text_source=body.text_source,
        source=Source.EXTERNAL_INTEGRATION,
        started_at=place.started_at,
        finished_at=place.finished_at,
        language=place.language,
        geolocation=place.geolocation,
        external=external,
        memory_id=MemoryId(known) if known else None,
    )


def facts_of(body: AppFactsIn) -> list[FactDraft]:
    """The sentences that an app brings."""
    return [FactDraft(content=fact.content, category=_category(fact.tags or [])) for fact in body.memories or ()]


def conversation_for_app(memory: Memory) -> WireMemory:
    """A conversation without what another program sent along with it."""
    wire = memory_to_wire(memory)
    wire.external_data = None
    return wire


def _category(tags: list[str]) -> FactCategory:
    return next((category for tag in tags if (category := fact_category(tag)).value == tag), fact_category("other"))
