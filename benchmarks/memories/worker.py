"""A process that works through the queue of a data folder until it is killed."""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import anyio

from benchmarks.memories.life import Life
from benchmarks.memories.quiet import quiet
from benchmarks.memories.talks import talks
from domain.ids import MemoryId, PluginId, UserId

TOLD = "told.log"
"""Beside the data: what plugins were told, a line each."""


class LateClock:
    """The time of this machine, moved: leases of the process before have run out."""

    def __init__(self, *, start: datetime) -> None:
        self._ahead = start - datetime.now(UTC)

    def now(self) -> datetime:
        """The moved time."""
        return datetime.now(UTC) + self._ahead

    def monotonic(self) -> float:
        """Seconds, moved likewise."""
        return self.now().timestamp()

    async def sleep(self, seconds: float) -> None:
        """Waits, as everybody does."""
        await anyio.sleep(max(seconds, 0.0))


async def work(folder: Path, *, count: int, users: int, seed: int, start: datetime) -> None:
    """Works until it is killed."""
    log = os.open(folder / TOLD, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)

    def told(user: UserId, plugin: PluginId, memory: MemoryId) -> None:
        os.write(log, f"{user} {plugin} {memory}\n".encode())

    life = Life(
        folder / "data",
        talks=talks(count, users=users, seed=seed),
        clock=LateClock(start=start),
        seed=int(start.timestamp()),
        told=told,
        stores={},
    )
    life.calm()  # kills are misfortune enough
    async with life.running():
        print("working", flush=True)
        await anyio.sleep_forever()


def main() -> None:
    """Reads what to do from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--start", type=datetime.fromisoformat, required=True)
    given = parser.parse_args()
    quiet()
    anyio.run(lambda: work(given.folder, count=given.count, users=given.users, seed=given.seed, start=given.start))


if __name__ == "__main__":
    sys.exit(main())
