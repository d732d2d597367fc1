"""What was done when, for how long and within what: for whoever looks for where time goes."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol


class Attribute(StrEnum):
    """What may be told of a piece of work.

    There is none for a user, an identifier or anything that was said, and none may be added.
    """

    ATTEMPT = "omi.attempt"
    CODE = "omi.code"
    ERROR = "error.type"
    JOB = "omi.job"
    LANGUAGE = "omi.language"
    METHOD = "http.request.method"
    RECOGNIZER = "omi.recognizer"
    ROUTE = "http.route"
    STATUS = "http.response.status_code"


Value = str | int | float | bool
Attributes = Mapping[Attribute, Value]
NO_ATTRIBUTES: Attributes = {}


class Span(Protocol):
    """A piece of work that goes on."""

    def rename(self, name: str) -> None:
        """What it is turned out later."""
        ...

    def note(self, attribute: Attribute, value: Value) -> None:
        """Something about it."""
        ...


class Tracer(Protocol):
    """Takes notes of pieces of work. Never waits, never raises: whatever becomes of the notes delays nobody."""

    def span(self, name: str, attributes: Attributes = NO_ATTRIBUTES) -> AbstractContextManager[Span]:
        """A piece of work: from entering to leaving, within the one that goes on in this task.

        Tasks that are started meanwhile belong to it. An error that leaves it is noted by its type, never by its
        message, and goes on.
        """
        ...
