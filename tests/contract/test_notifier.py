from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.inbound.simulators.fcm import serve_fcm
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.notifier.fake import FakeNotifier
from adapters.outbound.notifier.fcm import FcmNotifier, FcmNotifierSettings
from adapters.outbound.notifier.log import LogNotifier
from domain.ids import UserId
from ports.notifier import Notification, Notifier
from tests.contract.harness import Harness, over
from tests.support.devices import EverybodyHasADevice


@asynccontextmanager
async def log(_folder: Path) -> AsyncIterator[Notifier]:
    yield LogNotifier()


@asynccontextmanager
async def fake(_folder: Path) -> AsyncIterator[Notifier]:
    yield FakeNotifier()


@asynccontextmanager
async def fcm(_folder: Path) -> AsyncIterator[Notifier]:
    async with serve_fcm() as simulation:
        settings = FcmNotifierSettings(service_account=simulation.service_account, url=simulation.url)
        async with FcmNotifier(EverybodyHasADevice(), settings=settings, clock=ManualClock()) as notifier:
            yield notifier


HARNESSES: dict[str, Harness[Notifier]] = {"log": log, "fcm": fcm, "fake": fake}


@pytest.fixture(params=over("notifier", HARNESSES))
async def notifier(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Notifier]:
    async with request.param(tmp_path) as adapter:
        yield adapter


@pytest.mark.parametrize(
    "notification",
    [
        Notification(title="Lunch", body="You promised to call"),
        Notification(title="", body=""),
        Notification(title="ü\0", body="\ud800" * 10_000, data={"memory": "1"}),
    ],
    ids=["plain", "empty", "awkward"],
)
async def test_anybody_can_be_notified_of_anything(notifier: Notifier, notification: Notification) -> None:
    for user in ("ann", "", "../x"):
        await notifier.notify(UserId(user), notification)
