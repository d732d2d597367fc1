"""JSON as the app reads it: what its language would throw at fails here, with the route and the key."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn, TypeVar

Read = TypeVar("Read")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_KINDS = {bool: "a bool", int: "an int", float: "a double", str: "a String", list: "a List", dict: "a Map"}


class AppCrashed(AssertionError):
    """The app would have crashed. Says where."""


class Value:
    """A part of a body, and where it was found."""

    def __init__(self, content: Any, at: str) -> None:
        self.content = content
        self.at = at

    def __getitem__(self, key: str) -> "Value":
        """A key of a map; one that is missing reads as null."""
        return Value(self._is(dict).get(key), f"{self.at} [{key}]")

    @property
    def is_null(self) -> bool:
        return self.content is None

    def text(self) -> str:
        return self._is(str)

    def boolean(self) -> bool:
        return self._is(bool)

    def integer(self) -> int:
        return self._is(int)

    def double(self) -> float:
        """An int is none: `0 as double` throws."""
        return self._is(float)

    def moment(self) -> datetime:
        """A time that says its zone; without it, the app takes UTC for its own time."""
        if not _MOMENT.fullmatch(self.text()):
            self.crash(f"DateTime.parse makes nothing, or another time, of {self.content!r}")
        return datetime.fromisoformat(self.text())

    def items(self) -> list["Value"]:
        return [Value(item, f"{self.at}[{number}]") for number, item in enumerate(self._is(list))]

    def all(self, read: Callable[["Value"], Any]) -> list[Any]:
        """Reads every item."""
        return [read(item) for item in self.items()]

    def one_of(self, *names: str) -> str:
        """An enum that throws for a name it does not have."""
        return self.text() if self.text() in names else self.crash(f"{self.content!r} is none of {', '.join(names)}")

    def optional(self, read: Callable[["Value"], Read]) -> Read | None:
        """Reads it, where it is not null."""
        return None if self.is_null else read(self)

    def crash(self, reason: str) -> NoReturn:
        raise AppCrashed(f"{self.at}: {reason}")

    def _is(self, kind: type[Read]) -> Read:
        if type(self.content) is not kind:  # a bool is no int here
            self.crash(f"{self.content!r:.60} is not {_KINDS[kind]}")
        return self.content


def decoded(text: str, at: str) -> Value:
    """`jsonDecode`: what is no JSON by the letter throws."""

    def refuse(name: str) -> NoReturn:
        raise AppCrashed(f"{at}: {name} is no JSON")

    try:
        return Value(json.loads(text, parse_constant=refuse), at)
    except ValueError as error:
        raise AppCrashed(f"{at}: {error}: {text[:60]!r}") from error


def written(value: Any) -> str:
    """How the app writes a value into an address: nothing becomes the word `null`."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
