import itertools
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.job_queue.sqlite import SqliteJobQueue
from domain.ids import JobId, UserId
from ports.diagnosis import Condition
from ports.errors import Conflict, StorageFull, TemporarilyUnavailable
from ports.job_queue import Job

ROOT = Path(__file__).parents[5]
LEASE = timedelta(seconds=60)
WORK_UNTIL_KILLED = """
import sys
from datetime import timedelta
from pathlib import Path
import anyio
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.job_queue.sqlite import SqliteJobQueue
from ports.job_queue import Job

async def main(folder, first):
    async with SqliteJobQueue(data_dir=folder, clock=SystemClock()) as queue:
        for number in range(first, 10**9):
            await queue.enqueue(Job(id=str(number), kind="k", user="u"))
            print("taken", number, flush=True)
            claim = await queue.claim(["k"], lease=timedelta(seconds=60))
            await queue.remember(claim, "effect", b"1")
            print("remembered", claim.job.id, flush=True)
            if number % 3:
                await queue.complete(claim)
                print("done", claim.job.id, flush=True)

anyio.run(main, Path(sys.argv[1]), int(sys.argv[2]))
"""


def job(name: str, *, payload: bytes = b"{}") -> Job:
    return Job(id=JobId(name), kind="k", user=UserId("u"), payload=payload)


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[SqliteJobQueue]:
    async with SqliteJobQueue(data_dir=tmp_path, clock=ManualClock()) as ready:
        yield ready


def table(folder: Path) -> list[tuple[str, int, bytes]]:
    with closing(sqlite3.connect(folder / "jobs.db")) as connection:
        return connection.execute("SELECT CAST(id AS TEXT), state, payload FROM jobs ORDER BY number").fetchall()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def told_until_killed(folder: Path, *, first: int, after: int) -> set[str]:
    command = [sys.executable, "-c", WORK_UNTIL_KILLED, str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        lines = list(itertools.islice(process.stdout, after))
        process.kill()
        lines += [line for line in process.stdout if line.endswith("\n")]
    return {line.strip() for line in lines}


async def test_what_was_told_before_a_kill_holds_after_it(tmp_path: Path) -> None:
    told: set[str] = set()
    for kill in range(3):
        told |= told_until_killed(tmp_path, first=1000 * kill + 1, after=20 + 30 * kill)
    state = {name: state for name, state, _ in table(tmp_path)}
    for line in told:
        event, name = line.split()
        assert name in state
        if event == "done":
            assert state[name] == 1
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as connection:
        kept = {row[0] for row in connection.execute("SELECT CAST(id AS TEXT) FROM jobs JOIN steps ON job = number")}
    remembered = {line.split()[1] for line in told if line.startswith("remembered")}
    assert {name for name in remembered if state[name] == 0} <= kept


async def test_work_survives_reopening(tmp_path: Path) -> None:
    clock = ManualClock()
    async with SqliteJobQueue(data_dir=tmp_path, clock=clock) as queue:
        for name in ("one", "two", "three"):
            await queue.enqueue(job(name))
        claim = await queue.claim(["k"], lease=LEASE)
        assert claim is not None
        await queue.remember(claim, "step", b"1")
        other = await queue.claim(["k"], lease=LEASE)
        assert other is not None
        await queue.fail(other, reason="no", retry_at=None)
    async with SqliteJobQueue(data_dir=tmp_path, clock=clock) as queue:
        assert await queue.recall(claim) == {"step": b"1"}
        await queue.complete(claim)
        assert [letter.job.id for letter in await queue.dead_letters()] == ["two"]
        assert not await queue.enqueue(job("one"))
        third = await queue.claim(["k"], lease=LEASE)
        assert third is not None
        assert third.job.id == "three"


async def test_two_processes_share_the_work(tmp_path: Path) -> None:
    clock = SystemClock()
    async with (
        SqliteJobQueue(data_dir=tmp_path, clock=clock) as here,
        SqliteJobQueue(data_dir=tmp_path, clock=clock) as there,
    ):
        for number in range(30):
            await here.enqueue(job(f"{number}"))
        done: list[JobId] = []

        async def work(queue: SqliteJobQueue) -> None:
            while claim := await queue.claim(["k"], lease=LEASE):
                await queue.complete(claim)
                done.append(claim.job.id)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(work, here)
            tasks.start_soon(work, there)
    assert sorted(map(int, done)) == list(range(30))


async def test_after_forgetting_nothing_is_left_of_that_work_nor_of_done_work(
    queue: SqliteJobQueue, tmp_path: Path
) -> None:
    for name in ("done", "forgotten"):
        await queue.enqueue(job(name, payload=b"what somebody said"))
    claim = await queue.claim(["k"], lease=LEASE)
    assert claim is not None
    await queue.remember(claim, "step", b"what somebody meant")
    await queue.complete(claim)
    await queue.forget(JobId("forgotten"))
    assert table(tmp_path) == [("done", 1, b"")]
    assert not [name for name, content in files(tmp_path).items() if b"what somebody" in content]


async def test_callers_at_the_same_time_share_a_transaction(queue: SqliteJobQueue) -> None:
    begun: list[str] = []
    queue._database._connection.set_trace_callback(
        lambda statement: begun.append(statement) if statement.startswith("BEGIN") else None
    )
    async with anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(queue.enqueue, job(f"{number}"))
    assert len(begun) < 10
    assert {(await claimed(queue)) for _ in range(50)} == {f"{number}" for number in range(50)}


async def claimed(queue: SqliteJobQueue) -> str:
    claim = await queue.claim(["k"], lease=LEASE)
    assert claim is not None
    return claim.job.id


async def test_one_conflict_does_not_spoil_what_others_do_in_the_same_transaction(queue: SqliteJobQueue) -> None:
    await queue.enqueue(job("lost"))
    lost = await queue.claim(["k"], lease=LEASE)
    assert lost is not None
    await queue.complete(lost)
    conflicts: list[Conflict] = []

    async def complete() -> None:
        try:
            await queue.complete(lost)
        except Conflict as error:
            conflicts.append(error)

    async with anyio.create_task_group() as tasks:
        for number in range(10):
            tasks.start_soon(queue.enqueue, job(f"{number}"))
            tasks.start_soon(complete)
    assert len(conflicts) == len({id(error) for error in conflicts}) == 10
    assert {await claimed(queue) for _ in range(10)} == {f"{number}" for number in range(10)}


async def test_who_gives_up_waiting_for_its_turn_takes_nothing(queue: SqliteJobQueue) -> None:
    await queue.enqueue(job("one"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(queue.enqueue, job("two"))
        with anyio.CancelScope() as scope:
            scope.cancel()
            await queue.claim(["k"], lease=LEASE)
    assert {await claimed(queue), await claimed(queue)} == {"one", "two"}


async def test_a_full_disk_is_reported_and_work_goes_on_when_there_is_room(queue: SqliteJobQueue) -> None:
    await queue.enqueue(job("before"))
    connection = queue._database._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull):
        await queue.enqueue(job("too large", payload=bytes(100_000)))
    connection.execute("PRAGMA max_page_count = 1000000")
    assert await queue.enqueue(job("too large", payload=bytes(100_000)))
    assert {await claimed(queue), await claimed(queue)} == {"before", "too large"}


async def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_bytes(b"no database" * 100)
    with pytest.raises(TemporarilyUnavailable, match=r"jobs\.db"):
        async with SqliteJobQueue(data_dir=tmp_path, clock=ManualClock()):
            pass


async def test_the_diagnosis_finds_the_file_whole(queue: SqliteJobQueue) -> None:
    assert (await queue.diagnose()).condition is Condition.WORKING


async def test_only_the_owner_can_read_the_file(queue: SqliteJobQueue, tmp_path: Path) -> None:
    await queue.enqueue(job("one"))
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("jobs.db*")}
    assert set(modes.values()) == {0o600}
