"""Keys that programs show: made here, told once, and kept as hashes. Whose they are is a place in the store."""

import hmac
import re
import secrets
from datetime import UTC, datetime
from hashlib import sha256
from uuid import uuid4

import msgspec
from msgspec import Struct

from domain.errors import InvalidRequest
from ports.clock import Clock
from ports.errors import NotFound
from ports.key_value_store import KeyValueStore

MOST_KEYS = 20
"""In one place."""
LONGEST_LABEL = 100
"""Characters."""
_RANDOM_BYTES = 32
_NONE = bytes(32)
_SHAPE = re.compile(r"omi_[a-z]+_([0-9a-f]{32})_[A-Za-z0-9_-]{43}")


class KeyNote(Struct, frozen=True, kw_only=True):
    """What may be known of a key."""

    id: str
    label: str
    created_at: datetime


class NewKey(Struct, frozen=True, kw_only=True):
    """A key that was just made."""

    note: KeyNote
    secret: str
    """What a program shows. It is told here and never again."""


class _Kept(Struct, frozen=True, kw_only=True):
    hash: bytes
    label: str
    created_at: datetime


class HashedKeys:
    """Gives out, lists, takes back and checks keys. All methods raise TemporarilyUnavailable.

    A place is a key of the store: the set of ids lies there, and what is kept of each key behind it.
    """

    def __init__(self, *, values: KeyValueStore, clock: Clock) -> None:
        self._values = values
        self._clock = clock

    async def create(self, place: str, *, kind: str, label: str) -> NewKey:
        """A new key; those that are there stay.

        Args:
            place: whose it is.
            kind: a word that the key shows, in small letters.
            label: what its owner calls it.

        Raises:
            InvalidRequest: the label is too long, or there are too many keys.
        """
        if len(label) > LONGEST_LABEL:
            raise InvalidRequest(f"label: expected at most {LONGEST_LABEL} characters")
        if len(await self._values.members(place)) >= MOST_KEYS:
            raise InvalidRequest(f"there are {MOST_KEYS} keys already: delete one first")
        note = KeyNote(id=uuid4().hex, label=label, created_at=self._clock.now().astimezone(UTC))
        secret = f"omi_{kind}_{note.id}_{secrets.token_urlsafe(_RANDOM_BYTES)}"
        kept = _Kept(hash=_hash(secret), label=note.label, created_at=note.created_at)
        await self._values.put(f"{place}:{note.id}", msgspec.json.encode(kept))
        await self._values.add_member(place, note.id)
        return NewKey(note=note, secret=secret)

    async def list(self, place: str) -> tuple[KeyNote, ...]:
        """What may be known of the keys, newest first."""
        found = [(key, await self._kept(place, key)) for key in await self._values.members(place)]
        notes = [KeyNote(id=key, label=kept.label, created_at=kept.created_at) for key, kept in found if kept]
        return tuple(sorted(notes, key=lambda note: (note.created_at, note.id), reverse=True))

    async def delete(self, place: str, key_id: str) -> None:
        """From now on, the key is worth nothing.

        Raises:
            NotFound: there is no such key.
        """
        if key_id not in await self._values.members(place):
            raise NotFound("there is no such key")
        await self._values.delete(f"{place}:{key_id}")
        await self._values.remove_member(place, key_id)

    async def is_genuine(self, place: str, secret: str) -> bool:
        """Whether a program shows a key of this place. What is not told by how long it takes."""
        key_id = id_of(secret)
        kept = await self._kept(place, key_id) if key_id else None
        return hmac.compare_digest(kept.hash if kept else _NONE, _hash(secret))

    async def _kept(self, place: str, key_id: str) -> _Kept | None:
        kept = await self._values.get(f"{place}:{key_id}")
        return None if kept is None else msgspec.json.decode(kept, type=_Kept)


def id_of(secret: str) -> str | None:
    """The id that a key shows; None where it is none."""
    found = _SHAPE.fullmatch(secret)
    return found[1] if found else None


def _hash(secret: str) -> bytes:
    """Keys are random and long, so one round is enough."""
    return sha256(secret.encode(errors="surrogatepass")).digest()
