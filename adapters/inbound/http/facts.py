"""`/v1/facts`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from adapters.inbound.http.errors import FAILURES
from application.memories.manage_facts import ManageFacts
from application.memories.show_facts import ShowFacts
from domain.fact import Fact, FactCategory
from domain.ids import UserId


class FactIn(Struct, kw_only=True):
    """Something that the user tells of themselves."""

    content: Annotated[str, Meta(min_length=1, max_length=2_000)]
    category: str = "other"


class WireFact(Struct, kw_only=True):
    """A fact with every key that the apps read; none of the switches is ever null."""

    id: str
    uid: str
    content: str
    category: str
    created_at: datetime
    updated_at: datetime
    memory_id: str | None
    memory_category: str | None = None
    reviewed: bool
    user_review: bool | None
    manually_added: bool
    edited: bool
    deleted: bool = False


class Done(Struct, frozen=True):
    """That it was done."""

    status: str = "ok"


class ChangedFactsController(Controller):
    """What a tool of the caller may do to a fact, too."""

    @delete("/{fact_id:str}", status_code=200, responses=FAILURES, summary="Delete a fact")
    async def delete_fact(
        self,
        *,
        user: NamedDependency[UserId],
        facts: NamedDependency[ManageFacts],
        show_facts: NamedDependency[ShowFacts],
        fact_id: FromPath[str],
    ) -> Done:
        """Deletes a fact; it is not learned again."""
        await facts.delete(user, fact_id)
        await show_facts.forget(user, fact_id)
        return Done()

    @patch("/{fact_id:str}", status_code=200, responses=FAILURES, summary="Change the words of a fact")
    async def edit_fact(
        self,
        *,
        user: NamedDependency[UserId],
        facts: NamedDependency[ManageFacts],
        fact_id: FromPath[str],
        content: Annotated[str, QueryParameter(name="value", min_length=1, max_length=2_000)],
    ) -> Done:
        """Changes the words of it."""
        await facts.edit(user, fact_id, content)
        return Done()


class StoredFactsController(ChangedFactsController):
    """What is done alike to a fact of the caller, under whatever name."""

    @post("/{fact_id:str}/review", status_code=200, responses=FAILURES, summary="Say whether a fact is right")
    async def review_fact(
        self,
        *,
        user: NamedDependency[UserId],
        facts: NamedDependency[ManageFacts],
        fact_id: FromPath[str],
        is_right: Annotated[bool, QueryParameter(name="value")],
    ) -> Done:
        """Notes what the user says of it."""
        await facts.review(user, fact_id, is_right=is_right)
        return Done()


class FactsController(StoredFactsController):
    """What is known of the caller."""

    path = "/v1/facts"
    tags: Sequence[str] | None = ["facts"]

    @get(status_code=200, responses=FAILURES, summary="List facts, newest first")
    async def list_facts(
        self,
        *,
        user: NamedDependency[UserId],
        facts: NamedDependency[ManageFacts],
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
        offset: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
    ) -> list[WireFact]:
        """Lists what holds and was not rejected."""
        return [fact_to_wire(user, fact) for fact in await facts.list(user, limit=limit, offset=offset)]

    @post(status_code=200, responses=FAILURES, summary="Add a fact")
    async def add_fact(
        self, *, user: NamedDependency[UserId], facts: NamedDependency[ManageFacts], data: JSONBody[FactIn]
    ) -> WireFact:
        """Keeps what the user wrote. A category that nobody knows is `other`."""
        return fact_to_wire(user, await facts.add(user, data.content, category=fact_category(data.category)))


def fact_category(name: str) -> FactCategory:
    """The category of a name. One that nobody knows is `other`."""
    return FactCategory(name) if name in set(FactCategory) else FactCategory.OTHER


def fact_to_wire(user: UserId, fact: Fact) -> WireFact:
    """A fact as the apps read it."""
    return WireFact(
        id=fact.id,
        uid=user,
        content=fact.content,
        category=fact.category.value,
        created_at=fact.created_at,
        updated_at=fact.updated_at,
        memory_id=fact.memory_id,
        reviewed=fact.reviewed,
        user_review=fact.user_review,
        manually_added=fact.manually_added,
        edited=fact.edited,
    )
