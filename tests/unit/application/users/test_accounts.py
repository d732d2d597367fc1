import pytest
from msgspec import structs

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.users.accounts import Accounts
from domain.errors import InvalidRequest
from domain.ids import UserId
from domain.user import Account, checked_zone

ANNA, BEN = UserId("anna"), UserId("ben")


@pytest.fixture
def accounts() -> Accounts:
    return Accounts(store=InMemoryKeyValueStore(clock=ManualClock()))


async def test_somebody_who_said_nothing_has_an_empty_account(accounts: Accounts) -> None:
    assert await accounts.get(ANNA) == Account()
    assert await accounts.everybody() == frozenset()


async def test_what_was_said_is_kept_by_user(accounts: Accounts) -> None:
    await accounts.update(ANNA, lambda now: structs.replace(now, time_zone="Asia/Tokyo"))
    await accounts.update(ANNA, lambda now: structs.replace(now, name="Anna"))
    assert await accounts.get(ANNA) == Account(name="Anna", time_zone="Asia/Tokyo")
    assert await accounts.get(BEN) == Account()
    assert await accounts.everybody() == {ANNA}


async def test_a_deleted_account_is_gone(accounts: Accounts) -> None:
    await accounts.update(ANNA, lambda now: structs.replace(now, name="Anna"))
    await accounts.delete(ANNA)
    assert await accounts.get(ANNA) == Account()
    assert await accounts.everybody() == frozenset()


@pytest.mark.parametrize("name", ["", "Nowhere/City", "../etc/passwd", "/etc/localtime", "a" * 500, "Europe/\0"])
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="time_zone"):
        checked_zone(name)


def test_an_account_with_a_zone_that_is_gone_uses_utc() -> None:
    assert Account(time_zone="Atlantis/Center").zone.key == "UTC"
