"""Files that a camera made to pictures that are safe to keep and to show."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 1_024
"""Pixels, of what is kept."""


class PreparedImage(Struct, frozen=True, kw_only=True):
    """A picture, turned the right way, of moderate size, without a word on where and by what it was taken."""

    content: bytes
    """JPEG."""
    width: int
    """Pixels."""
    height: int
    fingerprint: int
    """64 bits, of which pictures that look alike share nearly all: whether it gets brighter to the right, by place."""
    colors: tuple[str, ...] = ()
    """In words, the one that covers most first; those that cover little are not named."""
    taken_at: datetime | None = None
    """What the camera's clock said, which may have been wrong; without a zone unless the camera named one."""


class ImageReader(Protocol):
    """Reads JPEG, PNG and WebP, whoever made them and with whatever intention."""

    async def read(self, content: bytes) -> PreparedImage:
        """The picture of a file; of one that moves, its beginning.

        Args:
            content: the bytes of the file. What kind it is, they say; no name is asked.

        Raises:
            NotAPicture: it is no picture in a format that is read, or it is damaged.
            PictureTooLarge: more than `MOST_BYTES` or, before a pixel is decoded, more than `MOST_PIXELS`.
        """
        ...
