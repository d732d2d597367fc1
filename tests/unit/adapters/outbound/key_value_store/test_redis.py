"""What only the store in Redis does."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from redis.asyncio import Redis

from adapters.outbound.key_value_store.redis import RedisKeyValueStore, RedisKeyValueStoreSettings
from ports.diagnosis import Condition
from ports.errors import Rejected, StorageFull, TemporarilyUnavailable
from tests.support.redis_server import RedisServer, redis_server

ANNS_PLUGINS, ANNS_NAME = "users:ann:enabled_plugins", "users:ann:name"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path) as running:
        yield running


@pytest.fixture
async def store(server: RedisServer) -> AsyncIterator[RedisKeyValueStore]:
    settings = RedisKeyValueStoreSettings(url=server.url, timeout=0.3, retries=1)
    async with RedisKeyValueStore(settings=settings) as ready:
        yield ready


async def test_what_omis_own_backend_wrote_is_read(server: RedisServer, store: RedisKeyValueStore) -> None:
    async with Redis.from_url(server.url) as original:
        await original.sadd(ANNS_PLUGINS, "chess", "diary")
        await original.set(ANNS_NAME, "Ann", ex=3600)
    assert await store.members(ANNS_PLUGINS) == {"chess", "diary"}
    assert await store.get(ANNS_NAME) == b"Ann"


async def test_omis_own_backend_reads_what_is_written(server: RedisServer, store: RedisKeyValueStore) -> None:
    await store.add_member(ANNS_PLUGINS, "chess")
    await store.put(ANNS_NAME, b"Ann", lifetime=timedelta(hours=1))
    async with Redis.from_url(server.url) as original:
        assert await original.smembers(ANNS_PLUGINS) == {b"chess"}
        assert await original.get(ANNS_NAME) == b"Ann"
        assert 3_590 < await original.ttl(ANNS_NAME) <= 3_600


async def test_what_other_adapters_keep_cannot_be_reached(server: RedisServer, store: RedisKeyValueStore) -> None:
    async with Redis.from_url(server.url) as other:
        await other.set("omi:jobs", "theirs")
        assert await store.get("omi:jobs") is None
        await store.put("omi:jobs", b"ours")
        assert await other.get("omi:jobs") == b"theirs"
    assert await store.get("omi:jobs") == b"ours"


async def test_a_value_beside_a_set_stays_where_the_set_goes(store: RedisKeyValueStore) -> None:
    await store.add_member("key", "a")
    await store.put("key", b"value")
    await store.remove_member("key", "a")
    assert await store.get("key") == b"value"
    assert not await store.put_if_absent("key", b"other")
    await store.put("key", b"new")
    assert await store.get("key") == b"new"
    await store.delete("key")
    assert await store.get("key") is None


async def test_while_redis_is_gone_nothing_can_be_asked_and_afterwards_everything(
    server: RedisServer, store: RedisKeyValueStore
) -> None:
    await store.put("key", b"value")
    server.kill()
    with pytest.raises(TemporarilyUnavailable):
        await store.get("key")
    with pytest.raises(TemporarilyUnavailable):
        await store.put_if_absent("other", b"value")
    assert (await store.diagnose()).condition is Condition.BROKEN
    await server.start()
    assert await store.get("key") == b"value"
    await store.put("key", b"new")
    assert (await store.diagnose()).condition is Condition.WORKING


async def test_the_restart_of_redis_between_two_requests_is_not_noticed(
    server: RedisServer, store: RedisKeyValueStore
) -> None:
    await store.put("key", b"value")
    server.stop()
    await server.start()
    assert not await store.put_if_absent("key", b"other")
    assert await store.get("key") == b"value"


async def test_a_redis_that_hangs_is_not_waited_for(server: RedisServer, store: RedisKeyValueStore) -> None:
    server.freeze()
    with anyio.fail_after(3), pytest.raises(TemporarilyUnavailable):
        await store.get("key")
    server.thaw()
    assert await store.get("key") is None


async def test_answers_go_to_who_asked_though_others_stopped_waiting(store: RedisKeyValueStore) -> None:
    for number in range(20):
        await store.put(f"{number}", b"%d" % number)
    for number in range(20):
        with anyio.move_on_after(0.0001):
            await store.get(f"{number}")
    assert [await store.get(f"{number}") for number in range(20)] == [b"%d" % number for number in range(20)]


async def test_more_callers_than_connections_wait_for_each_other(server: RedisServer) -> None:
    settings = RedisKeyValueStoreSettings(url=server.url, connections=2)
    async with RedisKeyValueStore(settings=settings) as store, anyio.create_task_group() as tasks:
        for number in range(200):
            tasks.start_soon(store.put, f"{number}", b"value")


async def fill(store: RedisKeyValueStore) -> None:
    for number in range(100):
        await store.put(f"{number}", b"x" * 100_000)


async def test_a_full_redis_is_told_apart(tmp_path: Path) -> None:
    async with (
        redis_server(tmp_path, "--maxmemory", "1mb") as server,
        RedisKeyValueStore(settings=RedisKeyValueStoreSettings(url=server.url)) as store,
    ):
        with pytest.raises(StorageFull):
            await fill(store)
        assert (await store.diagnose()).condition is Condition.WORKING


async def test_a_redis_that_throws_values_away_is_told(tmp_path: Path) -> None:
    options = ("--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru")
    async with (
        redis_server(tmp_path, *options) as server,
        RedisKeyValueStore(settings=RedisKeyValueStoreSettings(url=server.url)) as store,
    ):
        assert (await store.diagnose()).condition is Condition.DEGRADED


@pytest.mark.parametrize("password", ["", ":wrong@"])
async def test_a_refused_password_is_rejected_and_not_told(tmp_path: Path, password: str) -> None:
    async with redis_server(tmp_path) as server:
        async with Redis.from_url(server.url) as client:
            await client.config_set("requirepass", "right")
        url = server.url.replace("unix://", f"unix://{password}")
        async with RedisKeyValueStore(settings=RedisKeyValueStoreSettings(url=url)) as store:
            with pytest.raises(Rejected) as caught:
                await store.get("key")
    assert "wrong" not in str(caught.value)


async def test_an_address_that_is_none_is_rejected_and_not_told() -> None:
    with pytest.raises(Rejected) as caught:
        async with RedisKeyValueStore(settings=RedisKeyValueStoreSettings(url="http://user:secret@host")):
            pass
    assert "secret" not in str(caught.value)
