"""Proves that no memory is lost: thousands of conversations, while everything fails and the process ends at random.

    python -m benchmarks.memories [--conversations 10000] [--killed 1500] [--users 100] [--seed 1]

The program's own container over one data folder: job queue, memories, facts and indexes in SQLite, journals and objects
in files. Stubs stand for speech, for meaning (the fake embedder) and for what is elsewhere: a language model that
fails, hangs, talks nonsense, breaks, and is away two hours of nine; plugins of which one works, one works now and then,
and one never does. Every call of every store may fail, fail although it was done, or hang; and the process may end
before or behind it: then everything is cancelled, and nothing that it still does reaches a store.

A part of the conversations is worked through by processes of their own, which are killed (`kill -9`) after some tenths
of a second each.

Users delete some memories meanwhile. In the end nothing fails any more, and time passes until all work is done (the
clock is set by hand, so that days take seconds). Then every store is looked through. Exits with 1 when anything is
lost, doubled, left over, or still as a simpler model made it.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import anyio

from adapters.outbound.clock.manual import START
from benchmarks.memories.account import Account
from benchmarks.memories.campaign import Campaign
from benchmarks.memories.chaos import SteppedClock
from benchmarks.memories.killed import killed, open_jobs, told
from benchmarks.memories.quiet import quiet
from benchmarks.memories.talks import talks

MOST_KILLS = 60
WORST = 12
"""Kinds of misfortune that are told, most frequent first."""


async def suffered(folder: Path, *, count: int, by_killed: int, users: int, seed: int) -> tuple[Account, Campaign, int]:
    """The whole run: what came of it, the campaign, and how many processes were killed."""
    data, everything = folder / "data", talks(count, users=users, seed=seed)
    first = everything[:by_killed]
    clock = SteppedClock()
    campaign = Campaign(data, everything, seed=seed, clock=clock, open_jobs=lambda: open_jobs(data))
    await campaign.prepare(first)
    kills, now = await anyio.to_thread.run_sync(
        lambda: killed(folder, first, users=users, seed=seed, start=START + timedelta(hours=1), most=MOST_KILLS)
    )
    campaign.told |= told(folder)
    await clock.advance((now - clock.now()).total_seconds() + 3_600)
    return await campaign.run(), campaign, kills


def main() -> None:
    """Prints a table; exits with 1 on any violation."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memories", description=__doc__.split("\n")[0])
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--killed", type=int, default=1_500)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    quiet()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="omi-memories-") as folder:
        account, campaign, kills = anyio.run(
            lambda: suffered(
                Path(folder), count=given.conversations, by_killed=given.killed, users=given.users, seed=given.seed
            )
        )
    print(f"{kills:>8,}  processes killed with kill -9")
    print("\n".join(_told(campaign.happened)))
    print("\n".join(account.told()))
    print(f"{time.monotonic() - began:>8,.0f}  seconds")
    sys.exit(int(account.violations > 0))


def _told(happened: Counter[str]) -> list[str]:
    other = sum(happened.values()) - sum(count for _, count in happened.most_common(WORST))
    lines = [f"{count:>8,}  {what}" for what, count in happened.most_common(WORST)]
    return [*lines, f"{other:>8,}  other failures"] if other else lines


if __name__ == "__main__":
    main()
