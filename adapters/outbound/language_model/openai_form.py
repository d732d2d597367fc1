"""A form filled by a model behind OpenAI's protocol: in up to three attempts, each told what was wrong before."""

from typing import Any

from msgspec import Struct, structs

from adapters.outbound.language_model.chat_messages import correction, messages_of
from adapters.outbound.language_model.openai_chat import UNWILLING, WHO, Reply, Request, completed
from adapters.outbound.language_model.replies import Misfit, filled
from adapters.outbound.language_model.strict_schema import strict_schema
from adapters.outbound.openai_api import AsyncOpenAI
from ports.language_model import NoFittingAnswer, Refused, Task, Tokens, Writing

_SIMPLER = {Writing.JSON_SCHEMA: Writing.JSON_OBJECT}
"""What to try when a model does not keep to its best; plain text after all others."""
_MORE_ROOM = 2
"""Times the output tokens, after a reply that was cut off."""
_WRONG = {
    "length": "it was cut off because it was too long; be brief",
    "refusal": "it was a refusal, though nothing but a description of the material is asked for",
    "content_filter": "it was held back by a filter; describe the material in neutral words",
}


async def fill(
    client: AsyncOpenAI, request: Request, *, task: Task[Any], form: type[Struct], best: Writing
) -> tuple[Struct, Tokens]:
    """Asks as best the model can, once more with what was wrong, then in a simpler way.

    Args:
        client: of the SDK.
        request: model and options; messages and form are added here.
        task: what is to be done.
        form: what is to be filled in.
        best: the strictest way of writing that the model keeps to.

    Raises:
        Refused: it does not want to.
        NoFittingAnswer: nothing fits.
        Rejected, TemporarilyUnavailable: as `completed`.
    """
    tokens, wrong, finish = Tokens(), "", "stop"
    ahead = [best, best, _SIMPLER.get(best, Writing.TEXT)]
    while ahead:
        asked = _asked(request, task, form, writing=ahead.pop(0), wrong=wrong)
        if finish == "length":
            asked = structs.replace(asked, output_tokens=request.output_tokens * _MORE_ROOM)
        try:
            reply = await completed(client, asked)
        except Refused:
            # Perhaps of the schema alone: a server may take a small one and not this one.
            if not ahead:
                raise
            ahead = ahead[-1:]
            continue
        tokens, finish = _sum(tokens, reply.tokens), reply.finish
        try:
            return _of(reply, form), tokens
        except Misfit as misfit:
            wrong = str(misfit)
    if finish in UNWILLING:
        raise Refused(f"{WHO} does not want to do {task.name}: {finish}")
    raise NoFittingAnswer(f"{WHO} gave no answer to {task.name} that can be used: {wrong}")


def _asked(request: Request, task: Task[Any], form: type[Struct], *, writing: Writing, wrong: str) -> Request:
    schema = strict_schema(form)
    messages = messages_of(task, schema=None if writing is Writing.JSON_SCHEMA else schema)
    return structs.replace(
        request,
        messages=[*messages, correction(wrong)] if wrong else messages,
        writing=writing,
        schema=schema,
        name=task.name,
    )


def _of(reply: Reply, form: type[Struct]) -> Struct:
    if reply.finish in _WRONG:
        raise Misfit(_WRONG[reply.finish])
    return filled(reply.text, form)


def _sum(one: Tokens, other: Tokens) -> Tokens:
    return Tokens(read=one.read + other.read, written=one.written + other.written)
