from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest
from msgspec import Struct

from adapters.outbound.authenticator.fake import FakeAuthenticator
from adapters.outbound.authenticator.firebase import FirebaseAuthenticator, FirebaseAuthenticatorSettings
from adapters.outbound.authenticator.local import LocalAuthenticator
from adapters.outbound.clock.manual import ManualClock
from domain.errors import Unauthenticated
from domain.ids import UserId
from ports.authenticator import Authenticator, Principal
from tests.contract.harness import Harness, over
from tests.support.google_keys import PROJECT, FirebaseIssuer, google_keys
from tests.support.memories import HOSTILE

HOUR = timedelta(hours=1)
GARBAGE = ("", " ", ".", "..", "a.b.c", "null", "Bearer x", "\0", "\ud800", "ü.ü.ü", "[" * 8000, "x" * 1_000_000)


class Issuer(Authenticator, Protocol):
    def issue(self, user: UserId, *, lifetime: timedelta | None = None) -> str: ...


class Setup(Struct):
    authenticator: Issuer
    clock: ManualClock
    longest_user: int = 1000
    lifetime: timedelta | None = None
    """Of a token, where nothing is said of it."""


@asynccontextmanager
async def local(folder: Path) -> AsyncIterator[Setup]:
    clock = ManualClock()
    async with LocalAuthenticator(data_dir=folder, clock=clock) as authenticator:
        yield Setup(authenticator, clock)


@asynccontextmanager
async def fake(_folder: Path) -> AsyncIterator[Setup]:
    clock = ManualClock()
    yield Setup(FakeAuthenticator(clock=clock), clock)


@asynccontextmanager
async def firebase(_folder: Path) -> AsyncIterator[Setup]:
    clock = ManualClock()
    async with google_keys() as google:
        settings = FirebaseAuthenticatorSettings(project=PROJECT, certificates_url=google.url)
        async with FirebaseAuthenticator(settings=settings, clock=clock) as authenticator:
            yield Setup(FirebaseIssuer(authenticator, clock), clock, longest_user=128, lifetime=HOUR)


HARNESSES: dict[str, Harness[Setup]] = {"local": local, "firebase": firebase, "fake": fake}
ENDLESS = pytest.mark.parametrize("harness", [pytest.param(local, id="local"), pytest.param(fake, id="fake")])
"""Those who issue tokens without an end."""


@pytest.fixture(params=over("authenticator", HARNESSES))
async def setup(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Setup]:
    async with request.param(tmp_path) as ready:
        yield ready


async def refusal(setup: Setup, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await setup.authenticator.authenticate(token)
    return str(caught.value)


async def test_a_token_tells_whose_it_is(setup: Setup) -> None:
    ends = setup.lifetime and setup.clock.now() + setup.lifetime
    for name in ("ann", "bob@example.org", "ü ñ", "x" * setup.longest_user):
        token = setup.authenticator.issue(UserId(name))
        assert await setup.authenticator.authenticate(token) == Principal(user=UserId(name), expires_at=ends)


async def test_users_with_hostile_names_are_themselves(setup: Setup) -> None:
    for name in HOSTILE:
        if 0 < len(name) <= setup.longest_user:
            token = setup.authenticator.issue(UserId(name), lifetime=HOUR)
            assert (await setup.authenticator.authenticate(token)).user == name


async def test_a_token_for_a_time_tells_when_it_ends(setup: Setup) -> None:
    token = setup.authenticator.issue(UserId("ann"), lifetime=HOUR)
    assert await setup.authenticator.authenticate(token) == Principal(
        user=UserId("ann"), expires_at=setup.clock.now() + HOUR
    )


async def test_an_expired_token_is_refused(setup: Setup) -> None:
    token = setup.authenticator.issue(UserId("ann"), lifetime=HOUR)
    await setup.clock.advance(HOUR.total_seconds() - 1)
    await setup.authenticator.authenticate(token)
    await setup.clock.advance(60)
    await refusal(setup, token)


@ENDLESS
async def test_a_token_without_an_end_has_none(harness: Harness[Setup], tmp_path: Path) -> None:
    async with harness(tmp_path) as setup:
        token = setup.authenticator.issue(UserId("ann"))
        await setup.clock.advance(100 * 365 * 86_400)
        await setup.authenticator.authenticate(token)


@pytest.mark.parametrize("token", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_is_refused(setup: Setup, token: str) -> None:
    await refusal(setup, token)


async def test_all_refusals_sound_alike(setup: Setup) -> None:
    expired = setup.authenticator.issue(UserId("ann"), lifetime=HOUR)
    await setup.clock.advance(2 * HOUR.total_seconds())
    said = {await refusal(setup, token) for token in (*GARBAGE, expired)}
    assert len(said) == 1
