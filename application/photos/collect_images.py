"""Pictures that come over a live socket in pieces, put together again."""

import base64
import binascii
from typing import Annotated

from msgspec import Meta, Struct

from domain.errors import InvalidRequest
from domain.photo_errors import NotAPicture, PictureTooLarge, TooManyPictures
from ports.clock import Clock

MOST_PENDING = 50
"""Pictures of which pieces are missing, in one session."""
PATIENCE = 60.0
"""Seconds from the first piece of a picture until its rest is waited for no more."""
MOST_PIECES = 2_000
LARGEST_PICTURE = 11 * 1024 * 1024
"""Characters: 8 MB as base64."""
MOST_TEXT = 32 * 1024 * 1024
"""Characters of all pieces that wait for others, in one session."""


class ImageChunk(Struct, frozen=True, kw_only=True):
    """A piece of a picture, as the apps send it."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    """Of the picture; the client's own."""
    index: Annotated[int, Meta(ge=0, lt=MOST_PIECES)]
    total: Annotated[int, Meta(ge=1, le=MOST_PIECES)]
    """Pieces of the picture."""
    data: Annotated[str, Meta(max_length=LARGEST_PICTURE)]
    """A part of its base64."""


class _Pending(Struct):
    began: float
    total: int
    pieces: dict[int, str]
    length: int = 0


class CollectImages:
    """The pictures of one session. Pieces may come in any order and twice; the first of those counts."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._pending: dict[str, _Pending] = {}

    @property
    def pending(self) -> int:
        """Pictures of which pieces are missing."""
        return len(self._pending)

    def take(self, chunk: ImageChunk) -> bytes | None:
        """Takes a piece; gives the picture once it is whole.

        Raises:
            InvalidRequest: the piece does not fit the others of its picture.
            TooManyPictures: too many wait for their rest.
            PictureTooLarge: it has more characters than any picture that is taken.
            NotAPicture: it is whole and no base64.
        """
        self._forget_stale()
        picture = self._picture(chunk)
        if chunk.index not in picture.pieces:
            picture.pieces[chunk.index] = chunk.data
            picture.length += len(chunk.data)
        self._check_room(chunk.id, picture)
        if len(picture.pieces) < picture.total:
            return None
        del self._pending[chunk.id]
        return _decoded("".join(picture.pieces[index] for index in range(picture.total)))

    def _picture(self, chunk: ImageChunk) -> _Pending:
        picture = self._pending.get(chunk.id)
        if picture is None:
            if len(self._pending) >= MOST_PENDING:
                raise TooManyPictures(f"{MOST_PENDING} pictures wait for their rest already")
            picture = self._pending[chunk.id] = _Pending(self._clock.monotonic(), chunk.total, {})
        if chunk.total != picture.total or chunk.index >= chunk.total:
            del self._pending[chunk.id]
            raise InvalidRequest(f"image_chunk: piece {chunk.index} of {chunk.total} does not fit the picture")
        return picture

    def _check_room(self, name: str, picture: _Pending) -> None:
        if picture.length > LARGEST_PICTURE:
            del self._pending[name]
            raise PictureTooLarge(f"a picture of more than {LARGEST_PICTURE:,} characters")
        if sum(each.length for each in self._pending.values()) > MOST_TEXT:
            del self._pending[name]
            raise TooManyPictures(f"more than {MOST_TEXT:,} characters of pictures wait for their rest")

    def _forget_stale(self) -> None:
        now = self._clock.monotonic()
        self._pending = {name: each for name, each in self._pending.items() if now - each.began <= PATIENCE}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAPicture("image_chunk: the pieces together are no base64") from error
