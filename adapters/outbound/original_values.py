"""What an Omi backend of 2024 keeps of users in Redis. Python literals are read as such; nothing is ever run."""

import ast
import json
import re
from collections.abc import AsyncIterator
from functools import partial
from hashlib import sha256

from application.plugins.developer_webhooks import WebhookKind
from application.plugins.stored_reviews import read_reviews
from application.users.archive_format import ArchivedAccount, ArchivedSettings
from application.users.migrate_records import (
    REVIEWS,
    SETTINGS,
    WEBHOOKS,
    OriginalReview,
    OriginalSettings,
    OriginalWebhook,
    Record,
    Value,
)
from domain.ids import PluginId, UserId
from domain.plugin_rating import Review
from ports.errors import Rejected
from ports.key_value_store import KeyValueStore

_REVIEWS = re.compile(r"plugins:(.*):reviews", re.DOTALL)
_FAMILIES = ("developer:webhook", "developer:webhook_status")
_LONGEST = 8 << 20
"""Bytes of a literal: all reviews of a plugin, or somebody's speech."""
_NO_LITERAL = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)


class OriginalValues:
    """Reads; writes nothing. Caches, links and whatever else is made anew by itself are left."""

    def __init__(self, values: KeyValueStore) -> None:
        self._values = values
        self._reviews: dict[UserId, dict[PluginId, Review]] | None = None
        self._broken: dict[str, str] = {}

    async def records(self, user: UserId) -> AsyncIterator[Record]:
        """All of a user's values that mean something. Raises TemporarilyUnavailable."""
        for record in (await self._chosen(user), *await self._webhooks(user), *await self._reviewed(user)):
            if record is not None:
                yield record

    async def has_unfiled_profile(self, user: UserId) -> bool:
        """Whether a user's enrollment lies here; it does not say in which codec. Raises Rejected for a damaged one."""
        path = f"users:{user}:speech_profile"
        stored = await self._values.get(path)
        return stored is not None and bool(literal(stored))

    async def _chosen(self, user: UserId) -> Record | None:
        plugins = tuple(sorted(await self._values.members(f"users:{user}:enabled_plugins")))
        name = (await self._values.get(f"users:{user}:name") or b"").decode(errors="replace")
        if not plugins and not name:
            return None
        account = ArchivedAccount(name=name) if name else None
        sets = {"enabled_plugins": plugins} if plugins else {}
        value = OriginalSettings(chosen=ArchivedSettings(account=account, sets=sets))
        return _record(SETTINGS, f"users:{user}:enabled_plugins", value, content=repr((name, plugins)).encode())

    async def _webhooks(self, user: UserId) -> list[Record]:
        """Addresses of a user's own. Some servers wrote the name of the kind, others that of Python's constant."""
        found = []
        for family in _FAMILIES:
            for kind in WebhookKind:
                key = f"users:{user}:{family}:{kind}"
                for path in (key, f"users:{user}:{family}:WebhookType.{kind}"):
                    value = await self._values.get(path)
                    if value is not None:
                        found.append(_record(WEBHOOKS, path, OriginalWebhook(key=key, value=value), content=value))
                        break
        return found

    async def _reviewed(self, user: UserId) -> list[Record]:
        if self._reviews is None:
            self._reviews = await self._all_reviews()
        mine = self._reviews.get(user, {})
        found = [
            _record(
                REVIEWS,
                f"plugins:{plugin}:reviews {user}",
                OriginalReview(plugin=plugin, review=review),
                content=str(review).encode("utf-8", "replace"),
            )
            for plugin, review in mine.items()
        ]
        broken, self._broken = self._broken, {}
        return found + [
            Record(table=REVIEWS, path=path, version="", load=partial(_refuse, reason))
            for path, reason in broken.items()
        ]

    async def _all_reviews(self) -> dict[UserId, dict[PluginId, Review]]:
        """Those of one plugin lie in one value, whoever wrote them: they are read once."""
        by_user: dict[UserId, dict[PluginId, Review]] = {}
        for path in await self._values.keys("plugins:"):
            match = _REVIEWS.fullmatch(path)
            stored = await self._values.get(path) if match else None
            if match is None or stored is None:
                continue
            reviews = read_reviews(stored)
            for user, review in reviews.items():
                by_user.setdefault(user, {})[PluginId(match[1])] = review
            if (lost := _entries(stored) - len(reviews)) or (not reviews and stored.strip() != b"{}"):
                self._broken[path] = f"{max(lost, 1)} of the reviews cannot be read"
        return by_user


def literal(stored: bytes) -> object:
    """The value of JSON, or of a Python literal: numbers, texts, lists, dictionaries. No name in it means anything.

    Raises:
        Rejected: it is neither, or too large.
    """
    if len(stored) > _LONGEST:
        raise Rejected(f"a value of more than {_LONGEST >> 20} MiB is not read")
    text = stored.decode(errors="replace")
    try:
        return json.loads(text)
    except _NO_LITERAL:
        pass
    try:
        return ast.literal_eval(text.strip())
    except _NO_LITERAL:
        raise Rejected("a value is neither JSON nor a Python literal") from None  # from None: it may quote it


def _entries(stored: bytes) -> int:
    """How many reviews a value seems to hold."""
    text = stored.decode(errors="replace").strip()
    try:
        return len(json.loads(text))
    except _NO_LITERAL:
        pass
    try:
        node = ast.parse(text, mode="eval").body
    except _NO_LITERAL:
        return 0
    return len(node.keys) if isinstance(node, ast.Dict) else 0


def _record(table: str, path: str, value: Value, *, content: bytes) -> Record:
    async def load() -> Value:
        return value

    return Record(table=table, path=path, version=sha256(content).hexdigest()[:16], load=load)


async def _refuse(reason: str) -> None:
    raise Rejected(reason)
