"""`make fuzz`: odd and broken frames in great number over many sockets, beside sessions that must not notice."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import anyio

from benchmarks.crash import FAKES
from benchmarks.fuzz.trial import Result, fuzzed
from benchmarks.server_process import ServerProcess


async def _run(options: argparse.Namespace) -> Result:
    with tempfile.TemporaryDirectory(prefix="omi-fuzz-") as folder:
        server = ServerProcess(Path(folder), settings=FAKES)
        try:
            await server.start()
            return await fuzzed(
                server,
                frames=options.frames,
                sockets=options.sockets,
                rate=options.rate,
                honest=options.honest,
                quiet=options.quiet,
                seed=options.seed,
            )
        finally:
            server.kill()


def told(result: Result) -> Iterator[str]:
    """The result, to read."""
    tally = result.tally
    yield f"{tally.frames:>9,}  frames in {tally.seconds:.0f} s, over {tally.opened:,} connections"
    for kind, count in sorted(tally.sent.items(), key=lambda item: -item[1]):
        yield f"{count:>9,}    {kind}"
    yield f"{tally.right:>9,}  connections closed with the right code"
    yield f"{sum(tally.wrong.values()):>9,}  otherwise"
    for what, count in tally.wrong.items():
        yield f"{count:>9,}    {what}"
    yield f"{result.corrupt:>9,}  packets counted as corrupt"
    yield f"{result.missing:>9,}  words of others that never came, {result.cut} connections of others cut"
    yield f"{result.memory[0] / 1024:>9.0f}  MiB before, {result.memory[1] / 1024:.0f} after"
    yield f"{result.busy[0]:>9.0%}  of a processor before, {result.busy[1]:.0%} during the attack"
    for name, (calm, stormy) in (("word", result.words), ("ping", result.pings)):
        for when, waits in (("without", calm), ("with", stormy)):
            shown = "  ".join(f"{label} {at(waits, share) * 1000:.1f}" for label, share in SHARES)
            yield f"{len(waits):>9,}  waits for a {name} {when} the attack, ms: {shown}"
    yield from result.failures


SHARES = (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("worst", 1.0))


def at(waits: list[float], share: float) -> float:
    """What so many waited at most; sorted seconds."""
    return waits[min(len(waits) - 1, int(share * len(waits)))] if waits else 0.0


def main() -> int:
    """Attacks a server of its own; 1 where something was not as it should be."""
    parser = argparse.ArgumentParser(prog="benchmarks.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--sockets", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1_000.0, help="frames a second")
    parser.add_argument("--honest", type=int, default=5)
    parser.add_argument("--quiet", type=float, default=30.0, help="seconds without the attack")
    parser.add_argument("--seed", type=int, default=0)
    result = anyio.run(_run, parser.parse_args())
    sys.stdout.write("\n".join(told(result)) + "\n")
    return 1 if result.tally.wrong or result.missing or result.cut or result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
