"""What object and key-value stores show to who has them and not the keys."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.key_value_store.sealed import SealedKeyValueStore
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.object_store.sealed import SealedObjectStore
from domain.ids import UserId
from ports.errors import NotFound, TemporarilyUnavailable
from tests.support.vaults import a_vault

ANNA, BERT = UserId("anna"), UserId("bert")
CLOCK = ManualClock()
SAID = b"what was said" * 30_000
HOUR = timedelta(hours=1)
PERSONAL = ("account", "geolocation", "developer:webhook:day_summary", "voices:wespeaker")
PLAIN = ("store_recording_permission", "voices", "voices:lease", "emotional_message", "developer:webhook_status:x")


async def test_objects_lie_sealed_and_links_open_them(tmp_path: Path) -> None:
    inner = InMemoryObjectStore(CLOCK)
    async with (
        a_vault(tmp_path) as vault,
        SealedObjectStore(inner, vault=vault, data_dir=tmp_path, clock=CLOCK) as store,
    ):
        await store.put(ANNA, "recordings/1.flac", SAID)
        assert b"said" not in await inner.get(ANNA, "recordings/1.flac")
        path = await store.link(ANNA, "recordings/1.flac", lifetime=HOUR)
        linked = await store.linked(path.rpartition("/")[2])
        assert (linked.key, linked.content) == ("recordings/1.flac", SAID)


async def test_objects_of_an_earlier_version_are_read(tmp_path: Path) -> None:
    inner = InMemoryObjectStore(CLOCK)
    await inner.put(ANNA, "recordings/1.flac", SAID)
    async with (
        a_vault(tmp_path) as vault,
        SealedObjectStore(inner, vault=vault, data_dir=tmp_path, clock=CLOCK) as store,
    ):
        assert await store.get(ANNA, "recordings/1.flac") == SAID


async def test_an_object_in_the_place_of_another_is_refused(tmp_path: Path) -> None:
    inner = InMemoryObjectStore(CLOCK)
    async with (
        a_vault(tmp_path) as vault,
        SealedObjectStore(inner, vault=vault, data_dir=tmp_path, clock=CLOCK) as store,
    ):
        for user, key in ((ANNA, "1"), (ANNA, "2"), (BERT, "1")):
            await store.put(user, key, SAID)
        await inner.put(ANNA, "2", await inner.get(ANNA, "1"))
        with pytest.raises(TemporarilyUnavailable, match="another user or place"):
            await store.get(ANNA, "2")
        await inner.put(BERT, "1", await inner.get(ANNA, "1"))
        with pytest.raises(NotFound, match="another user's"):
            await store.get(BERT, "1")


async def test_what_tells_of_a_user_is_sealed_and_words_of_the_program_are_not(tmp_path: Path) -> None:
    inner = InMemoryKeyValueStore(CLOCK)
    async with a_vault(tmp_path) as vault, SealedKeyValueStore(inner, vault=vault) as store:
        for name in (*PERSONAL, *PLAIN):
            key = f"users:an:na\n:{name}"
            await store.put(key, b"Lisbon")
            assert await store.get(key) == b"Lisbon"
            assert (await inner.get(key) == b"Lisbon") == (name in PLAIN)
        await vault.erase(UserId("an:na\n"))
        for name in PERSONAL:
            with pytest.raises(NotFound):
                await store.get(f"users:an:na\n:{name}")


async def test_values_of_an_earlier_version_are_read(tmp_path: Path) -> None:
    inner = InMemoryKeyValueStore(CLOCK)
    await inner.put("users:anna:account", b"{}")
    async with a_vault(tmp_path) as vault, SealedKeyValueStore(inner, vault=vault) as store:
        assert await store.get("users:anna:account") == b"{}"
        assert not await store.put_if_absent("users:anna:account", b"other")
        assert await store.put_if_absent("users:bert:account", b"other")
        assert await inner.get("users:bert:account") != b"other"
