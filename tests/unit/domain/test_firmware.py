from datetime import UTC, datetime

import pytest

from domain.firmware import FirmwareRelease, Hardware, hardware_named, latest


def release(version: str, *, day: int, device: str = "", tag: str = "") -> FirmwareRelease:
    return FirmwareRelease(
        version=version,
        id=day,
        tag_name=tag or version,
        device_type=device,
        published_at=datetime(2024, 10, day, tzinfo=UTC),
        zip_url="https://example.com/a.zip",
        zip_name="a.zip",
    )


@pytest.mark.parametrize(
    ("name", "hardware"),
    [
        ("friend", Hardware.FRIEND),
        ("Friend_Firmware_v1.0.4", Hardware.FRIEND),
        ("Omi DevKit 1", Hardware.FRIEND),
        ("Omi DevKit 2", Hardware.DEVKIT_2),
        ("Omi_DK2_v2.0.10", Hardware.DEVKIT_2),
        ("Friend DevKit 2", Hardware.DEVKIT_2),
        ("Omi CV 1", Hardware.CV1),
        ("Omi_CV1_v2.0.10", Hardware.CV1),
        ("OpenGlass", Hardware.GLASS),
        ("OmiGlass_v1", Hardware.GLASS),
        ("v1.0.52+186-ios", None),
        ("", None),
        ("Ömi", None),
    ],
)
def test_a_name_shows_which_device_is_meant(name: str, hardware: Hardware | None) -> None:
    assert hardware_named(name) is hardware


def test_what_the_publisher_says_of_the_device_counts_more_than_the_tag() -> None:
    assert release("v1", day=1, device="openglass", tag="friend_v1").hardware is Hardware.GLASS
    assert release("v1", day=1, device="?", tag="friend_v1").hardware is Hardware.FRIEND


def test_what_was_published_last_counts_whatever_its_number() -> None:
    releases = [release("v2", day=3, device="cv1"), release("v1", day=4, device="cv1"), release("v9", day=5)]
    found = latest(releases, Hardware.CV1)
    assert found is not None
    assert found.version == "v1"
    assert latest(releases, Hardware.DEVKIT_2) is None
