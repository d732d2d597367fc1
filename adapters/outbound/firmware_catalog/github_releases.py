"""Releases as GitHub lists them, and what their notes say of firmware."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from domain.firmware import ANY_CODE, ANY_VERSION, FirmwareRelease
from ports.errors import Rejected

LONGEST = 200
"""Characters of a value."""
_BLOCK = re.compile(r"KEY_VALUE_START(.*?)(?:KEY_VALUE_END|-->|\Z)", re.DOTALL)
_LINE = re.compile(r"[\s*`>-]*([A-Za-z][\w -]{0,60}?)[\s`*]*[:=](.*)")
_AROUND = " \t\r\"'`*"
_BETWEEN = re.compile(r"[\s-]+")


class _Asset(Struct, frozen=True):
    name: str = ""
    browser_download_url: str = ""
    size: int = 0


class _Release(Struct, frozen=True):
    id: int
    tag_name: str
    published_at: datetime | None = None
    name: str | None = None
    body: str | None = None
    draft: bool = False
    prerelease: bool = False
    assets: tuple[_Asset, ...] = ()


def read_releases(content: bytes) -> tuple[FirmwareRelease, ...]:
    """Firmware in a list of releases, newest first. What is none, or is not understood, is left out.

    Raises:
        Rejected: it is no list.
    """
    try:
        listed = msgspec.json.decode(content, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("the releases that were downloaded are no list") from error
    return tuple(sorted(_understood(listed), key=lambda release: release.published_at, reverse=True))


def key_values(notes: str) -> dict[str, str]:
    """What the marked part of release notes says, a line each; keys in small letters, with underscores."""
    block = _BLOCK.search(notes)
    lines = (_LINE.match(line) for line in block[1].splitlines()) if block else ()
    said = {_BETWEEN.sub("_", line[1].strip().lower()): line[2].strip(_AROUND)[:LONGEST] for line in lines if line}
    return {key: value for key, value in said.items() if value}


def _understood(listed: list[msgspec.Raw]) -> Iterator[FirmwareRelease]:
    for one in listed:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            release = _firmware(msgspec.json.decode(one, type=_Release))
            if release is not None:
                yield release


def _firmware(release: _Release) -> FirmwareRelease | None:
    said = key_values(release.body or "")
    file, version = _file(release), said.get("release_firmware_version", "")
    if release.draft or release.prerelease or release.published_at is None or file is None or not version:
        return None
    return FirmwareRelease(
        version=version,
        min_version=said.get("minimum_firmware_required", ANY_VERSION),
        min_app_version=said.get("minimum_app_version", ANY_VERSION),
        min_app_version_code=said.get("minimum_app_version_code", ANY_CODE),
        device_type=said.get("device_type", ""),
        id=release.id,
        tag_name=release.tag_name,
        name=release.name or "",
        published_at=_aware(release.published_at),
        zip_url=file.browser_download_url,
        zip_name=file.name,
        zip_size=max(0, file.size),
    )


def _file(release: _Release) -> _Asset | None:
    """What is put on devices: the archive that says so, or else the first."""
    archives = [asset for asset in release.assets if asset.name.lower().endswith(".zip") and _is_safe(asset)]
    return next((asset for asset in archives if "ota" in asset.name.lower()), archives[0] if archives else None)


def _is_safe(asset: _Asset) -> bool:
    try:
        address = urlsplit(asset.browser_download_url)
    except ValueError:
        return False
    return address.scheme == "https" and bool(address.hostname)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
