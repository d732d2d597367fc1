"""Who was erased, for what turns up of them later: on the disk of a server that was away."""

import hashlib
from datetime import datetime, timedelta

from application.users.erase_user import UserStore
from domain.ids import UserId
from ports.clock import Clock
from ports.key_value_store import KeyValueStore

KEPT = timedelta(days=30)


class ErasedUsers:
    """Notes when a user was erased last. The note says nothing of who it was, and is not among what is theirs."""

    def __init__(self, values: KeyValueStore, *, clock: Clock) -> None:
        self._values = values
        self._clock = clock

    @property
    def store(self) -> UserStore:
        """Takes part in erasing a user."""
        return UserStore("what turns up later", self.note, self._count)

    async def note(self, user: UserId) -> None:
        """A user is erased now. Raises TemporarilyUnavailable."""
        await self._values.put(_key(user), self._clock.now().isoformat().encode(), lifetime=KEPT)

    async def since(self, user: UserId, moment: datetime) -> bool:
        """Whether a user was erased after a moment. Raises TemporarilyUnavailable."""
        noted = await self._values.get(_key(user))
        return noted is not None and datetime.fromisoformat(noted.decode()) >= moment

    async def _count(self, _user: UserId) -> int:
        return 0


def _key(user: UserId) -> str:
    return f"erased:{hashlib.sha256(user.encode('utf-8', 'surrogatepass')).hexdigest()}"
