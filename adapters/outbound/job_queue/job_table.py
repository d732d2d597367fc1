"""Jobs in two tables. Each function is one statement or a few, to be run inside a transaction."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from adapters.outbound.job_queue.named_users import names
from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.moments import microseconds
from adapters.outbound.sqlite_connection import Schema
from domain.ids import JobId, UserId
from ports.errors import Conflict
from ports.job_queue import ClaimedJob, DeadLetter, Job, Pile

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SCHEMA = Schema(
    (
        (
            # Text is kept as bytes: identifiers may be no valid Unicode. Moments are microseconds since 1970.
            # `state`: 0 open, 1 done, 2 dead.
            # `due`: from when on a job may be claimed; for a claimed one, the end of its lease.
            """CREATE TABLE jobs (
                number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind BLOB NOT NULL, user BLOB NOT NULL,
                payload BLOB NOT NULL, state INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0, lease TEXT, reason BLOB, died_at INTEGER)""",
            "CREATE INDEX jobs_by_kind ON jobs (kind, due) WHERE state = 0",
            "CREATE INDEX jobs_by_due ON jobs (due) WHERE state = 0",
            "CREATE INDEX jobs_dead ON jobs (died_at) WHERE state = 2",
            """CREATE TABLE steps (
                job INTEGER NOT NULL, name BLOB NOT NULL, result BLOB NOT NULL, PRIMARY KEY (job, name)
            ) WITHOUT ROWID""",
        ),
    )
)


class Term(Struct, frozen=True):
    """A lease that is being given."""

    lease: str
    start: datetime
    end: datetime


def enqueue(connection: sqlite3.Connection, job: Job, *, due: datetime) -> bool:
    """Adds a job unless its id is known."""
    row = (key_bytes(job.id), key_bytes(job.kind), key_bytes(job.user), job.payload, microseconds(due))
    added = connection.execute(
        "INSERT INTO jobs (id, kind, user, payload, due) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", row
    )
    return added.rowcount == 1


def claim(connection: sqlite3.Connection, kinds: Sequence[str], term: Term) -> ClaimedJob | None:
    """Gives a lease on the oldest due job of some kinds."""
    oldest: tuple[int, int] | None = None
    for kind in kinds:  # one index range for each: a pile of work that nobody here does is not gone through
        found = connection.execute(
            "SELECT due, number FROM jobs WHERE state = 0 AND kind = ? AND due <= ? ORDER BY due, number LIMIT 1",
            (key_bytes(kind), microseconds(term.start)),
        ).fetchone()
        oldest = min(filter(None, (oldest, found)), default=None)
    if oldest is None:
        return None
    row = connection.execute(
        "UPDATE jobs SET attempts = attempts + 1, lease = ?, due = ? WHERE number = ?"
        " RETURNING id, kind, user, payload, attempts",
        (term.lease, microseconds(term.end), oldest[1]),
    ).fetchone()
    return ClaimedJob(job=_job(row), attempt=row[4], lease=term.lease)


def held(connection: sqlite3.Connection, claimed: ClaimedJob, *, now: datetime) -> int:
    """The number of a job whose lease is good.

    Raises:
        Conflict: it ran out, or the job is done, dead or forgotten.
    """
    row = connection.execute(
        "SELECT number FROM jobs WHERE id = ? AND lease = ? AND due > ? AND state = 0",
        (key_bytes(claimed.job.id), claimed.lease, microseconds(now)),
    ).fetchone()
    if row is None:
        raise Conflict("this work is somebody else's by now, or done")
    return int(row[0])


def extend(connection: sqlite3.Connection, number: int, *, end: datetime) -> None:
    """Moves the end of a lease."""
    connection.execute("UPDATE jobs SET due = ? WHERE number = ?", (microseconds(end), number))


def remember(connection: sqlite3.Connection, number: int, step: str, result: bytes) -> None:
    """Keeps what a step gave."""
    connection.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?)", (number, key_bytes(step), result))


def recall(connection: sqlite3.Connection, number: int) -> dict[str, bytes]:
    """What steps gave."""
    rows = connection.execute("SELECT name, result FROM steps WHERE job = ?", (number,))
    return {key_text(name): result for name, result in rows}


def complete(connection: sqlite3.Connection, number: int) -> None:
    """Keeps of a job only that it was done."""
    connection.execute(
        "UPDATE jobs SET state = 1, user = x'', payload = x'', lease = NULL, reason = NULL WHERE number = ?", (number,)
    )
    connection.execute("DELETE FROM steps WHERE job = ?", (number,))


def retry(connection: sqlite3.Connection, number: int, reason: str, *, due: datetime) -> None:
    """Has a job done again later."""
    connection.execute(
        "UPDATE jobs SET lease = NULL, reason = ?, due = ? WHERE number = ?",
        (key_bytes(reason), microseconds(due), number),
    )


def bury(connection: sqlite3.Connection, number: int, reason: str, *, now: datetime) -> None:
    """Gives a job up."""
    connection.execute(
        "UPDATE jobs SET state = 2, lease = NULL, reason = ?, died_at = ? WHERE number = ?",
        (key_bytes(reason), microseconds(now), number),
    )


def dead_letters(connection: sqlite3.Connection, user: UserId | None) -> tuple[DeadLetter, ...]:
    """What was given up, newest first."""
    rows = connection.execute(
        "SELECT id, kind, user, payload, attempts, reason, died_at FROM jobs"
        " WHERE state = 2 AND (?1 IS NULL OR user = ?1) ORDER BY died_at DESC, number DESC",
        (None if user is None else key_bytes(user),),
    )
    return tuple(
        DeadLetter(
            job=_job(row), attempts=row[4], reason=key_text(row[5]), died_at=_EPOCH + timedelta(microseconds=row[6])
        )
        for row in rows
    )


def revive(connection: sqlite3.Connection, job_id: JobId, *, now: datetime) -> bool:
    """Takes up again what was given up, its attempts counted anew."""
    revived = connection.execute(
        "UPDATE jobs SET state = 0, attempts = 0, due = ? WHERE id = ? AND state = 2",
        (microseconds(now), key_bytes(job_id)),
    )
    return revived.rowcount == 1


def forget(connection: sqlite3.Connection, job_id: JobId) -> None:
    """Removes a job and its steps."""
    removed = connection.execute("DELETE FROM jobs WHERE id = ? RETURNING number", (key_bytes(job_id),)).fetchone()
    if removed is not None:
        connection.execute("DELETE FROM steps WHERE job = ?", removed)


def ids_of(connection: sqlite3.Connection, user: UserId) -> tuple[JobId, ...]:
    """Work of a user, and work that is done whose id names the user."""
    rows = connection.execute(
        "SELECT id, user = ?1 AND state <> 1 FROM jobs WHERE user = ?1 OR instr(id, ?1) > 0", (key_bytes(user),)
    ).fetchall()
    found = ((JobId(key_text(identifier)), is_theirs) for identifier, is_theirs in rows)
    return tuple(sorted(job for job, is_theirs in found if is_theirs or names(job, user)))


def next_due(connection: sqlite3.Connection, after: datetime) -> datetime | None:
    """When the first job becomes due after a moment."""
    row = connection.execute("SELECT min(due) FROM jobs WHERE state = 0 AND due > ?", (microseconds(after),)).fetchone()
    return None if row[0] is None else _EPOCH + timedelta(microseconds=row[0])


def pile(connection: sqlite3.Connection, *, now: datetime) -> Pile:
    """How much there is to do: three ranges of indexes."""
    moment = microseconds(now)
    ready, oldest = connection.execute(
        "SELECT count(*), min(due) FROM jobs WHERE state = 0 AND due <= ?", (moment,)
    ).fetchone()
    (later,) = connection.execute("SELECT count(*) FROM jobs WHERE state = 0 AND due > ?", (moment,)).fetchone()
    (dead,) = connection.execute("SELECT count(*) FROM jobs WHERE state = 2").fetchone()
    return Pile(ready=ready, oldest=(moment - (oldest or moment)) / 1e6, open=ready + later, dead=dead)


def _job(row: tuple[bytes, bytes, bytes, bytes, *tuple[object, ...]]) -> Job:
    return Job(id=JobId(key_text(row[0])), kind=key_text(row[1]), user=UserId(key_text(row[2])), payload=row[3])
