"""`/v3/memories`: facts, by the name that they have had since 2025."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.facts import Done, FactIn, StoredFactsController, fact_category
from adapters.inbound.http.requests import visibility
from application.memories.manage_facts import ManageFacts
from application.memories.show_facts import ShowFacts, delete_all
from domain.fact import Fact
from domain.ids import UserId
from domain.memory import Visibility


class RenamedFactIn(FactIn, kw_only=True):
    """Something that the user tells of themselves."""

    visibility: str = "private"


class WireRenamedFact(Struct, kw_only=True):
    """A fact with every key that newer apps read; none of the switches is ever null."""

    id: str
    uid: str
    content: str
    category: str
    visibility: str
    tags: list[str] = []
    created_at: datetime
    updated_at: datetime
    conversation_id: str | None
    memory_id: str | None
    """The same, by its earlier name."""
    conversation_category: str | None = None
    reviewed: bool
    user_review: bool | None
    manually_added: bool
    edited: bool
    deleted: bool = False
    scoring: str | None = None
    app_id: str | None = None


class ListedFactsController(Controller):
    """What is known of the caller: read, and added to."""

    @get(status_code=200, responses=FAILURES, summary="List facts, newest first")
    async def list_facts(
        self,
        *,
        user: NamedDependency[UserId],
        facts: NamedDependency[ManageFacts],
        show_facts: NamedDependency[ShowFacts],
        limit: Annotated[int, QueryParameter(ge=1, le=10_000)] = 100,
        offset: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
    ) -> list[WireRenamedFact]:
        """Lists what holds and was not rejected."""
        public = await show_facts.public(user)
        listed = await facts.list(user, limit=limit, offset=offset)
        return [renamed_fact_to_wire(user, fact, is_public=fact.id in public) for fact in listed]

    @post(status_code=200, responses=FAILURES, summary="Add a fact")
    async def add_fact(
        self,
        *,
        user: NamedDependency[UserId],
        facts: NamedDependency[ManageFacts],
        show_facts: NamedDependency[ShowFacts],
        data: JSONBody[RenamedFactIn],
    ) -> WireRenamedFact:
        """Keeps what the user wrote. A category that nobody knows is `other`."""
        shown = visibility(data.visibility)
        fact = await facts.add(user, data.content, category=fact_category(data.category))
        await show_facts.show(user, fact.id, shown)
        return renamed_fact_to_wire(user, fact, is_public=shown is not Visibility.PRIVATE)


class RenamedFactsController(ListedFactsController, StoredFactsController):
    """What is known of the caller."""

    path = "/v3/memories"
    tags: Sequence[str] | None = ["facts"]

    @delete(status_code=200, responses=FAILURES, summary="Delete all facts")
    async def delete_facts(
        self,
        *,
        user: NamedDependency[UserId],
        facts: NamedDependency[ManageFacts],
        show_facts: NamedDependency[ShowFacts],
    ) -> Done:
        """Deletes all; they are not learned again."""
        await delete_all(facts, show_facts, user)
        return Done()

    @patch("/{fact_id:str}/visibility", status_code=200, responses=FAILURES, summary="Say who may see a fact")
    async def show_fact(
        self,
        *,
        user: NamedDependency[UserId],
        show_facts: NamedDependency[ShowFacts],
        fact_id: FromPath[str],
        value: FromQuery[str],
    ) -> Done:
        """`private` or `public`. The choice is kept; nothing shows facts to others."""
        await show_facts.show(user, fact_id, visibility(value))
        return Done()


def renamed_fact_to_wire(user: UserId, fact: Fact, *, is_public: bool) -> WireRenamedFact:
    """A fact as newer apps read it."""
    return WireRenamedFact(
        id=fact.id,
        uid=user,
        content=fact.content,
        category=fact.category.value,
        visibility="public" if is_public else "private",
        created_at=fact.created_at,
        updated_at=fact.updated_at,
        conversation_id=fact.memory_id,
        memory_id=fact.memory_id,
        reviewed=fact.reviewed,
        user_review=fact.user_review,
        manually_added=fact.manually_added,
        edited=fact.edited,
    )
