"""Pictures for tests: any bytes with the right beginning are one."""

import hashlib

from anyio.lowlevel import checkpoint

from domain.photo_errors import NotAPicture, PictureTooLarge
from ports.image_reader import MOST_BYTES, PreparedImage

BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")


class FakeImageReader:
    """Takes a picture as it is. Those with the same bytes look alike, all others do not."""

    async def read(self, content: bytes) -> PreparedImage:
        """The bytes themselves, with a fingerprint of them; see the port."""
        await checkpoint()
        if len(content) > MOST_BYTES:
            raise PictureTooLarge(f"a picture of {len(content):,} bytes")
        if not content.startswith(BEGINNINGS):
            raise NotAPicture("expected a picture")
        fingerprint = int.from_bytes(hashlib.sha256(content).digest()[:8], "big")
        return PreparedImage(content=content, width=8, height=8, fingerprint=fingerprint, colors=("gray",))
