"""`/v1/apps/{app_id}/keys`: keys by which an app acts for its users. The owner of the app has them made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import present
from application.plugins.app_keys import AppKeys
from application.plugins.hashed_keys import LONGEST_LABEL, KeyNote, NewKey
from domain.ids import PluginId, UserId

Label = Annotated[str, Meta(max_length=LONGEST_LABEL)]


class KeyIn(Struct, kw_only=True):
    """What a new key is called."""

    label: Label = ""
    name: Label = ""
    """The same, by another name."""

    @property
    def called(self) -> str:
        """What it is called by either name."""
        return present(self.label) or present(self.name) or ""


class WireKey(Struct, kw_only=True):
    """A key, without what programs show of it."""

    id: str
    label: str
    created_at: datetime


class WireNewKey(WireKey, kw_only=True):
    """A key that was just made."""

    secret: str
    """Shown here and never again."""


class KeyDeleted(Struct, frozen=True):
    """It is worth nothing any more."""

    status: str = "ok"


class AppKeysController(Controller):
    """The keys of an app of the caller."""

    path = "/v1/apps/{app_id:str}/keys"
    tags: Sequence[str] | None = ["apps"]

    @post(status_code=200, responses=FAILURES, summary="Make a key for an app")
    async def make_key(
        self,
        *,
        user: NamedDependency[UserId],
        app_keys: NamedDependency[AppKeys],
        app_id: FromPath[str],
        data: JSONBody[KeyIn | None] = None,
    ) -> WireNewKey:
        """The secret is shown once. 403 where the app is not the caller's."""
        label = data.called if data else ""
        return new_key_to_wire(await app_keys.create(user, PluginId(app_id), label=label))

    @get(status_code=200, responses=FAILURES, summary="List the keys of an app")
    async def list_keys(
        self, *, user: NamedDependency[UserId], app_keys: NamedDependency[AppKeys], app_id: FromPath[str]
    ) -> list[WireKey]:
        """Newest first, without their secrets."""
        return [key_to_wire(note) for note in await app_keys.list(user, PluginId(app_id))]

    @delete("/{key_id:str}", status_code=200, responses=FAILURES, summary="End a key of an app")
    async def end_key(
        self,
        *,
        user: NamedDependency[UserId],
        app_keys: NamedDependency[AppKeys],
        app_id: FromPath[str],
        key_id: FromPath[str],
    ) -> KeyDeleted:
        """From now on, it opens nothing."""
        await app_keys.delete(user, PluginId(app_id), key_id)
        return KeyDeleted()


def key_to_wire(note: KeyNote) -> WireKey:
    """What may be known of a key."""
    return WireKey(id=note.id, label=note.label, created_at=note.created_at)


def new_key_to_wire(key: NewKey) -> WireNewKey:
    """A new key with its secret."""
    return WireNewKey(id=key.note.id, label=key.note.label, created_at=key.note.created_at, secret=key.secret)
