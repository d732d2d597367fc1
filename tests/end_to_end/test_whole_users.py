"""All data of a user, over a data folder with everything that the program embeds: taken out, put back, erased."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from dependency_injector import providers

from adapters.outbound.clock.manual import ManualClock
from application.jobs.job_lease import LEASE
from application.jobs.run_jobs import JobRun
from application.users.erase_user import ERASE_USER
from application.users.user_data import UserData
from benchmarks.memories.life import SETTINGS
from bootstrap.container import Container
from bootstrap.lifespan import opened
from bootstrap.settings import load
from bootstrap.whole_users import ERASING, IMPORTING, data_of, eraser, exporter, importer
from domain.audio import AudioFormat, Codec
from domain.conversation import CaptureEpoch
from domain.ids import JobId, UserId
from domain.recognition import FinalWords
from domain.session import SessionRequest
from domain.transcript import Word
from ports.job_queue import Job
from tests.support.user_data import ANNA, BERT, NOON, fill

ROOT = Path(__file__).parents[2]
WORD, OTHER = "Zanzibarquux", "Wobblefroth"
OPENED = tuple(dict.fromkeys((*IMPORTING, *ERASING)))


class Hasty(ManualClock):
    """A clock on which waiting takes no time."""

    async def sleep(self, seconds: float) -> None:  # noqa: ARG002 - the port
        await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def server(folder: Path, *, vault: str = "local") -> AsyncIterator[Container]:
    settings = SETTINGS | {"OMI_DATA_DIR": str(folder), "OMI_VAULT__NAME": vault}
    container = Container(settings=load(settings, folder=folder))
    container.clock.override(providers.Object(Hasty()))
    with anyio.fail_after(20):
        async with opened(container, OPENED):
            yield container


async def live(container: Container) -> None:
    """Two users with something everywhere."""
    for user, word in ((ANNA, WORD), (BERT, OTHER)):
        data: UserData = data_of(container)
        await fill(data, user, word=word)
        for name in ("trip", "work"):
            memory = await data.memories.get(user, f"{user}-{name}")
            await container.recall().index(user, memory)
        await work(container, user, word)
        conversation(container, user, word)


async def work(container: Container, user: UserId, word: str) -> None:
    jobs = container.job_queue()
    for name in ("dead", f"{user}:done", "open"):
        await jobs.enqueue(Job(id=JobId(f"kind:{name}:{word}"), kind="kind", user=user, payload=word.encode()))
    dead = await jobs.claim(("kind",), lease=LEASE)
    await jobs.fail(dead, reason=f"no {word}", retry_at=None)
    await jobs.complete(await jobs.claim(("kind",), lease=LEASE))


def conversation(container: Container, user: UserId, word: str) -> None:
    """One that goes on: a device is connected."""
    request = SessionRequest(user=user, audio=AudioFormat(codec=Codec.PCM16, sample_rate=16_000))
    begun = container.conversations().begin(request, at=CaptureEpoch(0, NOON))
    begun.connect()
    begun.record(bytes(640))
    begun.hear(FinalWords((Word(word, 0, 320),), through=320, recognizer="fake"))


async def device(container: Container, user: UserId) -> None:
    """Lets go of its conversation when it is told to."""
    [begun] = [one for one in container.conversations().open if one.user == user]
    await begun.taken_over.wait()
    container.conversations().detach(begun)


def traces(folder: Path, *words: str) -> list[str]:
    """Where a word is in any byte of any file, or in its name."""
    sought = {word.lower().encode() for word in words} | {word.lower()[:8].encode() for word in words}
    return [
        f"{path.relative_to(folder)}: {word!r}"
        for path in sorted(folder.rglob("*"))
        for word in sought
        if word in path.name.lower().encode() or (path.is_file() and word in path.read_bytes().lower())
    ]


async def exported(container: Container, user: UserId, path: Path) -> bytes:
    await exporter(container).export(user, path)
    return path.read_bytes()


@pytest.mark.parametrize(("vault", "most"), [("none", 10), ("local", 1)], ids=["clear", "sealed"])
async def test_of_a_user_who_goes_no_byte_stays_and_of_others_every_byte(tmp_path: Path, vault: str, most: int) -> None:
    folder = tmp_path / "data"
    async with server(folder, vault=vault) as container:
        await live(container)
        before = await exported(container, BERT, tmp_path / "before.zip")
        assert len({trace.partition(":")[0] for trace in traces(folder, WORD, ANNA)}) >= most
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(device, container, ANNA)
            erased = await eraser(container).at_once(ANNA)
        begun = {"what turns up later"} | ({"keys"} if vault == "none" else set())  # nothing was there before
        assert {store.store for store in erased if not store.before} == begun
        assert not any(store.left for store in erased)
        await container.job_queue().claim((), lease=LEASE)
        assert traces(folder, WORD, ANNA) == []
        assert await exported(container, BERT, tmp_path / "after.zip") == before
        assert (await container.recall().search(BERT, f"{OTHER} Lisbon"))[0].memory.id == f"{BERT}-trip"
        assert [one.user for one in container.conversations().open] == [BERT]
    assert traces(folder, WORD, ANNA) == []
    assert len(traces(folder, OTHER)) >= most


async def test_what_a_crash_cuts_off_the_next_process_finishes(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with server(folder) as container:
        await live(container)
        await eraser(container).request(ANNA)
    async with server(folder) as container:
        jobs = container.job_queue()
        claim = await jobs.claim((ERASE_USER,), lease=LEASE)
        assert claim is not None
        await eraser(container).erase(JobRun(claim, queue=jobs, steps={}))
        await jobs.complete(claim)
        await jobs.claim((), lease=LEASE)
    assert traces(folder, WORD, ANNA) == []


async def test_what_was_taken_out_goes_into_an_empty_folder_as_it_was(tmp_path: Path) -> None:
    async with server(tmp_path / "here") as container:
        await live(container)
        before = await exported(container, ANNA, tmp_path / "before.zip")
    async with server(tmp_path / "there") as container:
        await importer(container).read(ANNA, tmp_path / "before.zip")
        assert await exported(container, ANNA, tmp_path / "after.zip") == before
        [first, *_] = await container.recall().search(ANNA, f"{WORD} Lisbon")
        assert (first.memory.id, first.passages[0].number) == (f"{ANNA}-trip", 1)


async def omi(folder: Path, *words: str) -> tuple[int, str, str]:
    """Runs a command; gives its exit code and what it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMI_")}
    ran = await anyio.run_process(
        [sys.executable, "-m", "bootstrap.main", *words],
        check=False,
        cwd=ROOT,
        env={**environment, "OMI_DATA_DIR": str(folder), "OMI_TEXT_EMBEDDER__NAME": "fake"},
    )
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    async with server(tmp_path / "data") as container:
        await fill(data_of(container), ANNA, word=WORD)
    return tmp_path / "data"


async def test_commands_take_out_erase_and_put_back(folder: Path, tmp_path: Path) -> None:
    archive = str(tmp_path / "anna.zip")
    assert "memories" in (await omi(folder, "export", "--user", ANNA, archive))[1]
    assert await omi(folder, "export", "--user", ANNA, archive) == (1, "", f"omi: {archive} is there already\n")
    assert "memories" in (await omi(folder, "erase", "--user", ANNA, "--dry-run"))[1]
    assert traces(folder, WORD)
    code, table, trouble = await omi(folder, "erase", "--user", ANNA, "--yes")
    assert (code, trouble) == (0, "")
    assert "there were" in table
    assert traces(folder, WORD, ANNA) == []
    assert "would be read" in (await omi(folder, "import", "--user", ANNA, "--dry-run", archive))[1]
    assert traces(folder, WORD, ANNA) == []
    assert (await omi(folder, "import", "--user", ANNA, archive))[0] == 0
    await omi(folder, "export", "--user", ANNA, str(tmp_path / "again.zip"))
    assert (tmp_path / "again.zip").read_bytes() == Path(archive).read_bytes()


async def test_who_does_not_agree_keeps_everything(folder: Path) -> None:
    assert (await omi(folder, "erase", "--user", ANNA))[0] != 0
    assert traces(folder, WORD)


async def test_a_file_that_is_no_archive_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "it.zip").write_bytes(b"PK\x03\x04 nothing")
    refused = await omi(tmp_path / "data", "import", str(tmp_path / "it.zip"))
    assert refused == (1, "", "omi: it.zip: the archive is damaged, cut off or no ZIP file\n")
