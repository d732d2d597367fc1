"""Two servers as one: killed, stopped and started again at random while users talk; counts what is lost.

    python -m benchmarks.servers [--sessions 50] [--seconds 120] [--seed 1]

Two real `omi serve` processes on disks of their own, one real Redis, memories in a simulation of Firestore, and a proxy
that gives each new connection to the next server. Users talk numbered words without end and connect again whenever
their server is gone, so that nearly every conversation goes on at the other one. Seven of ten times a server is ended
with `kill -9`, else with SIGTERM, which has it hand its conversations over; now and then both are killed. It stays away
for a moment (and takes up its own again) or for longer than a lease (and the other one takes them).

How it is counted. Each packet of 20 ms says which word it belongs to, and which part of it. A packet counts as received
when it has reached the journal in Redis: that is read all the time. A word counts when all of its packets were
received; each has to be in exactly one memory, exactly once, in order. What the live text told has to be in a memory,
too. Each conversation in which a word was received has to become exactly one memory. What a client sent and no server
had time to write down is counted as in flight: the buffers of sockets, and what a server had taken in the last
hundredths of a second before it was killed.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import anyio

from benchmarks.servers_count import Count
from benchmarks.servers_run import Result, ServersRun
from benchmarks.two_servers import two_servers


def told(result: Result) -> list[str]:
    """The result, to read."""
    count = result.count
    lines = [f"{result.killed:>8,}  kill -9", f"{result.stopped:>8,}  stops"]
    if result.stopping:
        lines.append(f"{max(result.stopping):>8.2f}  seconds that a stop took, at most")
    lines.append(f"{result.connections:>8,}  connections")
    return lines + [f"{getattr(count, name):>8,}  {name.replace('_', ' ')}" for name in Count.__struct_fields__]


async def trial(*, sessions: int, seconds: float, seed: int) -> Result:
    """The exact count."""
    with tempfile.TemporaryDirectory(prefix="omi-servers-") as folder:
        async with two_servers(Path(folder)) as (servers, proxy, redis):
            return await ServersRun(servers, proxy, redis, sessions=sessions, seed=seed).run(seconds)


def main() -> None:
    """Prints figures; exits with 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.servers", description=__doc__.split("\n")[0])
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    result = anyio.run(lambda: trial(sessions=given.sessions, seconds=given.seconds, seed=given.seed))
    print("\n".join(told(result)))
    sys.exit(int(result.count.wrong > 0))


if __name__ == "__main__":
    main()
