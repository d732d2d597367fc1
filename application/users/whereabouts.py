"""Where users are: known for half an hour, and noted on the memory that is made meanwhile."""

from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct, structs

from domain.ids import UserId
from domain.memory import Geolocation, Memory
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable
from ports.key_value_store import KeyValueStore

LIFETIME = timedelta(minutes=30)
AFTERWARDS = timedelta(minutes=5)
"""Phones tell where they are also when a conversation has just ended."""


class Seen(Struct, frozen=True):
    """A place, and when somebody was there."""

    place: Geolocation
    at: datetime


class Whereabouts:
    """The last known place of each user."""

    def __init__(self, *, values: KeyValueStore, clock: Clock) -> None:
        self._values = values
        self._clock = clock

    async def note(self, user: UserId, place: Geolocation) -> None:
        """The user is there now. Raises TemporarilyUnavailable."""
        seen = Seen(place, self._clock.now().astimezone(UTC))
        await self._values.put(_key(user), msgspec.json.encode(seen), lifetime=LIFETIME)

    async def last(self, user: UserId) -> Seen | None:
        """Where the user was last; None when that was long ago. Raises TemporarilyUnavailable."""
        kept = await self._values.get(_key(user))
        try:
            return None if kept is None else msgspec.json.decode(kept, type=Seen)
        except msgspec.MsgspecError:  # the original writes the same key in another way
            return None

    async def noted_on(self, user: UserId, memory: Memory) -> Memory:
        """A memory with the place where it was made. One that has a place keeps it, one of another day gets none."""
        if memory.geolocation is not None or memory.started_at is None:
            return memory
        try:
            seen = await self.last(user)
        except TemporarilyUnavailable:  # a memory without a place is better than none
            return memory
        end = memory.finished_at or memory.started_at
        if seen is None or not memory.started_at - LIFETIME <= seen.at <= end + AFTERWARDS:
            return memory
        return structs.replace(memory, geolocation=seen.place)


def _key(user: UserId) -> str:
    return f"users:{user}:geolocation"
