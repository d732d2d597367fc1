"""How well a model keeps to a form: tried with a small request, because servers do not tell."""

from typing import Any

from msgspec import Struct

from adapters.outbound.language_model.chat_messages import with_schema
from adapters.outbound.language_model.openai_chat import Request, completed
from adapters.outbound.language_model.replies import Misfit, filled
from adapters.outbound.language_model.strict_schema import strict_schema
from adapters.outbound.openai_api import AsyncOpenAI
from ports.language_model import Refused, Writing

_OUTPUT_TOKENS = 1_000
"""The answer takes ten; some models think first."""
_ASKED = "Say whether you are ready, and that your name is probe."


class Sample(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form as small as can be."""

    is_ready: bool
    name: str


async def best_writing(client: AsyncOpenAI, *, model: str, more: dict[str, Any]) -> Writing:
    """The strictest way of writing that a model accepts and keeps to. Some servers refuse one, others ignore it.

    Raises:
        Rejected, TemporarilyUnavailable: the server does not do anything now.
    """
    schema = strict_schema(Sample)
    for writing in (Writing.JSON_SCHEMA, Writing.JSON_OBJECT):
        asked = _ASKED if writing is Writing.JSON_SCHEMA else with_schema(_ASKED, schema)
        request = Request(
            model=model,
            messages=[{"role": "system", "content": asked}, {"role": "user", "content": "Are you ready?"}],
            output_tokens=_OUTPUT_TOKENS,
            writing=writing,
            schema=schema,
            name="probe",
            more=more,
        )
        try:
            filled((await completed(client, request)).text, Sample)
        except (Refused, Misfit):
            continue
        return writing
    return Writing.TEXT
