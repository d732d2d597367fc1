"""Small values in memory."""

from datetime import timedelta

from msgspec import Struct

from adapters.outbound.keys import checked
from adapters.outbound.moments import microseconds
from ports.clock import Clock


class InMemoryKeyValueStore:
    """Values that go with the process. Keys of more than 1,000 characters are Rejected."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._sets: dict[str, set[str]] = {}

    async def get(self, key: str) -> bytes | None:
        """The value; None when there is none or its time is over."""
        self._purge(checked(key))
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    async def put(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> None:
        """Stores a value, for a time or for good."""
        self._entries[checked(key)] = _Entry(bytes(value), self._end(lifetime))

    async def put_if_absent(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> bool:
        """Stores a value where there is none; says whether it did."""
        self._purge(checked(key))
        mine = _Entry(bytes(value), self._end(lifetime))
        return self._entries.setdefault(key, mine) is mine

    async def delete(self, key: str) -> None:
        """Forgets a value and a set; nothing happens when there is none."""
        self._entries.pop(checked(key), None)
        self._sets.pop(key, None)

    async def add_member(self, key: str, member: str) -> None:
        """Adds to a set."""
        self._sets.setdefault(checked(key), set()).add(member)

    async def remove_member(self, key: str, member: str) -> None:
        """Takes out of a set; nothing happens when it is not in."""
        self._sets.get(checked(key), set()).discard(member)

    async def members(self, key: str) -> frozenset[str]:
        """What a set holds; empty when there is none."""
        return frozenset(self._sets.get(checked(key), ()))

    async def keys(self, prefix: str) -> tuple[str, ...]:
        """Keys of values and sets that start with a prefix, sorted."""
        known = self._entries.keys() | {key for key, members in self._sets.items() if members}
        return tuple(sorted(key for key in known if key.startswith(prefix)))

    def _purge(self, key: str) -> None:
        entry = self._entries.get(key)
        if entry is not None and entry.ends is not None and entry.ends <= self._now():
            del self._entries[key]

    def _now(self) -> int:
        return microseconds(self._clock.now())

    def _end(self, lifetime: timedelta | None) -> int | None:
        return None if lifetime is None else self._now() + lifetime // timedelta(microseconds=1)


class _Entry(Struct, frozen=True):
    value: bytes
    ends: int | None
    """Microseconds from the start of 1970; None: never."""
