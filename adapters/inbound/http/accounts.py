"""`/v1/users`: language, whereabouts, ratings of summaries, and the end of an account."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from msgspec import Meta, Struct, structs

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import GeolocationIn, geolocation, present
from application.memories.manage_memories import ManageMemories
from application.users.accounts import Accounts
from application.users.erase_user import EraseUser
from application.users.whereabouts import Whereabouts
from domain.ids import MemoryId, UserId

DONE = {"status": "ok"}
EVERY_LANGUAGE = {"multi", "auto"}
"""What apps say when conversations are to stay in their own languages."""


Tag = Annotated[str, Meta(max_length=35, pattern=r"^([A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*)?$")]


class LanguageIn(Struct, kw_only=True):
    """A language."""

    language: Tag | None = None


class LanguageOut(Struct, frozen=True):
    """None: the language of each conversation."""

    language: str | None


class SummaryRating(Struct, frozen=True):
    """Whether the user was asked what a summary is worth."""

    has_rating: bool
    rating: int


class AccountDeleted(Struct, frozen=True):
    """It will be gone."""

    status: str = "ok"
    message: str = "Account deletion started"


class AccountsController(Controller):
    """What users say of themselves."""

    path = "/v1/users"
    tags: Sequence[str] | None = ["users"]

    @get("/language", status_code=200, responses=FAILURES, summary="The language of what is written for the caller")
    async def read_language(self, *, user: NamedDependency[UserId], accounts: NamedDependency[Accounts]) -> LanguageOut:
        """The language that the caller chose."""
        return LanguageOut((await accounts.get(user)).language or None)

    @patch("/language", status_code=200, responses=FAILURES, summary="Choose that language")
    async def choose_language(
        self, *, user: NamedDependency[UserId], accounts: NamedDependency[Accounts], data: JSONBody[LanguageIn]
    ) -> dict[str, str]:
        """A tag as `en`; `multi` or nothing for the language of each conversation."""
        chosen = present(data.language) or ""
        language = "" if chosen in EVERY_LANGUAGE else chosen
        await accounts.update(user, lambda account: structs.replace(account, language=language))
        return DONE

    @patch("/geolocation", status_code=200, responses=FAILURES, summary="Say where the caller is")
    async def note_place(
        self, *, user: NamedDependency[UserId], whereabouts: NamedDependency[Whereabouts], data: JSONBody[GeolocationIn]
    ) -> dict[str, str]:
        """Known for half an hour, and noted on the memory that is made meanwhile."""
        await whereabouts.note(user, geolocation(data))
        return DONE

    @post("/analytics/memory_summary", status_code=200, responses=FAILURES, summary="Rate a summary: nothing is kept")
    async def rate_summary(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        memory_id: FromQuery[str],
        value: FromQuery[int],  # noqa: ARG002 - the apps send it; nobody here looks at ratings
    ) -> dict[str, str]:
        """Does nothing: nobody here looks at ratings."""
        await memories.get(user, MemoryId(memory_id))
        return DONE

    @get("/analytics/memory_summary", status_code=200, responses=FAILURES, summary="Whether a summary was rated")
    async def read_rating(
        self, *, user: NamedDependency[UserId], memories: NamedDependency[ManageMemories], memory_id: FromQuery[str]
    ) -> SummaryRating:
        """Always, so that no app asks for a rating that nobody looks at."""
        await memories.get(user, MemoryId(memory_id))
        return SummaryRating(has_rating=True, rating=-1)

    @post("/analytics/chat_message", status_code=200, responses=FAILURES, summary="Rate an answer: nothing is kept")
    async def rate_answer(self, *, message_id: FromQuery[str], value: FromQuery[int]) -> dict[str, str]:  # noqa: ARG002
        """Does nothing: nobody here looks at ratings."""
        return DONE

    @delete("/delete-account", status_code=200, responses=FAILURES, summary="Delete all that is kept of the caller")
    async def delete_account(
        self, *, user: NamedDependency[UserId], erase_user: NamedDependency[EraseUser]
    ) -> AccountDeleted:
        """Begins now, and goes on until nothing is left, whatever fails meanwhile. There is no way back."""
        await erase_user.request(user)
        return AccountDeleted()
