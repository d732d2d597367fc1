"""Firmware that was published, and which device it is for."""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

ANY_VERSION, ANY_CODE = "0.0.0", "0"
"""What is required where a release requires nothing."""
_OTHER = re.compile(r"[^a-z0-9]+")


class Hardware(StrEnum):
    """Devices that take firmware of their own. Another one's may be the end of them."""

    FRIEND = "friend"
    """The developer kit of 2024, called Friend then."""
    DEVKIT_2 = "devkit2"
    CV1 = "cv1"
    """What is sold since 2025."""
    GLASS = "glass"
    """The one with a camera."""


NAMES = (
    (Hardware.GLASS, ("glass",)),
    (Hardware.CV1, ("cv1",)),
    (Hardware.DEVKIT_2, ("devkit2", "dk2")),
    (Hardware.FRIEND, ("friend", "devkit", "dk1")),
)
"""By what names show which device is meant: small letters and digits alone, in the order in which they count."""


class FirmwareRelease(Struct, frozen=True, kw_only=True):
    """Firmware that devices may be given."""

    version: str
    """As its publisher writes it: `v2.0.1`."""
    min_version: str = ANY_VERSION
    """Of the firmware that is on the device."""
    min_app_version: str = ANY_VERSION
    min_app_version_code: str = ANY_CODE
    device_type: str = ""
    """As its publisher writes it; may be empty."""
    id: int
    tag_name: str
    name: str = ""
    published_at: datetime
    """Aware."""
    zip_url: str
    zip_name: str
    zip_size: int = 0
    """Bytes."""

    @property
    def hardware(self) -> Hardware | None:
        """The device that it is for; None where nothing says so."""
        named = (hardware_named(text) for text in (self.device_type, self.tag_name, self.name))
        return next((hardware for hardware in named if hardware is not None), None)


def hardware_named(text: str) -> Hardware | None:
    """The device that a name means: of a model, of a tag. None: none that is known."""
    plain = _OTHER.sub("", text.lower())
    return next((hardware for hardware, names in NAMES if any(name in plain for name in names)), None)


def latest(releases: Iterable[FirmwareRelease], hardware: Hardware) -> FirmwareRelease | None:
    """What was published last for a device."""
    fitting = (release for release in releases if release.hardware is hardware)
    return max(fitting, key=lambda release: release.published_at, default=None)
