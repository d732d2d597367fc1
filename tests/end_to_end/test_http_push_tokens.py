"""Where notifications go, over HTTP."""

from adapters.inbound.http.application import provided
from adapters.inbound.http.push_tokens import PushTokensController
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.users.accounts import Accounts
from application.users.push_addresses import PushAddresses
from tests.support.http_app import ANNA, Backend

ROUTE = "/v1/users/fcm-token"


async def test_a_device_is_registered_for_its_user() -> None:
    values = InMemoryKeyValueStore(clock=ManualClock())
    addresses = PushAddresses(accounts=Accounts(store=values), values=values)
    served = {"handlers": [PushTokensController], "dependencies": {"push_addresses": provided(addresses)}}
    async with Backend().client(ANNA, **served) as anna:
        answer = await anna.post(ROUTE, json={"fcm_token": "phone", "time_zone": "Asia/Tokyo"})
        assert (answer.status_code, answer.json()) == (200, {"status": "Ok"})
        assert (await anna.post(ROUTE, json={"fcm_token": "phone", "time_zone": "nowhere"})).status_code == 400
        assert (await anna.post(ROUTE, json={"fcm_token": "phone"})).status_code == 422
    async with Backend().client(None, **served) as nobody:
        assert (await nobody.post(ROUTE, json={"fcm_token": "x", "time_zone": "UTC"})).status_code == 401
    assert await addresses.of(ANNA) == "phone"
