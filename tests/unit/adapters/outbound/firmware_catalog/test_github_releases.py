"""What releases and their notes say, however they are written."""

from typing import Any

import msgspec
import pytest

from adapters.outbound.firmware_catalog.github_releases import key_values, read_releases
from domain.firmware import Hardware
from ports.errors import Rejected
from tests.support.github_releases import a_release, an_asset


def read(*listed: Any) -> list[str]:
    return [release.version for release in read_releases(msgspec.json.encode(listed))]


def test_a_release_of_firmware_is_read_whole() -> None:
    (release,) = read_releases(msgspec.json.encode([a_release()]))
    assert (release.version, release.min_version) == ("v2.0.1", "v1.0.4")
    assert (release.min_app_version, release.min_app_version_code) == ("1.0.43", "130")
    assert (release.device_type, release.hardware) == ("friend", Hardware.FRIEND)
    assert (release.id, release.tag_name, release.name) == (171, "friend_firmware_v2.0.1", "friend firmware v2.0.1")
    assert release.published_at.isoformat() == "2024-10-01T09:30:00+00:00"
    assert (release.zip_name, release.zip_size) == ("friend-ota-v2.0.1.zip", 212_480)
    assert release.zip_url.endswith("/friend-ota-v2.0.1.zip")


@pytest.mark.parametrize(
    "notes",
    [
        "<!-- KEY_VALUE_START\nrelease_firmware_version: v1\ndevice_type: friend\nKEY_VALUE_END -->",
        "<!-- KEY_VALUE_START\r\nrelease_firmware_version:v1\r\ndevice_type:friend\r\nKEY_VALUE_END -->",
        "KEY_VALUE_START\n- **Release firmware version**: `v1`\n* device-type = 'friend'\n",
        '<!--KEY_VALUE_START\n  RELEASE_FIRMWARE_VERSION = "v1"\n> device_type: friend -->\ndevice_type: glass',
    ],
)
def test_notes_are_understood_however_they_are_written(notes: str) -> None:
    found = key_values(notes)
    assert (found["release_firmware_version"], found["device_type"]) == ("v1", "friend")


def test_notes_without_marks_and_lines_without_values_say_nothing() -> None:
    assert key_values("release_firmware_version: v1") == {}
    assert key_values("KEY_VALUE_START\ndevice_type:\nnothing\n: v1\nKEY_VALUE_END") == {}


def test_what_is_not_said_is_not_required() -> None:
    notes = "KEY_VALUE_START\nrelease_firmware_version: v1\nKEY_VALUE_END"
    (release,) = read_releases(msgspec.json.encode([a_release(body=notes)]))
    assert (release.min_version, release.min_app_version, release.min_app_version_code) == ("0.0.0", "0.0.0", "0")
    assert (release.device_type, release.hardware) == ("", Hardware.FRIEND)


def test_what_is_no_firmware_or_not_understood_is_left_out() -> None:
    odd: list[Any] = [
        a_release(draft=True),
        a_release(prerelease=True),
        a_release(published_at=None),
        a_release(published_at="yesterday"),
        a_release(body=None),
        a_release(body="An app for phones"),
        a_release(assets=[]),
        a_release(assets=[an_asset("a.bin")]),
        a_release(assets=[an_asset("a.zip", browser_download_url="http://github.com/a.zip")]),
        a_release(assets=[an_asset("a.zip", browser_download_url="https://[")]),
        a_release(id="1"),
        {"id": 1},
        [],
        "release",
        None,
    ]
    assert read(*odd, a_release("v5")) == ["v5"]


def test_without_a_file_that_says_what_it_is_for_the_first_archive_counts() -> None:
    (release,) = read_releases(msgspec.json.encode([a_release(assets=[an_asset("a.txt"), an_asset("b.ZIP")])]))
    assert release.zip_name == "b.ZIP"


def test_endless_values_are_cut() -> None:
    notes = f"KEY_VALUE_START\nrelease_firmware_version: {'9' * 100_000}\nKEY_VALUE_END"
    assert len(key_values(notes)["release_firmware_version"]) == 200


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b"[", b"\xff", b"[" * 100_000])
def test_what_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected):
        read_releases(content)
