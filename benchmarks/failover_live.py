"""Real speech through the real server, while its vendor is killed again and again.

    python -m benchmarks.failover_live [AUDIO] [--sessions 20] [--seconds 120] [--share 0.25] [--kills 5] [--seed 1]

The vendor is a recognizer behind Deepgram's protocol in a process of its own (`failover_vendor`), ended with `kill -9`
at random moments and started again some seconds later. The server's chain is that vendor, then its own recognizer. All
users speak at real time, one after the other pauses: the share of speech says how much work there is, because two
recognizers share this machine with everything else.

The memories of all users are compared to those of a run without kills. Both recognizers cut utterances by one rule and
decode each by itself, or they would differ without any fault. A third run, in which the server's own recognizer hears
everything, says how much they still differ: it is told, and not subtracted. What is missing shows as words in a row
that one run has and the other has nothing for.
"""

import argparse
import sys
from pathlib import Path

import anyio

from benchmarks.failover_compare import IN_A_ROW, compared, missing, told
from benchmarks.failover_play import kill_times, remembered, scripts
from benchmarks.spoken_files import default_folder, spoken_files
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE

LONGEST_FILE = 12.0
"""Seconds. Long recordings are of several voices at once."""
MOST_DIFFERENCE = 0.01
"""Word error rate between the memories with and without kills. Nothing is allowed for noise."""


async def run(arguments: argparse.Namespace) -> bool:
    """Plays three runs and prints what differs; says whether the promise was kept."""
    files = [f for f in spoken_files(arguments.audio) if len(f.pcm) <= LONGEST_FILE * SAMPLE_RATE * SAMPLE_BYTES]
    users = scripts(
        files, sessions=arguments.sessions, length=arguments.seconds, share=arguments.share, seed=arguments.seed
    )
    kills = kill_times(kills=arguments.kills, length=arguments.seconds, seed=arguments.seed)
    chain = "deepgram,moonshine"
    undisturbed = await remembered(users, chain=chain)
    told("without kills", users, undisturbed)
    killed = await remembered(users, chain=chain, kills=kills, seed=arguments.seed)
    told(f"killed at {', '.join(f'{moment:.0f}' for moment in kills)} s", users, killed)
    local = await remembered(users, chain="moonshine")
    told("own recognizer alone", users, local)
    difference, noise = compared(undisturbed, killed), compared(undisturbed, local)
    lost = [m for one, other in zip(undisturbed, killed, strict=True) for m in missing(one.text, after=other.text)]
    print(f"{len(users)} sessions, {difference.words} words, {len(kills)} kills")
    print(f"difference that the kills made: {difference.rate:.2%} ({difference.errors} words)")
    print(f"difference between two recognizers of the same model, without faults: {noise.rate:.2%}")
    print(f"passages of {IN_A_ROW} words or more that are missing: {len(lost)}")
    return difference.rate <= MOST_DIFFERENCE and not lost and not sum(one.gaps for one in killed)


def main() -> None:
    """Runs and prints; exit code 1 when something is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.failover_live")
    parser.add_argument("audio", nargs="?", type=Path, default=default_folder())
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--share", type=float, default=0.25, help="of the time in which somebody speaks")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    sys.exit(not anyio.run(run, parser.parse_args()))


if __name__ == "__main__":
    main()
