"""`omi keys seal`: what was kept in the clear, or sealed with an older key, is sealed as it would be today."""

import base64
from functools import partial
from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner, Result
from msgspec import structs

from adapters.inbound.simulators.firestore import serve_firestore
from benchmarks.memories.life import SETTINGS
from bootstrap.container import Container
from bootstrap.main import omi
from bootstrap.whole_users import data_of
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.errors import Rejected
from tests.end_to_end.test_sealed import (
    MASTER,
    OTHER,
    WORD,
    documents,
    dumped,
    files,
    read,
    server,
    shown,
    without_names,
)
from tests.support.redis_server import redis_server
from tests.support.user_data import ANNA, BERT, fill

OTHER_MASTER = base64.b64encode(bytes(range(1, 33))).decode()
CLEAR = {"OMI_VAULT__NAME": "none"}
REFUSE = {"OMI_VAULT__LOCAL__CLEAR_VALUES": "refuse"}


async def filled(container: Container, user: UserId, word: str) -> None:
    await fill(data_of(container), user, word=word)
    for name in ("trip", "work"):
        await container.recall().index(user, await container.memory_repository().get(user, f"{user}-{name}"))
    await without_names(container, user, word)


async def seal(folder: Path, *arguments: str, **settings: str) -> Result:
    environment = SETTINGS | {"OMI_DATA_DIR": str(folder)} | settings
    return await anyio.to_thread.run_sync(
        lambda: CliRunner().invoke(omi, ["keys", "seal", *arguments], env=environment, catch_exceptions=False)
    )


def table(result: Result) -> dict[str, tuple[int, int]]:
    """What was looked at and what was sealed, by store."""
    rows = [line.rsplit(maxsplit=2) for line in result.output.splitlines()]
    return {row[0].strip(): (int(row[1]), int(row[2])) for row in rows if len(row) == 3 and row[2].isdigit()}


async def test_what_lay_in_the_clear_is_sealed_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with server(folder, **CLEAR) as container:
        for user, word in ((ANNA, WORD), (BERT, OTHER)):
            await filled(container, user, word)
    assert {name.rpartition("/")[2] for name in shown(files(folder))} >= {
        "facts.db",
        "chat.db",
        "people.db",
        "search.db",
    }
    assert WORD.encode() in (folder / "key_value.db").read_bytes()
    assert table(await seal(folder)) == {
        "memories": (6, 6),
        "facts": (4, 4),
        "people": (2, 2),
        "messages": (4, 4),
        "recordings, photos, voices": (10, 10),
        "account and settings": (4, 4),
    }
    assert shown(files(folder)) == []
    assert {sealed for _, sealed in table(await seal(folder)).values()} == {0}
    async with server(folder, **REFUSE) as container:
        for user, word in ((ANNA, WORD), (BERT, OTHER)):
            assert all(word in text for text in await read(container, user))
            found = await container.recall().search(user, f"{word} Lisbon")
            assert (found[0].memory.id, word in found[0].passages[0].text) == (f"{user}-trip", True)
            assert len((await container.memory_repository().get(user, f"{user}-trip")).segments) == 2
            assert (await container.memory_repository().get(user, f"{user}-empty")).segments == ()


async def test_one_user_can_be_sealed_and_the_others_stay_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with server(folder, **CLEAR) as container:
        for user, word in ((ANNA, WORD), (BERT, OTHER)):
            await filled(container, user, word)
    assert table(await seal(folder, "--user", ANNA))["memories"] == (3, 3)
    assert [name for name, content in files(folder) if WORD.lower()[:8].encode() in content.lower()] == []
    assert shown(files(folder)) != []
    async with server(folder, **REFUSE) as container:
        assert all(WORD in text for text in await read(container, ANNA))
        with pytest.raises(Rejected, match="not sealed"):
            await read(container, BERT)


async def test_after_a_rotation_everything_is_sealed_with_the_new_keys(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with server(folder) as container:
        await filled(container, ANNA, WORD)
        assert {sealed for _, sealed in table(await seal(folder)).values()} == {0}
        ring = next((folder / "vault").glob("*.keys"))
        before = ring.read_bytes()
        await container.vault().rotate()
        assert ring.read_bytes() != before
    again = table(await seal(folder))
    assert (again["memories"], again["recordings, photos, voices"]) == ((3, 3), (5, 5))
    assert {sealed for _, sealed in table(await seal(folder)).values()} == {0}
    async with server(folder) as container:
        assert all(WORD in text for text in await read(container, ANNA))


async def test_a_run_that_is_cut_off_is_ended_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with server(folder, **CLEAR) as container:
        await filled(container, ANNA, WORD)
    async with server(folder) as container:
        await container.memory_repository().update(ANNA, f"{ANNA}-work", lambda memory: memory)
        for fact in await container.facts().list(ANNA, limit=1):
            await container.facts().save(ANNA, fact)
    done = table(await seal(folder))
    assert (done["memories"], done["facts"]) == ((3, 3), (2, 1))
    assert shown(files(folder)) == []


async def test_users_whose_names_nothing_says_are_told_of(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with server(folder, **CLEAR) as container:
        await filled(container, ANNA, WORD)
        await container.facts().save(UserId("stranger"), (await container.facts().list(ANNA))[0])
    assert "1 folders in" in (await seal(folder)).output
    assert table(await seal(folder, "--user", "stranger"))["facts"] == (1, 1)


async def test_neither_redis_nor_firestore_shows_a_word_that_lay_there_in_the_clear(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    async with redis_server(tmp_path / "redis") as redis, serve_firestore() as firestore:
        stores = ("MEMORY_REPOSITORY", "FACTS", "PEOPLE", "CHAT_HISTORY")
        place = {"NAME": "firestore", "FIRESTORE__PROJECT": "omi", "FIRESTORE__HOST": firestore.url}
        settings = {f"OMI_{store}__{name}": value for store in stores for name, value in place.items()}
        settings |= {f"OMI_{store}__FIRESTORE__INSECURE": "true" for store in stores}
        settings |= {"OMI_KEY_VALUE_STORE__NAME": "redis", "OMI_REDIS__URL": redis.url}
        async with server(tmp_path / "data", **settings, **CLEAR) as container:
            await filled(container, ANNA, WORD)
        assert shown(documents(firestore)) != []
        settings["OMI_VAULT__SHARED__MASTER_KEY"] = MASTER
        done = table(await seal(tmp_path / "data", **settings))
        assert (done["memories"], done["facts"], done["messages"], done["people"]) == ((3, 3), (2, 2), (2, 2), (1, 1))
        assert shown(documents(firestore)) == []
        assert shown(await dumped(redis.url)) == []
        assert shown(files(tmp_path / "data")) == []
        assert {sealed for _, sealed in table(await seal(tmp_path / "data", **settings)).values()} == {0}
        settings |= {
            "OMI_VAULT__SHARED__MASTER_KEY": OTHER_MASTER,
            "OMI_VAULT__SHARED__FORMER_MASTER_KEYS": MASTER,
            "OMI_VAULT__SHARED__CLEAR_VALUES": "refuse",
        }
        async with server(tmp_path / "data", **settings) as container:
            assert all(WORD in text for text in await read(container, ANNA))
            assert await container.vault().rotate() == 1
        done = table(await seal(tmp_path / "data", **settings))
        assert (done["memories"], done["facts"], done["messages"], done["people"]) == ((3, 3), (2, 2), (2, 2), (1, 1))
        assert {sealed for _, sealed in table(await seal(tmp_path / "data", **settings)).values()} == {0}
        async with server(tmp_path / "data", **settings) as container:
            assert all(WORD in text for text in await read(container, ANNA))


async def test_what_servers_change_meanwhile_stays_changed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with server(folder, **CLEAR) as container:
        await filled(container, ANNA, WORD)
    async with server(folder) as container, anyio.create_task_group() as tasks:
        tasks.start_soon(seal, folder)
        for number in range(40):
            await container.memory_repository().update(ANNA, MemoryId(f"{ANNA}-trip"), partial(titled, number))
            for fact in await container.facts().list(ANNA):
                await container.facts().save(ANNA, structs.replace(fact, content=f"{WORD} {number}"))
                assert (await container.facts().get(ANNA, fact.id)).content == f"{WORD} {number}"
            memory = await container.memory_repository().get(ANNA, MemoryId(f"{ANNA}-trip"))
            assert memory.structure.title == f"{WORD} {number}"
    assert shown(files(folder)) == []


def titled(number: int, memory: Memory) -> Memory:
    return structs.replace(memory, structure=structs.replace(memory.structure, title=f"{WORD} {number}"))


async def test_without_a_vault_there_is_nothing_to_seal_with(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="OMI_VAULT__NAME is none"):
        await seal(tmp_path, **CLEAR)
