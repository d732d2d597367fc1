"""What a model wrote, as the form that it was to fill in."""

import re
from typing import TypeVar

import msgspec
from msgspec import Struct

F = TypeVar("F", bound=Struct)

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
"""Some models think aloud before they answer."""


class Misfit(Exception):
    """A reply that does not fit. The message says why, with names of fields and no content."""


def filled(reply: str, form: type[F]) -> F:
    """The form that a reply is, whatever stands around it.

    Raises:
        Misfit: it is none.
    """
    text = without_thoughts(reply)
    try:
        return msgspec.json.decode(_outermost_object(text), type=form)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Misfit(_reason(error, form)) from None


def without_thoughts(reply: str) -> str:
    """The reply proper."""
    return _THOUGHTS.sub("", reply).strip()


def _outermost_object(text: str) -> str:
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _reason(error: Exception, form: type[Struct]) -> str:
    """An unknown field's name was written by the model: it is not repeated."""
    message = str(error)
    return f"it has a field that is not part of {form.__name__}" if "unknown field" in message else message
