"""What every object store does."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.object_store.files import FileObjectStore
from adapters.outbound.object_store.gcs import GcsObjectStore, GcsObjectStoreSettings
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.object_store.sealed import SealedObjectStore
from domain.ids import UserId
from ports.errors import NotFound, Rejected
from ports.object_store import ObjectStore
from tests.contract.harness import Harness, over
from tests.support.cloud_storage import cloud_storage
from tests.support.hostile_pairs import GONE, PAIRS, STAYING
from tests.support.memories import HOSTILE
from tests.support.vaults import a_vault

ME, OTHER = UserId("me"), UserId("other")
CLOCK = ManualClock()
HOUR = timedelta(hours=1)


@asynccontextmanager
async def files(folder: Path) -> AsyncIterator[ObjectStore]:
    async with FileObjectStore(folder, CLOCK) as store:
        yield store


@asynccontextmanager
async def memory(_: Path) -> AsyncIterator[ObjectStore]:
    yield InMemoryObjectStore(CLOCK)


@asynccontextmanager
async def gcs(folder: Path) -> AsyncIterator[ObjectStore]:
    bucket = hashlib.sha256(str(folder).encode()).hexdigest()[:40]
    settings = GcsObjectStoreSettings(bucket=bucket, endpoint=cloud_storage(bucket), links="server")
    async with GcsObjectStore(settings=settings, data_dir=folder, clock=CLOCK) as store:
        yield store


@asynccontextmanager
async def sealed(folder: Path) -> AsyncIterator[ObjectStore]:
    store = FileObjectStore(folder, CLOCK)
    async with a_vault(folder) as vault, SealedObjectStore(store, vault=vault, data_dir=folder, clock=CLOCK) as ready:
        yield ready


HARNESSES: dict[str, Harness[ObjectStore]] = {"files": files, "gcs": gcs, "memory": memory, "sealed": sealed}
DURABLE = pytest.mark.parametrize(
    "harness",
    [pytest.param(files, id="files"), pytest.param(gcs, id="gcs"), pytest.param(sealed, id="sealed")],
)


@pytest.fixture(params=over("object_store", HARNESSES))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    async with request.param(tmp_path) as ready:
        yield ready


@pytest.mark.parametrize("content", [b"", b"content", bytes(range(256)) * 4096])
async def test_what_was_put_is_read_back(store: ObjectStore, content: bytes) -> None:
    await store.put(ME, "recordings/1.wav", content)
    assert await store.get(ME, "recordings/1.wav") == content


async def test_an_object_that_was_never_put_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        await store.get(ME, "key")


async def test_putting_again_replaces(store: ObjectStore) -> None:
    await store.put(ME, "key", b"a longer old one")
    await store.put(ME, "key", b"new")
    assert await store.get(ME, "key") == b"new"
    assert await store.list(ME) == ("key",)


async def test_a_deleted_object_is_gone(store: ObjectStore) -> None:
    await store.put(ME, "key", b"content")
    await store.delete(ME, "key")
    with pytest.raises(NotFound):
        await store.get(ME, "key")
    assert await store.list(ME) == ()


async def test_deleting_twice_or_what_never_was_does_nothing(store: ObjectStore) -> None:
    await store.delete(ME, "key")
    await store.put(ME, "key", b"content")
    await store.delete(ME, "key")
    await store.delete(ME, "key")


async def test_users_see_their_own_objects_alone_whatever_they_are_called(store: ObjectStore) -> None:
    for user in HOSTILE:
        await store.put(UserId(user), "key", user.encode())
    for user in HOSTILE:
        assert await store.get(UserId(user), "key") == user.encode()
        assert await store.list(UserId(user)) == ("key",)


async def test_users_and_identifiers_that_read_alike_are_not_taken_for_each_other(store: ObjectStore) -> None:
    for user, name in PAIRS:
        await store.put(user, name, f"{user} {name}".encode())
    for user, name in GONE:
        await store.delete(user, name)
    for user, name in GONE:
        assert name not in await store.list(user)
    for user, name in STAYING:
        assert await store.get(user, name) == f"{user} {name}".encode()


async def test_deleting_leaves_other_users_alone(store: ObjectStore) -> None:
    for user in (ME, OTHER):
        await store.put(user, "key", b"content")
    await store.delete(ME, "key")
    assert await store.get(OTHER, "key") == b"content"


async def test_any_text_is_a_key(store: ObjectStore) -> None:
    keys = (*HOSTILE, "half a character: \ud800", "👩" * 1000)
    for number, key in enumerate(keys):
        await store.put(ME, key, b"%d" % number)
    assert await store.list(ME) == tuple(sorted(keys))
    for number, key in enumerate(keys):
        assert await store.get(ME, key) == b"%d" % number


async def test_a_key_that_is_too_long_is_rejected(store: ObjectStore) -> None:
    for ask in (store.get, store.delete):
        with pytest.raises(Rejected):
            await ask(ME, "x" * 1001)
    with pytest.raises(Rejected):
        await store.put(ME, "x" * 1001, b"content")


async def test_keys_are_listed_by_prefix_and_sorted(store: ObjectStore) -> None:
    for key in ("b/2", "a/1", "a/11", "a", "A/1", "a/%", "ab"):
        await store.put(ME, key, b"")
    assert await store.list(ME, "a/") == ("a/%", "a/1", "a/11")
    assert await store.list(ME, "a/1") == ("a/1", "a/11")
    assert await store.list(ME, "%") == await store.list(ME, "*") == await store.list(ME, "../") == ()
    assert await store.list(ME) == ("A/1", "a", "a/%", "a/1", "a/11", "ab", "b/2")


async def test_a_user_without_objects_lists_none(store: ObjectStore) -> None:
    assert await store.list(ME) == ()


async def test_a_prefix_of_another_object_is_no_object(store: ObjectStore) -> None:
    await store.put(ME, "a/b/c", b"content")
    for key in ("a", "a/", "a/b", "a/b/"):
        with pytest.raises(NotFound):
            await store.get(ME, key)


async def test_changing_content_afterwards_changes_nothing_stored(store: ObjectStore) -> None:
    content = bytearray(b"content")
    await store.put(ME, "key", content)
    content[0] = 0
    assert await store.get(ME, "key") == b"content"


async def test_an_object_is_read_whole_while_it_is_replaced(store: ObjectStore) -> None:
    versions = [bytes([number]) * 50_000 for number in range(12)]
    seen: list[bytes] = []

    async def read() -> None:
        seen.extend([await store.get(ME, "key") for _ in range(20)])

    await store.put(ME, "key", versions[0])
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            for version in versions:
                tasks.start_soon(store.put, ME, "key", version)
    assert set(seen) <= set(versions)
    assert await store.list(ME) == ("key",)


async def test_concurrent_writers_all_succeed(store: ObjectStore) -> None:
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for number in range(40):
                tasks.start_soon(store.put, (ME, OTHER)[number % 2], f"{number:02d}", b"%d" % number)
    assert await store.list(ME) == tuple(f"{number:02d}" for number in range(0, 40, 2))
    assert await store.get(OTHER, "39") == b"39"


async def token_of(store: ObjectStore, key: str = "key", user: UserId = ME) -> str:
    return (await store.link(user, key, lifetime=HOUR)).rpartition("/")[2]


async def test_a_link_leads_to_the_object(store: ObjectStore) -> None:
    await store.put(ME, "people/1/sample.wav", b"content")
    found = await store.linked(await token_of(store, "people/1/sample.wav"))
    assert (found.key, found.content) == ("people/1/sample.wav", b"content")


async def test_a_link_leads_to_the_object_as_it_is_now_and_nowhere_when_it_is_gone(store: ObjectStore) -> None:
    await store.put(ME, "key", b"old")
    token = await token_of(store)
    await store.put(ME, "key", b"new")
    assert (await store.linked(token)).content == b"new"
    await store.delete(ME, "key")
    with pytest.raises(NotFound):
        await store.linked(token)


async def test_the_time_of_a_link_ends(store: ObjectStore) -> None:
    await store.put(ME, "key", b"content")
    token = await token_of(store)
    await CLOCK.advance(3_599)
    assert (await store.linked(token)).content == b"content"
    await CLOCK.advance(3)
    with pytest.raises(NotFound):
        await store.linked(token)


async def test_there_is_no_link_to_what_there_is_not(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        await store.link(ME, "key", lifetime=HOUR)


async def test_a_link_that_was_changed_anywhere_leads_nowhere(store: ObjectStore) -> None:
    await store.put(ME, "key", b"content")
    token = await token_of(store)
    for at in range(len(token)):
        other = "B" if token[at] == "A" else "A"
        changed = token[:at] + other + token[at + 1 :]
        with pytest.raises(NotFound):
            await store.linked(changed)


@pytest.mark.parametrize("token", ["", "x", "../../../etc/passwd", "\ud800", "A" * 100_000, "ü", "A" * 80, "nul\0"])
async def test_a_link_that_was_made_up_leads_nowhere(store: ObjectStore, token: str) -> None:
    with pytest.raises(NotFound):
        await store.linked(token)


async def test_links_go_to_whom_they_were_made_for(store: ObjectStore) -> None:
    for user in (*HOSTILE, "half: \ud800"):
        await store.put(UserId(user), "key", user.encode("utf-8", "surrogatepass"))
    for user in (*HOSTILE, "half: \ud800"):
        found = await store.linked(await token_of(store, user=UserId(user)))
        assert found.content == user.encode("utf-8", "surrogatepass")


@DURABLE
async def test_links_survive_reopening(harness: Harness[ObjectStore], tmp_path: Path) -> None:
    async with harness(tmp_path) as first:
        await first.put(ME, "key", b"content")
        token = await token_of(first)
    async with harness(tmp_path) as second:
        assert (await second.linked(token)).content == b"content"


@DURABLE
async def test_objects_survive_reopening(harness: Harness[ObjectStore], tmp_path: Path) -> None:
    async with harness(tmp_path) as first:
        await first.put(ME, "key", b"content")
    async with harness(tmp_path) as second:
        assert await second.get(ME, "key") == b"content"
        assert await second.list(ME) == ("key",)
