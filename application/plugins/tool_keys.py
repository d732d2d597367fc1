"""Keys by which tools of a user, such as assistants on their own machine, read and write what is the user's."""

from application.plugins.hashed_keys import HashedKeys, KeyNote, NewKey, id_of
from domain.errors import Unauthenticated
from domain.ids import UserId
from ports.key_value_store import KeyValueStore

KIND = "mcp"
PREFIX = f"omi_{KIND}_"
"""How each of them begins: no token of an identity provider does."""
WHOSE = "mcp_keys:"
"""Keys of the store that tell whose a key is, by its id."""


class ToolKeys:
    """Keys of users. One opens what its user has, and nothing of anybody else. All raise TemporarilyUnavailable."""

    def __init__(self, *, keys: HashedKeys, values: KeyValueStore) -> None:
        self._keys = keys
        self._values = values

    async def create(self, user: UserId, *, label: str) -> NewKey:
        """A new key.

        Raises:
            InvalidRequest: the label is too long, or there are too many keys.
        """
        made = await self._keys.create(_place(user), kind=KIND, label=label)
        await self._values.put(f"{WHOSE}{made.note.id}", user.encode(errors="replace"))
        return made

    async def list(self, user: UserId) -> tuple[KeyNote, ...]:
        """What may be known of a user's keys, newest first."""
        return await self._keys.list(_place(user))

    async def delete(self, user: UserId, key_id: str) -> None:
        """Ends a key.

        Raises:
            NotFound: the user has no such key.
        """
        await self._keys.delete(_place(user), key_id)
        await self._values.delete(f"{WHOSE}{key_id}")

    async def owner(self, secret: str) -> UserId:
        """Whose a key is.

        Raises:
            Unauthenticated: it is none, or none any more.
        """
        key_id = id_of(secret) if secret.startswith(PREFIX) else None
        whose = await self._values.get(f"{WHOSE}{key_id}") if key_id else None
        user = UserId((whose or b"").decode())
        if not await self._keys.is_genuine(_place(user), secret) or whose is None:
            raise Unauthenticated("Invalid API key")
        return user


def _place(user: UserId) -> str:
    return f"users:{user}:mcp_keys"
