import pytest

from adapters.outbound.firmware_catalog.memory import InMemoryFirmwareCatalog
from adapters.outbound.firmware_catalog.none import NoFirmwareCatalog
from application.firmware.tell_firmware import TellFirmware
from domain.firmware import FirmwareRelease, Hardware
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from tests.unit.domain.test_firmware import release


class Refusing:
    """A catalog whose source does not let us."""

    async def releases(self) -> tuple[FirmwareRelease, ...]:
        raise Rejected("wrong token")


async def test_the_latest_for_a_device_is_told() -> None:
    catalog = InMemoryFirmwareCatalog()
    catalog.content = (release("v1", day=1, device="cv1"), release("v2", day=2, device="cv1"))
    assert (await TellFirmware(catalog=catalog).latest(Hardware.CV1)).version == "v2"


async def test_where_nothing_is_published_there_is_none() -> None:
    with pytest.raises(NotFound):
        await TellFirmware(catalog=NoFirmwareCatalog()).latest(Hardware.FRIEND)


async def test_what_is_set_wrongly_is_no_mistake_of_whoever_asks() -> None:
    with pytest.raises(TemporarilyUnavailable):
        await TellFirmware(catalog=Refusing()).latest(Hardware.FRIEND)
