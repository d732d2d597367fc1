"""What only a repository at GitHub does: it is asked seldom, it fails, it moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.firmware_catalog.github import (
    LARGEST,
    GithubFirmwareCatalog,
    GithubFirmwareCatalogSettings,
)
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from tests.support.github_releases import PATH, REPOSITORY, Releases, a_release, github_releases
from tests.support.plugin_server import Answer, closes_at_once, closes_mid_body, drips, floods, hangs, raw, says

TOKEN = "ghp_" + "x" * 36


@pytest.fixture
async def github() -> AsyncIterator[Releases]:
    with anyio.fail_after(15):
        async with github_releases() as releases:
            releases.listed = [a_release("v2.0.1")]
            yield releases


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@asynccontextmanager
async def opened(github: Releases, clock: ManualClock, *, token: str = "") -> AsyncIterator[GithubFirmwareCatalog]:
    settings = GithubFirmwareCatalogSettings(repository=REPOSITORY, url=github.url, token=token, timeout=0.3)
    async with GithubFirmwareCatalog(settings, clock=clock) as catalog:
        yield catalog


async def versions(catalog: GithubFirmwareCatalog) -> list[str]:
    return [release.version for release in await catalog.releases()]


async def test_it_is_asked_once_in_ten_minutes_and_by_what_is_known(github: Releases, clock: ManualClock) -> None:
    async with opened(github, clock) as catalog:
        for _ in range(20):
            assert await versions(catalog) == ["v2.0.1"]
        await clock.advance(599)
        await catalog.releases()
        assert github.asked == 1
        await clock.advance(1)
        assert await versions(catalog) == ["v2.0.1"]
        assert github.asked == 2
        assert "if-none-match" not in github.server.received[0].headers
        assert "if-none-match" in github.server.received[1].headers
        github.listed = [a_release("v2.0.2", day=2)]
        await clock.advance(600)
        assert await versions(catalog) == ["v2.0.2"]


async def test_nobody_is_asked_before_somebody_wants_to_know(github: Releases, clock: ManualClock) -> None:
    async with opened(github, clock):
        assert github.asked == 0


async def test_many_who_ask_at_once_cause_one_question(github: Releases, clock: ManualClock) -> None:
    async with opened(github, clock) as catalog, anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(catalog.releases)
    assert github.asked == 1


TROUBLES: dict[str, Answer] = {
    "hangs": hangs,
    "drips": drips,
    "closes": closes_at_once,
    "closes in the middle": closes_mid_body,
    "too many questions": says({"message": "API rate limit exceeded"}, status=403),
    "failure": raw(b"no", status=500),
    "too much": floods(LARGEST + 200_000),
    "no list": says({"message": "hello"}),
    "no text": raw(b"\xff\xfe[]"),
    "gone": says({"message": "Not Found"}, status=404),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_what_was_known_is_told_while_the_source_is_out_of_order(
    github: Releases, clock: ManualClock, trouble: str
) -> None:
    async with opened(github, clock) as catalog:
        good = github.server.answers[PATH]
        await catalog.releases()
        github.server.answers[PATH] = TROUBLES[trouble]
        await clock.advance(600)
        for _ in range(5):
            assert await versions(catalog) == ["v2.0.1"]
        assert github.asked == 2  # it is left alone for a minute
        assert (await catalog.diagnose()).condition is Condition.DEGRADED
        github.server.answers[PATH] = good
        await clock.advance(60)
        assert (await catalog.diagnose()).condition is Condition.WORKING


@pytest.mark.parametrize(("trouble", "error"), [("failure", TemporarilyUnavailable), ("gone", Rejected)])
async def test_where_nothing_is_known_yet_that_is_said(
    github: Releases, clock: ManualClock, trouble: str, error: type[Exception]
) -> None:
    github.server.answers[PATH] = TROUBLES[trouble]
    async with opened(github, clock) as catalog:
        for _ in range(2):
            with pytest.raises(error):
                await catalog.releases()
        assert github.asked == 1
        diagnosis = await catalog.diagnose()
        assert diagnosis.condition is Condition.BROKEN
        assert "OMI_FIRMWARE_CATALOG__GITHUB__REPOSITORY" in diagnosis.remedy


async def test_a_token_goes_there_and_nowhere_else(github: Releases, clock: ManualClock) -> None:
    async with opened(github, clock, token=TOKEN) as catalog:
        await catalog.releases()
        assert github.server.received[0].headers["authorization"] == f"Bearer {TOKEN}"
        github.server.answers[PATH] = raw(b"", status=401)
        await clock.advance(600)
        assert TOKEN not in (await catalog.diagnose()).finding


async def test_a_repository_that_moved_is_followed(github: Releases, clock: ManualClock) -> None:
    github.server.answers["/repositories/1/releases"] = github.server.answers[PATH]
    github.server.answers[PATH] = raw(b"", status=301, headers="Location: /repositories/1/releases\r\n")
    async with opened(github, clock) as catalog:
        assert await versions(catalog) == ["v2.0.1"]
