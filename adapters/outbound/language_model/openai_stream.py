"""Chat completions that are read while they are written, by OpenAI's protocol."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import msgspec
from msgspec import Struct

from adapters.outbound.language_model.openai_chat import KEY_SETTING, UNWILLING, WHO, Request, Spoken
from adapters.outbound.openai_api import AsyncOpenAI, OpenAIError, failure
from ports.errors import AdapterError, TemporarilyUnavailable
from ports.language_model import Refused

_CLOSE_SECONDS = 1.0


class _Choice(Struct, frozen=True):
    delta: Spoken
    finish_reason: str | None = None


class _Piece(Struct, frozen=True):
    choices: list[_Choice]


@asynccontextmanager
async def streamed(client: AsyncOpenAI, request: Request, *, seconds: float) -> AsyncIterator[AsyncIterator[str]]:
    """Sends a request; gives the reply while it is written. Entering waits for its first piece.

    Raises:
        Refused, Rejected, TemporarilyUnavailable: see `openai_api.failure`.
    """
    deadline = anyio.current_time() + seconds
    try:
        with anyio.fail_after(seconds):
            stream: Any = await client.chat.completions.create(**_streaming(request))
    except (OpenAIError, ValueError, TimeoutError) as error:
        raise failure(error, who=WHO, key_setting=KEY_SETTING, refusal=Refused) from None
    try:
        pieces = _Pieces(stream, deadline=deadline)
        await pieces.begin()
        yield pieces
    finally:
        with anyio.move_on_after(_CLOSE_SECONDS, shield=True), suppress(OpenAIError):
            await stream.close()


class _Pieces:
    """The text of a stream, from its first piece on."""

    def __init__(self, stream: Any, *, deadline: float) -> None:  # noqa: ANN401 - the SDK's, and hard to name
        self._events = stream.__aiter__()
        self._deadline = deadline
        self._first: str | None = None
        self._is_whole = False
        """It was said how it ended: a connection that is closed before was lost, though it does not look so."""
        self._refusal: type[AdapterError] = Refused
        """What a refusal means: once something was said, it is a break."""

    async def begin(self) -> None:
        """Waits for the first piece; there is none of an empty reply."""
        with suppress(StopAsyncIteration):
            self._first = await self.__anext__()
        self._refusal = TemporarilyUnavailable

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        while True:
            text = await self._next()
            if text:
                return text

    async def _next(self) -> str:
        try:
            with anyio.fail_after(self._deadline - anyio.current_time()):
                event = msgspec.convert(await anext(self._events), _Piece, from_attributes=True)
        except StopAsyncIteration:
            if self._is_whole:
                raise
            raise TemporarilyUnavailable(f"{WHO} broke off") from None
        except (OpenAIError, ValueError, TimeoutError) as error:
            raise failure(error, who=WHO, key_setting=KEY_SETTING, refusal=Refused) from None
        return "".join(map(self._said, event.choices))

    def _said(self, choice: "_Choice") -> str:
        if choice.delta.refusal or choice.finish_reason in UNWILLING:
            raise self._refusal(f"{WHO} does not want to say this")
        self._is_whole = self._is_whole or choice.finish_reason is not None
        return choice.delta.content or ""


def _streaming(request: Request) -> dict[str, Any]:
    return {**request.options(), "stream": True, "stream_options": {"include_usage": True}}
