"""Which firmware there is for devices."""

from typing import Protocol

from domain.firmware import FirmwareRelease


class FirmwareCatalog(Protocol):
    """Firmware that was published. Drafts and what is still tried out are not."""

    async def releases(self) -> tuple[FirmwareRelease, ...]:
        """All there is, for whatever device, newest first; nothing where nobody publishes any.

        Answers from what is at hand as far as that is fresh enough, and while its source is out of order. Many who ask
        at once cause one request.

        Raises:
            TemporarilyUnavailable: nothing is known yet, and the source cannot be asked now.
            Rejected: nothing is known yet, and there is no such source, or it does not let us.
        """
        ...
