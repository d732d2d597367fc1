"""Chat completions by OpenAI's protocol, through its SDK: one request, one reply."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from adapters.outbound.language_model.chat_messages import Message
from adapters.outbound.openai_api import AsyncOpenAI, OpenAIError, failure
from ports.language_model import Refused, Tokens, Writing

KEY_SETTING = "OMI_LANGUAGE_MODEL__OPENAI__API_KEY"
WHO = "the language model's server"

UNWILLING = frozenset({"refusal", "content_filter"})
"""How a reply ends that the model, or who runs it, does not want to give."""


class Request(Struct, frozen=True, kw_only=True):
    """What is asked."""

    model: str
    messages: Sequence[Message]
    output_tokens: int
    writing: Writing = Writing.TEXT
    schema: dict[str, Any] | None = None
    """That the reply has to keep to, with `Writing.JSON_SCHEMA`."""
    name: str = "answer"
    """Of the schema."""
    more: dict[str, Any] = {}
    """Further options, as they go over the wire."""

    def options(self) -> dict[str, Any]:
        """For the SDK."""
        options: dict[str, Any] = {
            "model": self.model,
            "messages": list(self.messages),
            "max_completion_tokens": self.output_tokens,
            **self.more,
        }
        if self.writing is Writing.JSON_OBJECT:
            options["response_format"] = {"type": "json_object"}
        if self.writing is Writing.JSON_SCHEMA:
            strict = {"name": self.name, "strict": True, "schema": self.schema}
            options["response_format"] = {"type": "json_schema", "json_schema": strict}
        return options


class Reply(Struct, frozen=True, kw_only=True):
    """What came."""

    text: str
    finish: str
    """`stop`; or `length`, `content_filter`, `refusal` for one that is not whole."""
    tokens: Tokens


class Spoken(Struct, frozen=True):
    """What the model says, or a piece of it."""

    content: str | None = None
    refusal: str | None = None


class _Choice(Struct, frozen=True):
    message: Spoken
    finish_reason: str | None = None


class _Usage(Struct, frozen=True):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(Struct, frozen=True):
    choices: list[_Choice]
    usage: _Usage | None = None


async def completed(client: AsyncOpenAI, request: Request) -> Reply:
    """Sends a request and waits for the whole reply.

    Raises:
        Refused, Rejected, TemporarilyUnavailable: see `openai_api.failure`.
    """
    try:
        response = await client.chat.completions.create(**request.options())
        completion = msgspec.convert(response, _Completion, from_attributes=True)
        choice = completion.choices[0]
    except (OpenAIError, ValueError, IndexError) as error:
        raise failure(error, who=WHO, key_setting=KEY_SETTING, refusal=Refused) from None
    usage = completion.usage or _Usage()
    return Reply(
        text=choice.message.content or "",
        finish="refusal" if choice.message.refusal else choice.finish_reason or "stop",
        tokens=Tokens(read=usage.prompt_tokens, written=usage.completion_tokens),
    )
