"""Photos become something that can be found: checked, kept, and described once each."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from msgspec import Struct, structs

from application.photos.keep_photos import KeepPhotos
from application.photos.photo_cards import Unseen, cards
from application.tasks.describe_photos import MOST_PHOTOS, PhotoDescription, describe_photos
from application.users.accounts import Accounts
from domain.ids import MemoryId, UserId
from domain.material import Image
from domain.memory import Photo
from domain.photo import Look, repeats
from domain.photo_errors import NotAPicture, PictureTooLarge
from domain.user import Account
from ports.errors import AdapterError
from ports.image_reader import ImageReader, PreparedImage
from ports.language_model import LanguageModel

NOT_DESCRIBED = "describe_photos"
"""As a memory is degraded by it."""


class Shot(Struct, frozen=True, kw_only=True):
    """A picture as it came."""

    content: bytes
    number: int
    """Its place in the memory; the same number again is the same picture."""
    description: str = ""
    """What the client says it shows. Then no model is asked, and it is kept whatever it looks like."""
    taken_at: datetime | None = None
    """Aware; None to believe the camera."""
    id: str = ""


class Seen(Struct, frozen=True, kw_only=True):
    """What came of some pictures."""

    photos: tuple[Photo | None, ...]
    """One for each, in order; None for those that were not kept: damaged ones, and those that show the same again."""
    looks: tuple[Look, ...] = ()
    """Of those that were kept."""
    degraded: tuple[str, ...] = ()
    """The task, where a model failed that may do better later."""

    @property
    def kept(self) -> tuple[Photo, ...]:
        """The photos that are kept."""
        return tuple(photo for photo in self.photos if photo is not None)


class _Ready(Struct, frozen=True, kw_only=True):
    shot: Shot
    image: PreparedImage
    taken_at: datetime | None

    @property
    def look(self) -> Look:
        return Look(fingerprint=self.image.fingerprint, colors=self.image.colors)


class SeePhotos:
    """Has photos described by a model that can see; without one, says when they were taken and how many there are."""

    def __init__(self, *, reader: ImageReader, model: LanguageModel, keep: KeepPhotos, accounts: Accounts) -> None:
        self._reader = reader
        self._model = model
        self._keep = keep
        self._accounts = accounts

    async def see_sent(self, user: UserId, memory: MemoryId, photos: Sequence[Photo], *, place: str = "") -> Seen:
        """As `see`, for photos as an app sends them. What it describes is kept even where the picture is damaged."""
        shots = [
            Shot(content=_decoded(photo.base64), number=number, description=photo.description, taken_at=photo.taken_at)
            for number, photo in enumerate(photos)
        ]
        seen = await self.see(user, memory, shots, place=place)
        described = [Photo(description=photo.description) if photo.description else None for photo in photos]
        return structs.replace(
            seen, photos=tuple(photo or words for photo, words in zip(seen.photos, described, strict=True))
        )

    async def see(
        self,
        user: UserId,
        memory: MemoryId,
        shots: Sequence[Shot],
        *,
        before: Sequence[Look] = (),
        language: str = "en",
        place: str = "",
    ) -> Seen:
        """Checks, keeps and describes pictures. May be called again for the same ones.

        Args:
            user: whose they are.
            memory: which they belong to, or will.
            shots: in order of time.
            before: looks of pictures that were kept before these.
            language: of descriptions, where the user did not choose one.
            place: where it was, if that is known.

        Raises:
            TemporarilyUnavailable: a store failed. A model that fails is no error.
        """
        account = await self._accounts.get(user)
        ready = await self._read(shots, zone=account.zone)
        repeated = repeats([picture.look for picture in ready.values()], before=before)
        kept = {
            place_: picture
            for (place_, picture), is_repeat in zip(ready.items(), repeated, strict=True)
            if picture.shot.description or not is_repeat
        }
        keys = {
            place_: await self._keep.put(user, memory, picture.shot.number, picture.image.content)
            for place_, picture in kept.items()
        }
        texts, degraded = await self._described(list(kept.values()), account, language=language, place=place)
        photos = {
            place_: _photo(picture, key=keys[place_], description=text)
            for (place_, picture), text in zip(kept.items(), texts, strict=True)
        }
        return Seen(
            photos=tuple(photos.get(place_) for place_ in range(len(shots))),
            looks=tuple(picture.look for picture in kept.values()),
            degraded=degraded,
        )

    async def _read(self, shots: Sequence[Shot], *, zone: tzinfo) -> dict[int, _Ready]:
        ready: dict[int, _Ready] = {}
        for place, shot in enumerate(shots):
            try:
                image = await self._reader.read(shot.content)
            except (NotAPicture, PictureTooLarge):
                continue
            taken_at = shot.taken_at or image.taken_at
            if taken_at is not None and taken_at.tzinfo is None:
                taken_at = taken_at.replace(tzinfo=zone)
            ready[place] = _Ready(shot=shot, image=image, taken_at=taken_at)
        return ready

    async def _described(
        self, pictures: Sequence[_Ready], account: Account, *, language: str, place: str
    ) -> tuple[list[str], tuple[str, ...]]:
        """A description for each picture; and which task has to be done again."""
        texts = [picture.shot.description for picture in pictures]
        wanted = [index for index, text in enumerate(texts) if not text]
        degraded: tuple[str, ...] = ()
        for batch in _batches(wanted):
            found, failed = await self._looked_at([pictures[index] for index in batch], account.language or language)
            degraded = degraded or failed
            for index, text in zip(batch, found, strict=True):
                texts[index] = text
        unseen = [index for index in wanted if not texts[index]]
        plain = [Unseen(taken_at=pictures[index].taken_at, colors=pictures[index].image.colors) for index in unseen]
        for index, text in zip(unseen, cards(plain, zone=account.zone, place=place), strict=True):
            texts[index] = text
        return texts, degraded

    async def _looked_at(self, pictures: Sequence[_Ready], language: str) -> tuple[list[str], tuple[str, ...]]:
        images = [Image(content=picture.image.content) for picture in pictures]
        try:
            answer = await self._model.generate(describe_photos(images, language=language))
        except AdapterError:
            return [""] * len(pictures), (NOT_DESCRIBED,)
        return [in_words(description) for description in answer.value], answer.degraded


def _batches(indexes: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(indexes), MOST_PHOTOS):
        yield indexes[first : first + MOST_PHOTOS]


def _photo(picture: _Ready, *, key: str, description: str) -> Photo:
    return Photo(key=key, description=description, id=picture.shot.id, taken_at=picture.taken_at)


def in_words(seen: PhotoDescription) -> str:
    """All that a search may look for."""
    written = f"Text in the picture: {seen.text}" if seen.text else ""
    return "\n".join(part for part in (seen.description, written) if part)


def _decoded(text: str) -> bytes:
    """The bytes of a picture; none where it is no base64."""
    try:
        return base64.b64decode(text.rpartition("base64,")[2], validate=True)
    except (binascii.Error, ValueError):
        return b""
