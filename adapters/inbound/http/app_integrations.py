"""`/v2/integrations/{app_id}`: what an app does for users who have it work for them, with a key of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from adapters.inbound.http import app_requests
from adapters.inbound.http.app_requests import (
    AppConversationIn,
    AppFactsIn,
    AppNoticeIn,
    AppSearchIn,
    BroughtConversation,
    ConversationsOfUser,
    FactsOfUser,
    FoundForApp,
    NoticeIn,
    NoticeKept,
    conversation_for_app,
    facts_of,
)
from adapters.inbound.http.authentication import PUBLIC, bearer
from adapters.inbound.http.conversations import page_of
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.memories import Limit, Offset
from adapters.inbound.http.renamed_facts import renamed_fact_to_wire
from adapters.inbound.http.requests import aware, present, statuses
from application.memories.learn_facts import LearnFacts
from application.memories.list_between import Span
from application.memories.manage_facts import ManageFacts
from application.memories.manage_memories import ManageMemories
from application.memories.remember_external import RememberExternal
from application.memories.show_facts import ShowFacts
from application.plugins.app_keys import AppKeys
from application.plugins.tell_user import TellUser
from domain.fact import Fact
from domain.ids import PluginId, UserId
from domain.integration import AppAction
from domain.plugin import Plugin
from ports.memory_repository import MemoryQuery


class AppIntegrationsController(Controller):
    """Closed by a key of the app; open for users who have enabled it, as far as its catalog says what it may do."""

    path = "/v2/integrations/{app_id:str}"
    opt = PUBLIC
    security: Sequence[dict[str, list[str]]] | None = [{"app_key": []}]
    tags: Sequence[str] | None = ["integrations"]

    @post("/user/conversations", status_code=200, responses=FAILURES, summary="Have a conversation remembered")
    async def bring_conversation(
        self,
        *,
        request: Request[Any, Any, Any],
        app_keys: NamedDependency[AppKeys],
        remember_external: NamedDependency[RememberExternal],
        data: JSONBody[AppConversationIn],
        app_id: FromPath[str],
        uid: FromQuery[str],
    ) -> BroughtConversation:
        """Makes a memory. The same words with the same `started_at` again make no second one."""
        user = UserId(uid)
        app = await admitted(request, app_keys, app_id, user=user, action=AppAction.CREATE_CONVERSATION)
        memory = await remember_external.remember(user, app_requests.brought_by(app.id, user, data))
        return BroughtConversation(memory.id)

    @post(
        ["/user/memories", "/user/facts"], status_code=200, responses=FAILURES, summary="Have facts about a user kept"
    )
    async def bring_facts(
        self,
        *,
        request: Request[Any, Any, Any],
        app_keys: NamedDependency[AppKeys],
        learn_facts: NamedDependency[LearnFacts],
        data: JSONBody[AppFactsIn],
        app_id: FromPath[str],
        uid: FromQuery[str],
    ) -> FactsOfUser:
        """Keeps sentences as they are, and what is found in a text; answers with what was new of it."""
        user = UserId(uid)
        await admitted(request, app_keys, app_id, user=user, action=AppAction.CREATE_FACTS)
        new: list[Fact] = []
        if data.memories or not present(data.text):
            new += (await learn_facts.told(user, facts_of(data))).added
        if text := present(data.text):
            new += (await learn_facts.found_in(user, text)).added
        return FactsOfUser([renamed_fact_to_wire(user, fact, is_public=False) for fact in new])

    @get("/memories", status_code=200, responses=FAILURES, summary="The facts that are known of a user")
    async def read_facts(
        self,
        *,
        request: Request[Any, Any, Any],
        app_keys: NamedDependency[AppKeys],
        facts: NamedDependency[ManageFacts],
        show_facts: NamedDependency[ShowFacts],
        app_id: FromPath[str],
        uid: FromQuery[str],
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> FactsOfUser:
        """What holds and was not rejected, newest first."""
        user = UserId(uid)
        await admitted(request, app_keys, app_id, user=user, action=AppAction.READ_MEMORIES)
        public = await show_facts.public(user)
        listed = await facts.list(user, limit=limit, offset=offset)
        return FactsOfUser([renamed_fact_to_wire(user, fact, is_public=fact.id in public) for fact in listed])

    @get("/conversations", status_code=200, responses=FAILURES, summary="The conversations of a user")
    async def read_conversations(
        self,
        *,
        request: Request[Any, Any, Any],
        app_keys: NamedDependency[AppKeys],
        memories: NamedDependency[ManageMemories],
        app_id: FromPath[str],
        uid: FromQuery[str],
        limit: Limit = 100,
        offset: Offset = 0,
        include_discarded: FromQuery[bool] = False,
        statuses_: Annotated[str | None, QueryParameter(name="statuses")] = None,
        start_date: FromQuery[datetime | None] = None,
        end_date: FromQuery[datetime | None] = None,
    ) -> ConversationsOfUser:
        """Newest first; those that were not worth keeping are left out unless they are asked for."""
        user = UserId(uid)
        await admitted(request, app_keys, app_id, user=user, action=AppAction.READ_CONVERSATIONS)
        query = MemoryQuery(
            limit=limit, offset=offset, statuses=statuses(statuses_), include_discarded=include_discarded
        )
        span = Span(first=aware(start_date), last=aware(end_date))
        found = await memories.list_between(user, span, query)
        return ConversationsOfUser([conversation_for_app(memory) for memory in found])

    @post("/search/conversations", status_code=200, responses=FAILURES, summary="Find conversations of a user")
    async def search_conversations(
        self,
        *,
        request: Request[Any, Any, Any],
        app_keys: NamedDependency[AppKeys],
        memories: NamedDependency[ManageMemories],
        data: JSONBody[AppSearchIn],
        app_id: FromPath[str],
        uid: FromQuery[str],
    ) -> FoundForApp:
        """Best first; the best hundred at most."""
        user = UserId(uid)
        await admitted(request, app_keys, app_id, user=user, action=AppAction.READ_CONVERSATIONS)
        span = Span(first=aware(data.start_date), last=aware(data.end_date))
        found = [each.memory for each in await memories.search(user, data.query, limit=app_requests.MOST_FOUND)]
        found = [memory for memory in found if span.holds(memory.created_at)]
        found = [memory for memory in found if data.include_discarded or not memory.discarded]
        found, pages = page_of(found, data.page, size=data.per_page)
        return FoundForApp(
            conversations=[conversation_for_app(memory) for memory in found],
            total_pages=pages,
            current_page=data.page,
            per_page=data.per_page,
        )

    @post("/notification", status_code=200, responses=FAILURES, summary="Tell a user something")
    async def tell_user(
        self,
        *,
        request: Request[Any, Any, Any],
        app_keys: NamedDependency[AppKeys],
        tell: NamedDependency[TellUser],
        app_id: FromPath[str],
        uid: FromQuery[str],
        message: FromQuery[str | None] = None,
        data: JSONBody[NoticeIn | None] = None,
    ) -> NoticeKept:
        """Writes it into the chat, and notifies of it. 429 after ten within an hour.

        The words may stand in the body, too, where no log of an address has them.
        """
        user = UserId(uid)
        app = await admitted(request, app_keys, app_id, user=user, action=AppAction.NOTIFY)
        await tell.tell(user, app, (data.message if data else "") or message or "")
        return NoticeKept()


class AppNoticesController(Controller):
    """The same, as apps of 2024 ask for it."""

    path = "/v1/integrations/notification"
    opt = PUBLIC
    security: Sequence[dict[str, list[str]]] | None = [{"app_key": []}]
    tags: Sequence[str] | None = ["integrations"]

    @post(status_code=200, responses=FAILURES, summary="Tell a user something")
    async def tell_user(
        self,
        *,
        request: Request[Any, Any, Any],
        app_keys: NamedDependency[AppKeys],
        tell: NamedDependency[TellUser],
        data: JSONBody[AppNoticeIn],
    ) -> NoticeKept:
        """Writes it into the chat, and notifies of it. 429 after ten within an hour."""
        user = UserId(data.uid)
        app = await admitted(request, app_keys, data.aid, user=user, action=AppAction.NOTIFY)
        await tell.tell(user, app, data.message)
        return NoticeKept()


async def admitted(
    request: Request[Any, Any, Any], keys: AppKeys, app: str, *, user: UserId, action: AppAction
) -> Plugin:
    """The app that asks.

    Raises:
        Unauthenticated: it shows no key of its own. It is a program elsewhere: nobody is signed out by that.
        Forbidden: it may not do that, or not for this user.
    """
    key = bearer(request.headers.get("authorization"))
    return await keys.admit(PluginId(app), key, user=user, action=action)
