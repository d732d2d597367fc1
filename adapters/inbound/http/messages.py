"""`/v1/messages`, `/v1/initial-message`, the same since 2025 under `/v2`, and the stream `/v2/messages`."""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Controller, Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import ASGIApp
from msgspec import Meta, Struct

from adapters.inbound.http.chat_wire import WireMessage, message_to_wire
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import present
from adapters.inbound.http.streamed_answer import StreamedAnswer
from application.questions.chat import Chat
from application.questions.chat_files import MOST_AT_ONCE
from domain.ids import PluginId, UserId

NOBODY = {"no_selected", "omi"}
"""What apps call the one who answers when no plugin was chosen."""


class MessageIn(Struct, kw_only=True):
    """What the user writes."""

    text: Annotated[str, Meta(max_length=10_000)]
    file_ids: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=MOST_AT_ONCE)] | None = None
    """Of files that were sent to `/v1/files`: the question is about them."""


class Reported(Struct, frozen=True):
    """A message was marked."""

    message: str = "Message reported"


class MessagesController(Controller):
    """The chat of the caller."""

    tags: Sequence[str] | None = ["chat"]

    @post("/v1/messages", status_code=200, responses=FAILURES, summary="Write a message; the answer comes whole")
    async def send_message(
        self,
        *,
        user: NamedDependency[UserId],
        chat: NamedDependency[Chat],
        data: JSONBody[MessageIn],
        plugin_id: FromQuery[str | None] = None,
        app_id: FromQuery[str | None] = None,
    ) -> WireMessage:
        """Answers a message; both are kept."""
        answer = await chat.send(user, data.text, plugin_id=plugin(plugin_id, app_id), file_ids=data.file_ids or ())
        return message_to_wire(answer)

    @get(["/v1/messages", "/v2/messages"], status_code=200, responses=FAILURES, summary="List messages, newest first")
    async def list_messages(
        self, *, user: NamedDependency[UserId], chat: NamedDependency[Chat], request: Request[Any, Any, Any]
    ) -> list[WireMessage]:
        """Lists at most 100 messages; an empty chat begins with a greeting."""
        server = str(request.base_url)
        return [message_to_wire(message, server=server) for message in await chat.list(user)]

    @delete(["/v1/messages", "/v2/messages"], status_code=200, responses=FAILURES, summary="Delete all messages")
    async def clear_messages(
        self,
        *,
        user: NamedDependency[UserId],
        chat: NamedDependency[Chat],
        plugin_id: FromQuery[str | None] = None,
        app_id: FromQuery[str | None] = None,
    ) -> WireMessage:
        """Deletes all messages and files for good; answers with the greeting of the new chat."""
        return message_to_wire(await chat.clear(user, plugin_id=plugin(plugin_id, app_id)))

    @post(["/v1/initial-message", "/v2/initial-message"], status_code=200, responses=FAILURES, summary="Begin a chat")
    async def begin(
        self,
        *,
        user: NamedDependency[UserId],
        chat: NamedDependency[Chat],
        plugin_id: FromQuery[str | None] = None,
        app_id: FromQuery[str | None] = None,
    ) -> WireMessage:
        """Greets, in the manner of a plugin where one is named."""
        return message_to_wire(await chat.greet(user, plugin_id=plugin(plugin_id, app_id)))

    @post(
        "/v2/messages",
        status_code=200,
        responses=FAILURES,
        summary="Write a message; the answer comes while it is written",
    )
    async def stream_message(
        self,
        *,
        user: NamedDependency[UserId],
        chat: NamedDependency[Chat],
        data: JSONBody[MessageIn],
        plugin_id: FromQuery[str | None] = None,
        app_id: FromQuery[str | None] = None,
    ) -> ASGIApp:
        """Lines `think: `, then `data: ` with the pieces, then `done: ` with the message in base64."""
        question = await chat.take(user, data.text, plugin_id=plugin(plugin_id, app_id), file_ids=data.file_ids or ())
        return StreamedAnswer(chat, user=user, question=question)

    @post(
        ["/v1/messages/{message_id:str}/report", "/v2/messages/{message_id:str}/report"],
        status_code=200,
        responses=FAILURES,
        summary="Say that something is wrong with a message",
    )
    async def report_message(
        self, *, user: NamedDependency[UserId], chat: NamedDependency[Chat], message_id: FromPath[str]
    ) -> Reported:
        """Marks a message of the caller; again does nothing."""
        await chat.report(user, message_id)
        return Reported()


def plugin(*names: str | None) -> PluginId | None:
    """Which plugin is talked to, by whichever of its parameters; the apps send words of their own for none."""
    for name in map(present, names):
        if name and name not in NOBODY:
            return PluginId(name)
    return None
