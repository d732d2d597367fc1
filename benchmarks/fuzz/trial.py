"""A server under attack, and what its other clients notice of it."""

import os
import re
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import anyio
import msgspec
from msgspec import Struct

from benchmarks.fuzz.attack import Order, Tally
from benchmarks.fuzz.honest import Honest, Wait
from benchmarks.server_process import ROOT, ServerProcess

_CORRUPT = re.compile(r"corrupt_packets\W+(\d+)")
Span = tuple[float, float]


class Result(Struct, frozen=True, kw_only=True):
    """What came of it."""

    tally: Tally
    words: tuple[list[float], list[float]]
    """Seconds that others waited for a word: without frames of ours, and with them."""
    pings: tuple[list[float], list[float]]
    missing: int
    """Words that others never got."""
    cut: int
    """Others that lost their connection."""
    corrupt: int
    """Packets that the server says it could not decode."""
    busy: tuple[float, float]
    """Share of a processor that the server took: without, and with."""
    memory: tuple[int, int]
    """KiB of the server, before and after."""
    failures: list[str]
    """Lines of its log that should not be there."""


async def fuzzed(
    server: ServerProcess, *, frames: int, sockets: int, rate: float, honest: int, quiet: float, seed: int
) -> Result:
    """Attacks a server that runs, then stops it. Honest ones speak for some seconds before, and all the while.

    Args:
        server: runs.
        frames: to send, at least.
        sockets: at a time.
        rate: frames a second over all sockets.
        honest: sessions beside.
        quiet: seconds without the attack, to compare with.
        seed: of what is sent.

    Raises:
        ServerFailed: it did not survive, or did not stop as it should.
    """
    order = Order(
        address=server.address, data_dir=str(server.data_dir), frames=frames, sockets=sockets, rate=rate, seed=seed
    )
    others = [Honest(server, f"honest-{number}") for number in range(honest)]
    before = _memory(server)
    async with anyio.create_task_group() as tasks:
        for one in others:
            tasks.start_soon(one.run)
        await anyio.sleep(1)
        marks = [(time.monotonic(), _processor(server))]
        await anyio.sleep(quiet)
        marks.append((time.monotonic(), _processor(server)))
        tally = await _attack(order)
        marks.append((time.monotonic(), _processor(server)))
        for one in others:
            one.stop()
    after = _memory(server)
    await server.stop()
    (start, used), (turn, used_calm), (end, used_all) = marks
    calm, stormy = (start, turn), (turn, end)
    log = server.log.read_text(errors="replace")
    return Result(
        tally=tally,
        words=(_waits([one.words for one in others], calm), _waits([one.words for one in others], stormy)),
        pings=(_waits([one.pings for one in others], calm), _waits([one.pings for one in others], stormy)),
        missing=sum(one.missing for one in others),
        cut=sum(one.is_cut for one in others),
        corrupt=sum(map(int, _CORRUPT.findall(log))),
        busy=((used_calm - used) / (turn - start), (used_all - used_calm) / (end - turn)),
        memory=(before, after),
        failures=[line[-300:] for line in log.splitlines() if "Traceback" in line or "[error" in line][:10],
    )


async def _attack(order: Order) -> Tally:
    command = [sys.executable, "-m", "benchmarks.fuzz.attack"]
    done = await anyio.run_process(command, input=msgspec.json.encode(order), cwd=ROOT, stderr=None)
    return msgspec.json.decode(done.stdout, type=Tally)


def _waits(of_all: Iterable[Sequence[Wait]], span: Span) -> list[float]:
    """Waits that began in a span, sorted."""
    return sorted(wait.seconds for waits in of_all for wait in waits if span[0] <= wait.at < span[1])


def _memory(server: ServerProcess) -> int:
    """KiB that the process holds."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.pid}/status").read_text())
    return int(found[1]) if found else 0


def _processor(server: ServerProcess) -> float:
    """Seconds of a processor that the process took so far."""
    times = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
