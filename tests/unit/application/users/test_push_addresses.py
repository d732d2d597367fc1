import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.users.accounts import Accounts
from application.users.push_addresses import PushAddresses
from domain.errors import InvalidRequest
from domain.ids import UserId

ANNA, BERT = UserId("anna"), UserId("bert")


@pytest.fixture
def accounts() -> Accounts:
    return Accounts(store=InMemoryKeyValueStore(clock=ManualClock()))


@pytest.fixture
def addresses(accounts: Accounts) -> PushAddresses:
    return PushAddresses(accounts=accounts, values=InMemoryKeyValueStore(clock=ManualClock()))


async def test_registering_makes_an_account_with_zone_and_address(addresses: PushAddresses, accounts: Accounts) -> None:
    await addresses.register(ANNA, "phone", time_zone="Europe/Berlin")
    account = await accounts.get(ANNA)
    assert (account.push_token, account.time_zone) == ("phone", "Europe/Berlin")
    assert await accounts.everybody() == {ANNA}
    assert await addresses.of(ANNA) == "phone"


async def test_a_phone_that_changes_hands_tells_the_new_owner_alone(addresses: PushAddresses) -> None:
    await addresses.register(ANNA, "phone", time_zone="UTC")
    await addresses.register(BERT, "phone", time_zone="UTC")
    assert (await addresses.of(ANNA), await addresses.of(BERT)) == ("", "phone")


async def test_forgetting_an_old_address_leaves_the_new_one(addresses: PushAddresses) -> None:
    await addresses.register(ANNA, "old", time_zone="UTC")
    await addresses.register(ANNA, "new", time_zone="UTC")
    await addresses.forget(ANNA, "old")
    assert await addresses.of(ANNA) == "new"
    await addresses.forget(ANNA, "new")
    assert await addresses.of(ANNA) == ""


@pytest.mark.parametrize(("address", "zone"), [("", "UTC"), (" ", "UTC"), ("x" * 5_000, "UTC"), ("x", "Mars/Base")])
async def test_what_is_no_address_or_no_zone_is_refused(addresses: PushAddresses, address: str, zone: str) -> None:
    with pytest.raises(InvalidRequest):
        await addresses.register(ANNA, address, time_zone=zone)
    assert await addresses.of(ANNA) == ""
