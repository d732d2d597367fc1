"""`kill -9` of processes that work through the queue."""

import random
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen

from benchmarks.memories.talks import Talk
from benchmarks.memories.worker import TOLD
from domain.ids import MemoryId, PluginId, UserId

LEASE_OVER = timedelta(minutes=2)
"""Between the clocks of two processes."""
LONGEST_LIFE = 0.6
"""Seconds of work until a process is killed."""


def killed(
    folder: Path, talks: Sequence[Talk], *, users: int, seed: int, start: datetime, most: int
) -> tuple[int, datetime]:
    """Has conversations worked through by processes that are killed at random moments.

    Returns:
        How many were killed, and the time on the clock of the last one.
    """
    chance, kills = random.Random(seed), 0
    while kills < most and _waiting(folder / "data"):
        command = [sys.executable, "-m", "benchmarks.memories.worker", str(folder), "--start", start.isoformat()]
        command += ["--count", str(len(talks)), "--users", str(users), "--seed", str(seed)]
        with Popen(command, stdout=PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(chance.uniform(0, LONGEST_LIFE))
            process.kill()
        kills += 1
        start += LEASE_OVER
    return kills, start


def told(folder: Path) -> set[tuple[UserId, PluginId, MemoryId]]:
    """What plugins were told by processes that are gone."""
    path = folder / TOLD
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    found = set()
    for line in lines:
        user, plugin, memory = line.split(" ")
        found.add((UserId(user), PluginId(plugin), MemoryId(memory)))
    return found


def open_jobs(folder: Path) -> int:
    """How much work is not done yet."""
    return _count(folder, "state = 0")


def _waiting(folder: Path) -> int:
    return _count(folder, "state = 0 AND kind = CAST('create_memory' AS BLOB)")


def _count(folder: Path, condition: str) -> int:
    with closing(sqlite3.connect(folder / "jobs.db", timeout=10)) as connection:
        found = connection.execute(f"SELECT count(*) FROM jobs WHERE {condition}").fetchone()  # noqa: S608 - of constants
        return int(found[0])
