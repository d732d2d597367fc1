"""`/v1/messages`, `/v1/initial-message`, the same since 2025 under `/v2`, and the stream `/v2/messages`."""

from collections.abc import Sequence
from typing import Annotated

import structlog
from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from litestar.types import ASGIApp, Receive, Scope
from litestar.types import Send as AsgiSend
from msgspec import Meta, Struct

from adapters.inbound.http.chat_wire import WireMessage, data_lines, done_line, message_to_wire, think_line
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import present
from application.questions.chat import Chat
from domain.errors import InvalidRequest
from domain.ids import PluginId, UserId
from ports.errors import AdapterError

SEARCHING = "Searching your memories"
NOBODY = {"no_selected", "omi"}
"""What apps call the one who answers when no plugin was chosen."""
BROKEN = "\n\nI could not finish the answer. Please ask again."
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
]

log = structlog.get_logger()


class MessageIn(Struct, kw_only=True):
    """What the user writes."""

    text: Annotated[str, Meta(max_length=10_000)]


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
        return message_to_wire(await chat.send(user, data.text, plugin_id=plugin(plugin_id, app_id)))

    @get(["/v1/messages", "/v2/messages"], status_code=200, responses=FAILURES, summary="List messages, newest first")
    async def list_messages(self, *, user: NamedDependency[UserId], chat: NamedDependency[Chat]) -> list[WireMessage]:
        """Lists at most 100 messages; an empty chat begins with a greeting."""
        return [message_to_wire(message) for message in await chat.list(user)]

    @delete(["/v1/messages", "/v2/messages"], status_code=200, responses=FAILURES, summary="Delete all messages")
    async def clear_messages(
        self,
        *,
        user: NamedDependency[UserId],
        chat: NamedDependency[Chat],
        plugin_id: FromQuery[str | None] = None,
        app_id: FromQuery[str | None] = None,
    ) -> WireMessage:
        """Deletes all messages for good; answers with the greeting of the new chat."""
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
        if not data.text.strip():
            raise InvalidRequest("text: expected something to answer")
        return _StreamedAnswer(chat, user=user, text=data.text, plugin_id=plugin(plugin_id, app_id))


class _StreamedAnswer:
    """An answer on its way. Whoever hangs up finds it in the chat later: it is finished and kept all the same."""

    def __init__(self, chat: Chat, *, user: UserId, text: str, plugin_id: PluginId | None) -> None:
        self._chat = chat
        self._user = user
        self._text = text
        self._plugin_id = plugin_id

    async def __call__(self, scope: Scope, receive: Receive, send: AsgiSend) -> None:  # noqa: ARG002 - of ASGI
        """Sends the whole response."""

        async def put(content: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": content, "more_body": more})

        async def say(piece: str) -> None:
            for line in data_lines(piece):
                await put(line)

        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await put(think_line(SEARCHING))
        try:
            message = await self._chat.send(self._user, self._text, plugin_id=self._plugin_id, say=say)
        except AdapterError as error:
            log.error("answer_broke_off", error=type(error).__name__)
            await say(BROKEN)
            await put(b"", more=False)
            return
        await put(done_line(message), more=False)


def plugin(*names: str | None) -> PluginId | None:
    """Which plugin is talked to, by whichever of its parameters; the apps send words of their own for none."""
    for name in map(present, names):
        if name and name not in NOBODY:
            return PluginId(name)
    return None
