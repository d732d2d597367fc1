"""Where the photos of memories are kept."""

import base64

import msgspec

from domain.ids import MemoryId, UserId
from domain.memory import Photo
from ports.errors import NotFound
from ports.object_store import ObjectStore

FOLDER = "photos/"
_PICTURE, _NOTE = ".jpg", ".json"


class KeepPhotos:
    """Pictures in the object store: `photos/{memory}/{number}.jpg`, and beside it what a live session knows of it."""

    def __init__(self, *, objects: ObjectStore) -> None:
        self._objects = objects

    async def put(self, user: UserId, memory: MemoryId, number: int, content: bytes) -> str:
        """Keeps a picture; gives its key. The same number again replaces it. Raises TemporarilyUnavailable."""
        key = f"{_folder(memory)}{number}{_PICTURE}"
        await self._objects.put(user, key, content)
        return key

    async def note(self, user: UserId, photo: Photo) -> None:
        """Keeps what is known of a picture until its memory is made. Raises TemporarilyUnavailable."""
        await self._objects.put(user, _note(photo.key), msgspec.json.encode(photo))

    async def of(self, user: UserId, memory: MemoryId) -> tuple[Photo, ...]:
        """The photos that a live session has kept for a memory, in order of time.

        A picture that a crash kept from being described is among them, without a description.
        """
        folder = _folder(memory)
        keys = await self._objects.list(user, folder)
        pictures = [key for key in keys if key.endswith(_PICTURE) and _number(key, folder) is not None]
        return tuple(
            [await self._noted(user, key) for key in sorted(pictures, key=lambda key: _number(key, folder) or 0)]
        )

    async def base64(self, user: UserId, photo: Photo) -> str:
        """The picture as the apps read it; empty where there is none any more. Raises TemporarilyUnavailable."""
        if not photo.key:
            return photo.base64
        try:
            return base64.b64encode(await self._objects.get(user, photo.key)).decode()
        except NotFound:
            return ""

    async def forget(self, user: UserId, memory: MemoryId) -> None:
        """Removes all pictures of a memory; nothing happens where there are none. Raises TemporarilyUnavailable."""
        folder = _folder(memory)
        for key in await self._objects.list(user, folder):
            if _number(key, folder) is not None:
                await self._objects.delete(user, key)

    async def _noted(self, user: UserId, key: str) -> Photo:
        try:
            return msgspec.json.decode(await self._objects.get(user, _note(key)), type=Photo)
        except NotFound:
            return Photo(key=key)


def _folder(memory: MemoryId) -> str:
    return f"{FOLDER}{memory}/"


def _note(key: str) -> str:
    return f"{key.removesuffix(_PICTURE)}{_NOTE}"


def _number(key: str, folder: str) -> int | None:
    """The number in a name; None for what another memory has, whose name begins alike."""
    name = key.removeprefix(folder).removesuffix(_PICTURE).removesuffix(_NOTE)
    return int(name) if name.isascii() and name.isdigit() else None
