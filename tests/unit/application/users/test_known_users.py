"""Who there is, by what the key-value store holds."""

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.users.accounts import Accounts
from application.users.known_users import known_users
from domain.ids import UserId


async def test_who_has_an_account_or_anything_else_is_known_once() -> None:
    values = InMemoryKeyValueStore(clock=ManualClock())
    accounts = Accounts(store=values)
    await accounts.update(UserId("anna"), lambda account: account)
    await values.put("users:bert:developer:webhook:day_summary", b"")
    await values.put("users:odd:name:voices:wespeaker", b"")
    await values.add_member("users:cleo:enabled_plugins", "diary")
    await values.put("users:anna:store_recording_permission", b"1")
    await values.put("vault:rings:dave", b"")
    assert await known_users(values, accounts) == {"anna", "bert", "odd:name", "cleo"}


async def test_without_users_there_is_nobody() -> None:
    values = InMemoryKeyValueStore(clock=ManualClock())
    assert await known_users(values, Accounts(store=values)) == frozenset()
