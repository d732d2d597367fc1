import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec import Struct

from adapters.inbound.simulators.fcm import SimulatedFcm, serve_fcm
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.notifier.fcm import FcmNotifier, FcmNotifierSettings
from adapters.outbound.notifier.fcm_access import SETTING
from adapters.outbound.notifier.fcm_message import LARGEST, fcm_message
from domain.ids import UserId
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from ports.notifier import Notification
from tests.support.devices import EverybodyHasADevice

ANNA = UserId("anna")
NOTE = Notification(title="Omi", body="A good day", data={"id": "m1", "text": "A good day", "from": "us"})


class Scene(Struct):
    fcm: SimulatedFcm
    notifier: FcmNotifier
    addresses: EverybodyHasADevice
    clock: ManualClock


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    addresses, clock = EverybodyHasADevice(), ManualClock()
    async with serve_fcm() as fcm:
        settings = FcmNotifierSettings(service_account=fcm.service_account, url=fcm.url)
        async with FcmNotifier(addresses, settings=settings, clock=clock) as notifier:
            yield Scene(fcm, notifier, addresses, clock)


async def test_what_is_shown_and_what_the_app_is_told_arrives() -> None:
    async with scene() as at:
        await at.notifier.notify(ANNA, NOTE)
        (message,) = at.fcm.sent
    assert message["token"] == await at.addresses.of(ANNA)
    assert message["notification"] == {"title": "Omi", "body": "A good day"}
    assert message["data"] == {"id": "m1", "text": "A good day"}


async def test_a_notification_that_comes_twice_is_shown_once() -> None:
    async with scene() as at:
        await at.notifier.notify(ANNA, NOTE)
        await at.notifier.notify(ANNA, NOTE)
    tags = [message["android"]["notification"]["tag"] for message in at.fcm.sent]
    collapsed = [message["apns"]["headers"]["apns-collapse-id"] for message in at.fcm.sent]
    assert tags == collapsed == ["m1", "m1"]


async def test_a_token_is_used_until_shortly_before_its_end() -> None:
    async with scene() as at:
        await at.notifier.notify(ANNA, NOTE)
        await at.clock.advance(3_400)
        await at.notifier.notify(ANNA, NOTE)
        assert at.fcm.granted == 1
        await at.clock.advance(100)
        await at.notifier.notify(ANNA, NOTE)
    assert (at.fcm.granted, len(at.fcm.sent)) == (2, 3)


async def test_a_token_that_was_withdrawn_is_replaced() -> None:
    async with scene() as at:
        await at.notifier.notify(ANNA, NOTE)
        at.fcm.granted += 1
        await at.notifier.notify(ANNA, NOTE)
    assert len(at.fcm.sent) == 2


async def test_a_device_that_is_gone_is_forgotten_and_not_asked_again() -> None:
    async with scene() as at:
        at.fcm.gone.add("device of anna")
        await at.notifier.notify(ANNA, NOTE)
        await at.notifier.notify(ANNA, NOTE)
        await at.notifier.notify(UserId("bert"), NOTE)
    assert at.addresses.forgotten == [(ANNA, "device of anna")]
    assert [message["token"] for message in at.fcm.sent] == ["device of bert"]


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, Rejected), (404, Rejected), (400, Rejected), (429, TemporarilyUnavailable), (503, TemporarilyUnavailable)],
)
async def test_trouble_of_the_service_is_no_fault_of_a_device(status: int, error: type[Exception]) -> None:
    async with scene() as at:
        at.fcm.status = status
        with pytest.raises(error):
            await at.notifier.notify(ANNA, NOTE)
    assert at.addresses.forgotten == []


async def test_nobody_there_may_pass() -> None:
    async with serve_fcm() as fcm:
        settings = FcmNotifierSettings(service_account=fcm.service_account, url=fcm.url)
    async with FcmNotifier(EverybodyHasADevice(), settings=settings, clock=ManualClock()) as notifier:
        with pytest.raises(TemporarilyUnavailable):
            await notifier.notify(ANNA, NOTE)
        assert (await notifier.diagnose()).condition is Condition.DEGRADED


async def test_the_account_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    async with serve_fcm() as fcm:
        file.write_text(fcm.service_account)
        settings = FcmNotifierSettings(service_account=str(file), url=fcm.url)
        async with FcmNotifier(EverybodyHasADevice(), settings=settings, clock=ManualClock()) as notifier:
            await notifier.notify(ANNA, NOTE)
            assert (await notifier.diagnose()).condition is Condition.WORKING
    assert len(fcm.sent) == 1


@pytest.mark.parametrize("setting", ["", "/nowhere/account.json", "{}", '{"project_id": 1}', "{nonsense"])
async def test_a_wrong_account_names_the_setting_and_shows_nothing_of_it(setting: str) -> None:
    with pytest.raises(Rejected, match=SETTING) as refused:
        await FcmNotifier(
            EverybodyHasADevice(), settings=FcmNotifierSettings(service_account=setting), clock=ManualClock()
        ).__aenter__()
    assert "nonsense" not in str(refused.value)


async def test_a_key_that_google_does_not_know_is_refused() -> None:
    async with serve_fcm() as fcm, serve_fcm() as other:
        account = json.loads(other.service_account) | {"token_uri": f"{fcm.url}/token"}
        settings = FcmNotifierSettings(service_account=json.dumps(account), url=fcm.url)
        async with FcmNotifier(EverybodyHasADevice(), settings=settings, clock=ManualClock()) as notifier:
            with pytest.raises(Rejected, match=SETTING):
                await notifier.notify(ANNA, NOTE)


@pytest.mark.parametrize("letter", ["a", "ü", "\ud800", "\0", "👩"])
def test_what_is_too_long_is_cut(letter: str) -> None:
    note = Notification(title=letter * 5_000, body=letter * 5_000, data={"text": letter * 5_000, "id": letter * 500})
    message = json.loads(fcm_message(note, token=letter))["message"]
    assert len(json.dumps({"notification": message["notification"], "data": message["data"]})) <= LARGEST
    assert message["notification"]["body"].endswith("…")
