"""Firmware that a test publishes."""

import anyio.lowlevel

from domain.firmware import FirmwareRelease


class InMemoryFirmwareCatalog:
    """Holds the releases it is given."""

    def __init__(self) -> None:
        self.content: tuple[FirmwareRelease, ...] = ()

    async def releases(self) -> tuple[FirmwareRelease, ...]:
        """All of them, newest first."""
        await anyio.lowlevel.checkpoint()
        return tuple(sorted(self.content, key=lambda release: release.published_at, reverse=True))
