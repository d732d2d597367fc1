"""The stores that hold what belongs to a user."""

from collections.abc import Callable

from msgspec import Struct

from application.plugins.plugin_reviews import PluginReviews
from application.users.accounts import Accounts
from ports.chat_history import ChatHistory
from ports.facts import Facts
from ports.key_value_store import KeyValueStore
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore
from ports.people import People
from ports.usage_ledger import UsageLedger

ALL = 1_000_000_000
"""Of what a store gives out in one piece."""

Told = Callable[[str, int], None]
"""Told what is being done, and how much of it was done by now."""


def tell_nobody(_what: str, _done: int) -> None:
    """For who does not want to know."""


class UserData(Struct, frozen=True, kw_only=True):
    """All of them."""

    memories: MemoryRepository
    people: People
    facts: Facts
    chat: ChatHistory
    objects: ObjectStore
    values: KeyValueStore
    usage: UsageLedger
    accounts: Accounts
    reviews: PluginReviews
