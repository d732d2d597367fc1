"""What apps send when they act for a user, and what they are told."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from adapters.inbound.http.facts import fact_category
from adapters.inbound.http.integrations import Text
from adapters.inbound.http.renamed_facts import WireRenamedFact
from adapters.inbound.http.requests import CreateMemoryIn, GeolocationIn, Name, SegmentIn, memory_request
from adapters.inbound.http.wire import WireMemory, memory_to_wire
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


def brought_by(app: PluginId, user: UserId, body: AppConversationIn) -> ExternalText:
    """What an app brings. The same words with the same time are the same memory.

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
    said = memory_request(given, language=None, source=None)
    words = "\n".join([segment.text for segment in said.segments] or [body.text])
    known = derived_id("app", app, user, said.started_at.isoformat(), words) if said.started_at else None
    told = msgspec.to_builtins(body)
    told.pop("transcript_segments")
    return ExternalText(
        text=body.text,
        segments=said.segments,
        text_source=body.text_source,
        source=Source.EXTERNAL_INTEGRATION,
        started_at=said.started_at,
        finished_at=said.finished_at,
        language=said.language,
        geolocation=said.geolocation,
        external={"app_id": app, **told},
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
