"""Who there is, as far as the key-value store says: stores themselves know users by hashes alone."""

import re

from application.users.accounts import Accounts
from application.users.archived_settings import FLAGS, SETS
from domain.ids import UserId
from ports.key_value_store import KeyValueStore

_NAMES = "|".join(("account", "geolocation", "voices", *FLAGS, *SETS))
_OWN = re.compile(rf"users:(.+):(?:{_NAMES}|voices:[^:]+|developer:.*|integration_keys:.*)", re.DOTALL)


async def known_users(values: KeyValueStore, accounts: Accounts) -> frozenset[UserId]:
    """Users with an account, or anything else there that is theirs. Raises TemporarilyUnavailable."""
    keys = map(_OWN.fullmatch, await values.keys("users:"))
    return await accounts.everybody() | {UserId(found[1]) for found in keys if found}
