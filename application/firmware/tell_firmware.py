"""Which firmware a device should have."""

from domain.firmware import FirmwareRelease, Hardware, latest
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from ports.firmware_catalog import FirmwareCatalog


class TellFirmware:
    """Looks it up."""

    def __init__(self, *, catalog: FirmwareCatalog) -> None:
        self._catalog = catalog

    async def latest(self, hardware: Hardware) -> FirmwareRelease:
        """What was published last for a device.

        Raises:
            NotFound: nothing was.
            TemporarilyUnavailable: it cannot be told now.
        """
        try:
            found = latest(await self._catalog.releases(), hardware)
        except Rejected as error:  # whoever asks has done nothing wrong
            raise TemporarilyUnavailable("the firmware cannot be looked up") from error
        if found is None:
            raise NotFound("no firmware is published for this device")
        return found
