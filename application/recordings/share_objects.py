"""Links to recordings and samples, for players that know nothing of tokens."""

from collections.abc import Iterable
from datetime import timedelta

from domain.ids import UserId
from ports.errors import NotFound
from ports.object_store import LinkedObject, ObjectStore

LIFETIME = timedelta(hours=1)


class ShareObjects:
    """Makes links that work for an hour, and says what they lead to."""

    def __init__(self, *, objects: ObjectStore) -> None:
        self._objects = objects

    async def link(self, user: UserId, key: str) -> str | None:
        """An address of an object, or a path on our own server; None when there is no such object."""
        try:
            return await self._objects.link(user, key, lifetime=LIFETIME)
        except NotFound:
            return None

    async def links(self, user: UserId, keys: Iterable[str]) -> list[str]:
        """Addresses or paths of those objects that there are."""
        found = [await self.link(user, key) for key in keys]
        return [link for link in found if link is not None]

    async def links_below(self, user: UserId, prefix: str) -> list[str]:
        """Addresses or paths of all objects whose keys begin alike."""
        return await self.links(user, await self._objects.list(user, prefix))

    async def linked(self, token: str) -> LinkedObject:
        """What the last part of a path leads to.

        Raises:
            NotFound: its time is over, it is not ours, or the object is gone.
        """
        return await self._objects.linked(token)
