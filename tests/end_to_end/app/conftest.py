"""One program in this process for all tests through the model of the app; each test is another user."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from domain.ids import new_id
from ports.clock import Clock
from tests.support.omi_app.assembled import Assembled, assembled
from tests.support.omi_app.eras import Era
from tests.support.omi_app.lines import InProcess, in_process
from tests.support.omi_app.phone import Phone
from tests.support.omi_app.rest import ForGood, Rest


@pytest.fixture(scope="package")
def anyio_backend() -> str:
    """The program outlives a test."""
    return "asyncio"


@pytest.fixture(scope="package")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assembled]:
    async with assembled(tmp_path_factory.mktemp("assembled")) as server:
        yield server


@pytest.fixture
def user() -> str:
    return f"user-{new_id()}"


@pytest.fixture
def app(server: Assembled, user: str) -> Rest:
    return server.app_of(user)


@pytest.fixture
def nobody(server: Assembled) -> Rest:
    """A program that is not signed in."""
    return server.app_of(None)


class Hasty:
    """The clock of a phone whose seconds are short."""

    def __init__(self, clock: Clock) -> None:
        self.now = clock.now
        self.monotonic = clock.monotonic

    async def sleep(self, seconds: float) -> None:
        """A hundredth of it."""
        await anyio.sleep(seconds / 100)


class Owner:
    """A user with phones of any year."""

    def __init__(self, server: Assembled, user: str, network: InProcess) -> None:
        self.network = network
        self._server = server
        self._user = user

    def phone(self, era: Era, **more: Any) -> Phone:
        tokens = ForGood(f"token-of-{self._user}")
        rest = self._server.app_of(self._user, tokens=tokens)
        clock = self._server.container.clock()
        return Phone(era, user=self._user, rest=rest, tokens=tokens, clock=clock, **{"network": self.network, **more})


@pytest.fixture
async def owner(server: Assembled, user: str) -> AsyncIterator[Owner]:
    async with in_process(server.application) as network:
        yield Owner(server, user, network)
