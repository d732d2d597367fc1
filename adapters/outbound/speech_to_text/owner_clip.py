"""Where a recognizer's adapter gets the owner's voice from."""

from typing import Protocol

from domain.ids import UserId


class OwnerClip(Protocol):
    """How the owner of a device sounds."""

    async def clip(self, user: UserId) -> bytes | None:
        """Some seconds of the owner's speech; None where nobody knows how the owner sounds.

        Returns:
            Mono, signed 16-bit little-endian, 16 kHz.

        Raises:
            TemporarilyUnavailable: it could not be loaded.
        """
        ...
