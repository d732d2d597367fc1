"""Fields of stored documents, whatever program of whatever year wrote them: missing, misspelled or of another type.

Nothing here fails. What cannot be read as it should be is as good as missing.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from domain.audio import samples

E = TypeVar("E", bound=StrEnum)
Document = Mapping[str, Any]
"""Fields by name, as the SDK gives them."""
START_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_ABSENT = frozenset({"", "null"})
"""Apps send the word `null`, and backends have stored it."""


def text(value: object, default: str = "") -> str:
    """Text."""
    return value if isinstance(value, str) else default


def name(value: object) -> str | None:
    """Text that names something; None where it names nothing."""
    return value if isinstance(value, str) and value not in _ABSENT else None


def truth(value: object) -> bool:
    """Yes or no; what is missing is a no."""
    return value is True


def number(value: object, default: float = 0.0) -> float:
    """A number, whole or not, that can be counted with."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return default
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable and isinstance(value, int | float) else default


def whole(value: object, default: int = 0) -> int:
    """A whole number."""
    return round(number(value, default))


def place(value: object) -> int:
    """Seconds as samples; 0 for what lies before the start."""
    return max(0, samples(number(value)))


def moment(value: object) -> datetime | None:
    """A time, aware: timestamps, ISO texts, seconds since 1970."""
    if isinstance(value, datetime):
        return _plain(value)
    if isinstance(value, str):
        try:
            return _plain(datetime.fromisoformat(value))
        except ValueError:
            return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    return None


def choice(kind: type[E], value: object, default: E, *, unknown: E | None = None) -> E:
    """One of some words; `default` for none, `unknown` (or the default) for another one."""
    word = str(value.value) if isinstance(value, StrEnum) else value
    if not isinstance(word, str) or not word:
        return default
    try:
        return kind(word.lower())
    except ValueError:
        return unknown or default


def fields(value: object) -> Document:
    """A map; an empty one where there is none."""
    return value if isinstance(value, Mapping) else {}


def several(value: object) -> Sequence[Any]:
    """A list; an empty one where there is none."""
    return value if isinstance(value, list | tuple) else ()


def maps(value: object) -> list[Document]:
    """The maps in a list."""
    return [entry for entry in several(value) if isinstance(entry, Mapping)]


def texts(value: object) -> tuple[str, ...]:
    """The texts in a list."""
    return tuple(entry for entry in several(value) if isinstance(entry, str))


def _plain(value: datetime) -> datetime:
    """A time of the standard library's own type, in UTC; backends that stored no zone meant UTC."""
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    parts = (aware.year, aware.month, aware.day, aware.hour, aware.minute, aware.second, aware.microsecond)
    return datetime(*parts, tzinfo=UTC)
