"""An answer that is read while it is written: lines that the apps of 2025 know."""

from collections.abc import Sequence

import structlog
from litestar.types import Receive, Scope
from litestar.types import Send as AsgiSend

from adapters.inbound.http.chat_wire import data_lines, done_line, think_line
from application.questions.chat import Chat, Question
from domain.ids import UserId
from ports.errors import AdapterError

SEARCHING = "Searching your memories"
READING = "Reading your files"
BROKEN = "\n\nI could not finish the answer. Please ask again."
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
]

log = structlog.get_logger()


class StreamedAnswer:
    """An answer on its way. Whoever hangs up finds it in the chat later: it is finished and kept all the same."""

    def __init__(self, chat: Chat, *, user: UserId, question: Question, before: Sequence[bytes] = ()) -> None:
        """Keeps what it works with; the lines of `before` are sent first."""
        self._chat = chat
        self._user = user
        self._question = question
        self._before = before

    async def __call__(self, scope: Scope, receive: Receive, send: AsgiSend) -> None:  # noqa: ARG002 - of ASGI
        """Sends the whole response."""

        async def put(content: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": content, "more_body": more})

        async def say(piece: str) -> None:
            for line in data_lines(piece):
                await put(line)

        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        thought = READING if self._question.files else SEARCHING
        for line in (*self._before, think_line(thought)):
            await put(line)
        try:
            message = await self._chat.answer(self._user, self._question, say=say)
        except AdapterError as error:
            log.error("answer_broke_off", error=type(error).__name__)
            await say(BROKEN)
            await put(b"", more=False)
            return
        await put(done_line(message), more=False)
