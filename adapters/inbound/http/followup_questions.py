"""`/v1/joan/{memory_id}/followup-question`: what the user might ask next."""

from collections.abc import Sequence

from litestar import Controller, delete
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from application.questions.ask_back import AskBack
from domain.ids import MemoryId, UserId


class FollowupQuestion(Struct, frozen=True):
    """A question."""

    result: str


class FollowupQuestionsController(Controller):
    """Called by the name that an assistant of the apps had."""

    path = "/v1/joan/{memory_id:str}/followup-question"
    tags: Sequence[str] | None = ["memories"]

    @delete(status_code=200, responses=FAILURES, summary="A question to take a conversation up with")
    async def ask_back(
        self, *, user: NamedDependency[UserId], ask_back: NamedDependency[AskBack], memory_id: FromPath[str]
    ) -> FollowupQuestion:
        """Makes a question; the memory `0` is what is being said, or was said last. Nothing is deleted.

        The method is what the apps use.
        """
        return FollowupQuestion(await ask_back.question(user, MemoryId(memory_id)))
