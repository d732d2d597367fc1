"""No firmware is published. Apps do without."""

from domain.firmware import FirmwareRelease
from ports.diagnosis import Condition, Diagnosis


class NoFirmwareCatalog:
    """Empty."""

    async def releases(self) -> tuple[FirmwareRelease, ...]:
        """None."""
        return ()

    async def diagnose(self) -> Diagnosis:
        """Nothing can be wrong with it."""
        return Diagnosis(condition=Condition.WORKING, finding="no firmware is published")
