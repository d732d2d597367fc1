"""Which owners Speechmatics knows, and by which identifiers."""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import anyio
import msgspec
from anyio.abc import TaskGroup
from msgspec import Struct

from adapters.outbound.speech_to_text.lookup import Lookup
from adapters.outbound.speech_to_text.owner_clip import OwnerClip
from domain.ids import UserId
from ports.errors import AdapterError, NotFound, Rejected, TemporarilyUnavailable
from ports.object_store import ObjectStore

KEY = "voices/speechmatics.json"
"""Beside the profile: what forgets all that is kept of a user forgets this too."""
Enroll = Callable[[bytes], Awaitable[tuple[str, ...]]]
"""Speech -> identifiers of its voice. Raises TemporarilyUnavailable, Rejected."""


class _Known(Struct, frozen=True, kw_only=True):
    """What is kept of an owner."""

    clip: str
    """Digest of the speech that the identifiers were made from."""
    identifiers: tuple[str, ...] = ()
    """None where Speechmatics made out no voice, or does not take them any more."""


class SpeechmaticsOwners:
    """Identifiers are as old as the profile: a new one is enrolled in the background, a forgotten one is forgotten."""

    def __init__(self, enroll: Enroll, *, profile: OwnerClip, objects: ObjectStore) -> None:
        self._enroll = enroll
        self._profile = profile
        self._objects = objects
        self._asked: dict[UserId, str] = {}
        """Digests of speech that is being enrolled, or was refused: that is tried again by the next process."""
        self._tasks: TaskGroup

    async def __aenter__(self) -> "SpeechmaticsOwners":
        self._tasks = await anyio.create_task_group().__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(None, None, None)

    async def identifiers(self, user: UserId) -> tuple[str, ...]:
        """How to tell Speechmatics of an owner's voice; empty where there is no telling, or not yet."""
        lookup = Lookup[tuple[str, ...]](partial(self._current, user), otherwise=())
        self._tasks.start_soon(lookup.run)
        return await lookup.result()

    async def refused(self, user: UserId) -> None:
        """Speechmatics does not take the identifiers. The next profile gets new ones."""
        with suppress(AdapterError):
            known = await self._read(user)
            if known is not None:
                await self._write(user, _Known(clip=known.clip))

    async def _current(self, user: UserId) -> tuple[str, ...]:
        clip = await self._profile.clip(user)
        if clip is None:
            if user and await self._read(user) is not None:
                await self._objects.delete(user, KEY)
            return ()
        known = await self._read(user)
        digest = hashlib.sha256(clip).hexdigest()
        if known is not None and known.clip == digest:
            return known.identifiers
        if self._asked.get(user) != digest:
            self._asked[user] = digest
            self._tasks.start_soon(self._learn, user, clip, digest)
        return ()

    async def _learn(self, user: UserId, clip: bytes, digest: str) -> None:
        """Enrolls a voice. What did not work for the moment is tried again when the user comes again."""
        with suppress(Rejected):
            with suppress(TemporarilyUnavailable):
                await self._write(user, _Known(clip=digest, identifiers=await self._enroll(clip)))
            self._asked.pop(user, None)

    async def _read(self, user: UserId) -> _Known | None:
        try:
            return msgspec.json.decode(await self._objects.get(user, KEY), type=_Known)
        except (NotFound, msgspec.MsgspecError):
            return None

    async def _write(self, user: UserId, known: _Known) -> None:
        await self._objects.put(user, KEY, msgspec.json.encode(known))
