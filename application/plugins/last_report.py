"""What a program reported last, kept for a while for whoever finds out what it sends."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from domain.errors import InvalidRequest
from domain.ids import UserId
from ports.clock import Clock
from ports.key_value_store import KeyValueStore

KEPT = timedelta(hours=1)
LARGEST = 256 * 1024
"""Bytes."""


class Report(Struct, frozen=True, kw_only=True):
    """Something that came."""

    received_at: datetime
    content: dict[str, Any]


class LastReport:
    """Holds one report for each user: the next one replaces it. Nothing is done with it."""

    def __init__(self, *, values: KeyValueStore, clock: Clock) -> None:
        self._values = values
        self._clock = clock

    async def keep(self, user: UserId, content: dict[str, Any]) -> None:
        """Keeps a report for an hour.

        Raises:
            InvalidRequest: it is too large.
            TemporarilyUnavailable: not kept.
        """
        kept = msgspec.json.encode(Report(received_at=self._clock.now(), content=content))
        if len(kept) > LARGEST:
            raise InvalidRequest(f"expected at most {LARGEST:,} bytes")
        await self._values.put(_key(user), kept, lifetime=KEPT)

    async def read(self, user: UserId) -> Report | None:
        """The last one; None where there is none any more. Raises TemporarilyUnavailable."""
        kept = await self._values.get(_key(user))
        return None if kept is None else msgspec.json.decode(kept, type=Report)


def _key(user: UserId) -> str:
    return f"users:{user}:developer:report"
