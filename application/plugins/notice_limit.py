"""How often an app may disturb a user."""

from datetime import timedelta

from application.plugins.app_keys import LONGEST_USER
from domain.errors import AskedTooOften
from domain.ids import PluginId, UserId, derived_id
from ports.clock import Clock
from ports.key_value_store import KeyValueStore

MOST = 10
"""Notices of one app to one user."""
WITHIN = timedelta(hours=1)


class NoticeLimit:
    """Counts what apps tell users, over all servers: places that are taken, each for an hour."""

    def __init__(self, *, values: KeyValueStore, clock: Clock) -> None:
        self._values = values
        self._clock = clock

    async def take(self, app: PluginId, user: UserId) -> None:
        """Takes a place.

        Raises:
            AskedTooOften: there is none; says when there will be.
            TemporarilyUnavailable: not known now.
        """
        until = self._clock.now() + WITHIN
        places = [_place(app, user, number) for number in range(MOST)]
        for place in places:
            if await self._values.put_if_absent(place, str(until.timestamp()).encode(), lifetime=WITHIN):
                return
        ends = [float(taken) for place in places if (taken := await self._values.get(place))]
        wait = min(ends, default=0.0) - self._clock.now().timestamp()
        raise AskedTooOften(f"App told this user {MOST} things within the hour", seconds=max(1.0, wait))


def _place(app: PluginId, user: UserId, number: int) -> str:
    return f"users:{user[:LONGEST_USER]}:app_notices:{derived_id('app', app)}:{number}"
