"""`/v1/firmware/latest` and `/v2/firmware/latest`: what a device should be updated to."""

from collections.abc import Sequence
from datetime import datetime

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery
from msgspec import Struct

from adapters.inbound.http.authentication import PUBLIC
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import present
from application.firmware.tell_firmware import TellFirmware
from domain.firmware import FirmwareRelease, Hardware, hardware_named
from ports.errors import NotFound

NONE_HERE = "This server publishes no firmware for this device; it is updated through the app's own maker"
DEVICES = {"1": Hardware.FRIEND, "2": Hardware.GLASS}
"""What the apps of 2024 call them."""


class WireFirmware(Struct, frozen=True, kw_only=True):
    """Firmware, as the apps read it. What comes from release notes is text."""

    version: str
    min_version: str
    min_app_version: str
    min_app_version_code: str
    device_type: str
    id: int
    tag_name: str
    published_at: datetime
    draft: bool = False
    prerelease: bool = False
    zip_url: str
    zip_name: str
    zip_size: int
    """Bytes."""
    release_name: str


class FirmwareController(Controller):
    """Apps ask at their start, without a token, and do without where the answer is 404."""

    path = "/"
    opt = PUBLIC
    security: Sequence[dict[str, list[str]]] | None = [{}]
    tags: Sequence[str] | None = ["firmware"]

    @get("/v1/firmware/latest", status_code=200, responses=FAILURES, summary="The newest firmware of a device")
    async def latest(
        self, *, tell_firmware: NamedDependency[TellFirmware], device: FromQuery[str | None] = None
    ) -> WireFirmware:
        """Takes the device `1` (Friend) or `2` (the one with a camera). 404 where nothing is published for it."""
        return await _latest(tell_firmware, DEVICES.get(device or ""))

    @get("/v2/firmware/latest", status_code=200, responses=FAILURES, summary="The newest firmware of a model")
    async def latest_of_model(
        self,
        *,
        tell_firmware: NamedDependency[TellFirmware],
        device_model: FromQuery[str | None] = None,
        device: FromQuery[str | None] = None,
    ) -> WireFirmware:
        """Takes the model as the device calls itself, `Omi DevKit 2`; or else a device, as `/v1` does."""
        model = present(device_model)
        return await _latest(tell_firmware, hardware_named(model) if model else DEVICES.get(device or ""))


async def _latest(tell_firmware: TellFirmware, hardware: Hardware | None) -> WireFirmware:
    if hardware is None:
        raise NotFoundException(NONE_HERE)
    try:
        return _to_wire(await tell_firmware.latest(hardware))
    except NotFound as error:
        raise NotFoundException(NONE_HERE) from error


def _to_wire(release: FirmwareRelease) -> WireFirmware:
    return WireFirmware(
        version=release.version,
        min_version=release.min_version,
        min_app_version=release.min_app_version,
        min_app_version_code=release.min_app_version_code,
        device_type=release.device_type,
        id=release.id,
        tag_name=release.tag_name,
        published_at=release.published_at,
        zip_url=release.zip_url,
        zip_name=release.zip_name,
        zip_size=release.zip_size,
        release_name=release.name,
    )
