"""What every key-value store does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from msgspec import Struct

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.key_value_store.redis import RedisKeyValueStore, RedisKeyValueStoreSettings
from adapters.outbound.key_value_store.sealed import SealedKeyValueStore
from adapters.outbound.key_value_store.sqlite import SqliteKeyValueStore
from ports.errors import Rejected
from ports.key_value_store import KeyValueStore
from tests.contract.harness import Harness, over
from tests.support.memories import HOSTILE
from tests.support.redis_server import AgingClock, shared_redis
from tests.support.vaults import a_vault

MINUTE = timedelta(minutes=1)


class Timed(Struct, frozen=True):
    """A store and the clock that it goes by."""

    store: KeyValueStore
    clock: ManualClock


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Timed]:
    clock = ManualClock()
    async with SqliteKeyValueStore(folder, clock=clock) as store:
        yield Timed(store, clock)


@asynccontextmanager
async def memory(_: Path) -> AsyncIterator[Timed]:
    clock = ManualClock()
    yield Timed(InMemoryKeyValueStore(clock), clock)


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[Timed]:
    async with (
        shared_redis(folder) as server,
        RedisKeyValueStore(settings=RedisKeyValueStoreSettings(url=server.url)) as store,
    ):
        yield Timed(store, AgingClock(server))


@asynccontextmanager
async def sealed(folder: Path) -> AsyncIterator[Timed]:
    clock = ManualClock()
    store = SqliteKeyValueStore(folder, clock=clock)
    async with a_vault(folder) as vault, SealedKeyValueStore(store, vault=vault) as ready:
        yield Timed(ready, clock)


HARNESSES: dict[str, Harness[Timed]] = {"sqlite": sqlite, "redis": redis, "memory": memory, "sealed": sealed}
DURABLE = pytest.mark.parametrize("harness", [pytest.param(sqlite, id="sqlite"), pytest.param(redis, id="redis")])


@pytest.fixture(params=over("key_value_store", HARNESSES))
async def timed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Timed]:
    async with request.param(tmp_path) as ready:
        yield ready


@pytest.fixture
def store(timed: Timed) -> KeyValueStore:
    return timed.store


@pytest.mark.parametrize("value", [b"", b"value", bytes(range(256)), b"\0" * 100_000])
async def test_what_was_put_is_read_back(store: KeyValueStore, value: bytes) -> None:
    await store.put("key", value)
    assert await store.get("key") == value


async def test_a_key_that_was_never_put_has_no_value(store: KeyValueStore) -> None:
    assert await store.get("key") is None


async def test_putting_again_replaces(store: KeyValueStore) -> None:
    await store.put("key", b"old")
    await store.put("key", b"new")
    assert await store.get("key") == b"new"


async def test_a_deleted_value_is_gone(store: KeyValueStore) -> None:
    await store.put("key", b"value")
    await store.delete("key")
    assert await store.get("key") is None


async def test_deleting_twice_or_what_never_was_does_nothing(store: KeyValueStore) -> None:
    await store.delete("key")
    await store.put("key", b"value")
    await store.delete("key")
    await store.delete("key")


async def test_any_text_is_a_key(store: KeyValueStore) -> None:
    keys = (*HOSTILE, "half a character: \ud800")
    for number, key in enumerate(keys):
        await store.put(key, b"%d" % number)
        await store.add_member(key, f"{number}")
    for number, key in enumerate(keys):
        assert await store.get(key) == b"%d" % number
        assert await store.members(key) == {f"{number}"}


async def test_a_key_that_is_too_long_is_rejected(store: KeyValueStore) -> None:
    too_long = "é" * 1001
    with pytest.raises(Rejected):
        await store.put(too_long, b"value")
    with pytest.raises(Rejected):
        await store.put_if_absent(too_long, b"value")
    with pytest.raises(Rejected):
        await store.get(too_long)
    with pytest.raises(Rejected):
        await store.add_member(too_long, "member")


async def test_changing_a_value_afterwards_changes_nothing_stored(store: KeyValueStore) -> None:
    value = bytearray(b"value")
    await store.put("key", value)
    value[0] = 0
    assert await store.get("key") == b"value"


async def test_a_value_is_there_until_its_time_is_over(timed: Timed) -> None:
    await timed.store.put("key", b"value", lifetime=MINUTE)
    await timed.clock.advance(59)
    assert await timed.store.get("key") == b"value"
    await timed.clock.advance(1)
    assert await timed.store.get("key") is None


async def test_a_value_without_a_lifetime_stays(timed: Timed) -> None:
    await timed.store.put("key", b"value", lifetime=MINUTE)
    await timed.store.put("key", b"value")
    await timed.clock.advance(1e9)
    assert await timed.store.get("key") == b"value"


async def test_putting_again_starts_a_new_lifetime(timed: Timed) -> None:
    await timed.store.put("key", b"old", lifetime=MINUTE)
    await timed.clock.advance(59)
    await timed.store.put("key", b"new", lifetime=MINUTE)
    await timed.clock.advance(59)
    assert await timed.store.get("key") == b"new"


async def test_a_lifetime_of_nothing_is_over_at_once(store: KeyValueStore) -> None:
    await store.put("key", b"value", lifetime=timedelta(0))
    assert await store.get("key") is None


async def test_many_values_whose_time_is_over_do_not_come_back(timed: Timed) -> None:
    for number in range(40):
        await timed.store.put(f"{number}", b"value", lifetime=MINUTE)
    await timed.clock.advance(60)
    await timed.store.put("key", b"value")
    assert [await timed.store.get(f"{number}") for number in range(40)] == [None] * 40
    assert await timed.store.get("key") == b"value"


async def test_only_an_absent_value_is_put_if_absent(store: KeyValueStore) -> None:
    assert await store.put_if_absent("key", b"first")
    assert not await store.put_if_absent("key", b"second")
    assert await store.get("key") == b"first"
    await store.delete("key")
    assert await store.put_if_absent("key", b"third")


async def test_a_value_whose_time_is_over_is_absent(timed: Timed) -> None:
    assert await timed.store.put_if_absent("lease", b"first", lifetime=MINUTE)
    await timed.clock.advance(59)
    assert not await timed.store.put_if_absent("lease", b"second", lifetime=MINUTE)
    await timed.clock.advance(1)
    assert await timed.store.put_if_absent("lease", b"third", lifetime=MINUTE)
    await timed.clock.advance(59)
    assert await timed.store.get("lease") == b"third"


async def test_of_many_who_put_if_absent_one_succeeds(store: KeyValueStore) -> None:
    succeeded: list[int] = []

    async def attempt(number: int) -> None:
        if await store.put_if_absent("lease", b"%d" % number):
            succeeded.append(number)

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for number in range(50):
                tasks.start_soon(attempt, number)
    assert len(succeeded) == 1
    assert await store.get("lease") == b"%d" % succeeded[0]


async def test_a_set_holds_each_member_once(store: KeyValueStore) -> None:
    for member in ("a", "b", "a"):
        await store.add_member("set", member)
    assert await store.members("set") == {"a", "b"}


async def test_any_text_is_a_member(store: KeyValueStore) -> None:
    for member in (*HOSTILE, "x" * 5000, "\ud800"):
        await store.add_member("set", member)
    assert await store.members("set") == {*HOSTILE, "x" * 5000, "\ud800"}


async def test_a_removed_member_is_gone_and_removing_again_does_nothing(store: KeyValueStore) -> None:
    await store.remove_member("set", "a")
    for member in ("a", "b"):
        await store.add_member("set", member)
    await store.remove_member("set", "a")
    await store.remove_member("set", "a")
    assert await store.members("set") == {"b"}


async def test_a_set_that_was_never_filled_is_empty(store: KeyValueStore) -> None:
    assert await store.members("set") == frozenset()


async def test_a_deleted_set_is_empty(store: KeyValueStore) -> None:
    await store.add_member("set", "a")
    await store.delete("set")
    assert await store.members("set") == frozenset()


async def test_members_that_were_handed_out_do_not_change(store: KeyValueStore) -> None:
    await store.add_member("set", "a")
    before = await store.members("set")
    await store.add_member("set", "b")
    assert before == {"a"}


async def test_a_value_and_a_set_of_one_key_do_not_meet(store: KeyValueStore) -> None:
    await store.put("key", b"value")
    assert await store.members("key") == frozenset()
    await store.add_member("key", "a")
    await store.put("key", b"other")
    assert (await store.get("key"), await store.members("key")) == (b"other", {"a"})


async def test_concurrent_writers_all_succeed(store: KeyValueStore) -> None:
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(store.add_member, "set", f"{number}")
                tasks.start_soon(store.put, f"{number}", b"value")
    assert len(await store.members("set")) == 100
    assert [await store.get(f"{number}") for number in range(100)] == [b"value"] * 100


async def test_users_with_hostile_names_keep_their_own(store: KeyValueStore) -> None:
    users = [user for user in HOSTILE if len(user) < 900]
    for user in users:
        await store.put(f"users:{user}:name", user.encode())
        await store.add_member(f"users:{user}:enabled_plugins", user)
    await store.delete("users:*:enabled_plugins:name")
    await store.remove_member("users:user:enabled_plugins", "user")
    for user in users:
        assert await store.get(f"users:{user}:name") == user.encode()
        assert await store.members(f"users:{user}:enabled_plugins") == ({user} - {"user"})


@DURABLE
async def test_values_sets_and_lifetimes_survive_reopening(harness: Harness[Timed], tmp_path: Path) -> None:
    async with harness(tmp_path) as first:
        await first.store.put("key", b"value")
        await first.store.put("short", b"value", lifetime=MINUTE)
        await first.store.add_member("set", "a")
    async with harness(tmp_path) as second:
        await second.clock.advance(60)
        assert await second.store.get("key") == b"value"
        assert await second.store.get("short") is None
        assert await second.store.members("set") == {"a"}


@DURABLE
async def test_of_two_stores_on_one_folder_one_takes_the_lease(harness: Harness[Timed], tmp_path: Path) -> None:
    async with harness(tmp_path) as one, harness(tmp_path) as other:
        taken = [await held.store.put_if_absent("lease", b"mine") for held in (one, other)]
    assert taken == [True, False]


async def test_keys_are_found_by_how_they_begin(store: KeyValueStore) -> None:
    await store.put("users:ann:value", b"1")
    await store.add_member("users:ann:set", "member")
    await store.put("users:anna:value", b"1")
    await store.put("other", b"1")
    assert await store.keys("users:ann:") == ("users:ann:set", "users:ann:value")
    assert await store.keys("users:ben:") == ()


async def test_a_key_that_is_gone_is_not_found(store: KeyValueStore) -> None:
    await store.put("key", b"1")
    await store.add_member("key", "member")
    await store.remove_member("key", "member")
    assert await store.keys("") == ("key",)
    await store.delete("key")
    assert await store.keys("") == ()


@pytest.mark.parametrize("text", [*HOSTILE, "a*b?[c]^-\\", "omi:jobs"])
async def test_any_text_begins_keys(store: KeyValueStore, text: str) -> None:
    text = text[:900]
    await store.put(f"{text}:value", b"1")
    await store.add_member(f"{text}:value", "member")
    await store.put(f"x{text}:value", b"1")
    assert await store.keys(f"{text}:") == (f"{text}:value",)
