"""Where notifications reach users."""

from hashlib import sha256

from msgspec import structs

from application.users.accounts import Accounts
from domain.errors import InvalidRequest
from domain.ids import UserId
from domain.user import checked_zone
from ports.key_value_store import KeyValueStore

LONGEST = 4_096
"""Characters of an address."""


class PushAddresses:
    """The address of each user's device, as the app registers it. A device has one owner: the last who signed in."""

    def __init__(self, *, accounts: Accounts, values: KeyValueStore) -> None:
        self._accounts = accounts
        self._values = values

    async def register(self, user: UserId, address: str, *, time_zone: str) -> None:
        """Notifications go there from now on, and to whoever had the device before no more.

        Raises:
            InvalidRequest: it is no address, or there is no such time zone.
            TemporarilyUnavailable: not kept.
        """
        if not address.strip() or len(address) > LONGEST:
            raise InvalidRequest(f"fcm_token: expected 1 to {LONGEST:,} characters")
        zone = checked_zone(time_zone)
        before = await self._values.get(_key(address))
        if before is not None and before.decode() != user:
            await self.forget(UserId(before.decode()), address)
        await self._values.put(_key(address), user.encode())
        await self._accounts.update(user, lambda account: structs.replace(account, push_token=address, time_zone=zone))

    async def of(self, user: UserId) -> str:
        """The address of a user's device; empty for none. Raises TemporarilyUnavailable."""
        return (await self._accounts.get(user)).push_token

    async def forget(self, user: UserId, address: str) -> None:
        """An address leads nowhere any more. A newer one stays. Raises TemporarilyUnavailable."""
        await self._values.delete(_key(address))
        if await self.of(user) == address:
            await self._accounts.update(user, lambda account: structs.replace(account, push_token=""))


def _key(address: str) -> str:
    return f"push_addresses:{sha256(address.encode()).hexdigest()}"
