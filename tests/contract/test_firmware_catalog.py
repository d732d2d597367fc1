"""What every catalog of firmware does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import msgspec
import pytest
from msgspec import Struct

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.firmware_catalog.github import GithubFirmwareCatalog, GithubFirmwareCatalogSettings
from adapters.outbound.firmware_catalog.github_releases import read_releases
from adapters.outbound.firmware_catalog.memory import InMemoryFirmwareCatalog
from adapters.outbound.firmware_catalog.none import NoFirmwareCatalog
from domain.firmware import FirmwareRelease
from ports.diagnosis import Condition, Diagnosable
from ports.firmware_catalog import FirmwareCatalog
from tests.contract.harness import Harness, over
from tests.support.github_releases import REPOSITORY, Releases, a_release, github_releases

LISTED = [
    a_release("v2.0.1", day=7),
    a_release("v3.0.0", day=20, draft=True),
    a_release("v2.0.2", day=9),
    a_release("v3.0.0", day=19, prerelease=True),
    a_release("v1.0.0", day=8, device="openglass"),
]
PUBLISHED = ("v2.0.2", "v1.0.0", "v2.0.1")


class Filled(Struct, frozen=True):
    """A catalog, and the versions that it should tell of."""

    catalog: FirmwareCatalog
    expected: tuple[str, ...] = PUBLISHED


@asynccontextmanager
async def none(_: Path) -> AsyncIterator[Filled]:
    yield Filled(NoFirmwareCatalog(), ())


@asynccontextmanager
async def memory(_: Path) -> AsyncIterator[Filled]:
    catalog = InMemoryFirmwareCatalog()
    catalog.content = tuple(reversed(read_releases(msgspec.json.encode(LISTED))))
    yield Filled(catalog)


@asynccontextmanager
async def github(_: Path) -> AsyncIterator[Filled]:
    async with github_releases() as releases:
        releases.listed = LISTED
        async with GithubFirmwareCatalog(settings_for(releases), clock=ManualClock()) as catalog:
            yield Filled(catalog)


def settings_for(releases: Releases) -> GithubFirmwareCatalogSettings:
    return GithubFirmwareCatalogSettings(repository=REPOSITORY, url=releases.url, timeout=5.0)


HARNESSES: dict[str, Harness[Filled]] = {"none": none, "github": github, "memory": memory}


@pytest.fixture(params=over("firmware_catalog", HARNESSES))
async def filled(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Filled]:
    with anyio.fail_after(10):
        async with request.param(tmp_path) as filled:
            yield filled


async def test_what_is_published_comes_newest_first_without_drafts(filled: Filled) -> None:
    assert tuple(release.version for release in await filled.catalog.releases()) == filled.expected


async def test_a_release_says_where_its_file_is_and_when_it_was_published(filled: Filled) -> None:
    for release in await filled.catalog.releases():
        assert release.zip_url.startswith("https://")
        assert release.zip_name.endswith(".zip")
        assert release.published_at.tzinfo is not None
        assert release.hardware is not None


async def test_whoever_asks_again_has_the_same_answer(filled: Filled) -> None:
    assert await filled.catalog.releases() == await filled.catalog.releases()


async def test_many_ask_at_once_and_get_the_same(filled: Filled) -> None:
    answers: list[tuple[FirmwareRelease, ...]] = []

    async def ask() -> None:
        answers.append(await filled.catalog.releases())

    async with anyio.create_task_group() as tasks:
        for _ in range(30):
            tasks.start_soon(ask)
    assert answers == [await filled.catalog.releases()] * 30


async def test_it_says_that_it_works(filled: Filled) -> None:
    if isinstance(filled.catalog, Diagnosable):
        assert (await filled.catalog.diagnose()).condition is Condition.WORKING
