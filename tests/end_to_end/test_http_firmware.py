"""`/v1/firmware/latest` and `/v2/firmware/latest`, where a repository publishes firmware."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.firmware_catalog.github import GithubFirmwareCatalog
from tests.contract.test_firmware_catalog import settings_for
from tests.support.github_releases import PATH, Releases, a_release, github_releases
from tests.support.plugin_server import raw
from tests.support.program import Running, program

V1, V2 = "/v1/firmware/latest", "/v2/firmware/latest"


@pytest.fixture
async def github() -> AsyncIterator[Releases]:
    async with github_releases() as releases:
        releases.listed = [
            a_release("v2.0.1", day=1),
            a_release("v2.0.2", day=2),
            a_release("v3.0.0", day=3, device="Omi CV 1"),
            a_release("v1.1.0", day=4, device="openglass"),
        ]
        yield releases


@pytest.fixture
async def running(tmp_path: Path, github: Releases) -> AsyncIterator[Running]:
    catalog = GithubFirmwareCatalog(settings_for(github), clock=ManualClock())
    async with program(tmp_path, firmware_catalog=providers.Object(catalog)) as running:
        running.become(None)
        yield running


async def test_the_newest_firmware_of_a_device_is_told_to_whoever_asks(running: Running) -> None:
    answer = await running.client.get(V1, params={"device": 1})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "version": "v2.0.2",
        "min_version": "v1.0.4",
        "min_app_version": "1.0.43",
        "min_app_version_code": "130",
        "device_type": "friend",
        "id": 172,
        "tag_name": "friend_firmware_v2.0.2",
        "published_at": "2024-10-02T09:30:00Z",
        "draft": False,
        "prerelease": False,
        "zip_url": "https://github.com/omi/firmware/releases/download/friend-ota-v2.0.2.zip",
        "zip_name": "friend-ota-v2.0.2.zip",
        "zip_size": 212_480,
        "release_name": "friend firmware v2.0.2",
    }
    assert (await running.client.get(V1, params={"device": 2})).json()["version"] == "v1.1.0"


async def test_a_model_has_its_own_firmware_and_no_other(running: Running) -> None:
    found = await running.client.get(V2, params={"device_model": "Omi CV 1", "firmware_revision": "1.0"})
    assert found.json()["version"] == "v3.0.0"
    assert (await running.client.get(V2, params={"device_model": "null", "device": "1"})).json()["version"] == "v2.0.2"
    for model in ("Omi DevKit 2", "A toaster"):
        assert (await running.client.get(V2, params={"device_model": model})).status_code == 404


@pytest.mark.parametrize("device", ["", "0", "3", "x", "1.0", "null"])
async def test_for_an_unknown_device_there_is_none(running: Running, github: Releases, device: str) -> None:
    for path in (V1, V2):
        assert (await running.client.get(path, params={"device": device})).status_code == 404
    assert github.asked == 0


async def test_while_it_cannot_be_looked_up_apps_are_told_to_try_again(running: Running, github: Releases) -> None:
    github.server.answers[PATH] = raw(b"", status=404)
    answer = await running.client.get(V1, params={"device": 1})
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
