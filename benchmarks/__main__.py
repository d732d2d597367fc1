"""`make bench`: all figures, or those that are named: `python -m benchmarks streams stages`."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy, as the server does

import platform
import sys
import time
from collections.abc import Awaitable, Callable

import anyio

from benchmarks import (
    identification,
    recognizer,
    search,
    stages,
    start,
    stores,
    stores_firestore,
    streams,
    understanding,
    voices,
)
from benchmarks.figures import Figure, show


async def _search() -> list[Figure]:
    return [
        Figure(what=f"{row.turns:,} turns: {row.what}" if row.turns else row.what, value=row.value, unit=row.unit)
        for row in await search.measure()
    ]


PARTS: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "streams": streams.measure,
    "latency": streams.latency,
    "stages": stages.measure,
    "recognizer": recognizer.measure,
    "identification": identification.measure,
    "voices": voices.measure,
    "search": _search,
    "understanding": understanding.measure,
    "stores": stores.measure,
    "stores_firestore": stores_firestore.measure,
    "start": start.measure,
}
BY_DEFAULT = tuple(part for part in PARTS if part != "latency")  # which is in `streams`


def main() -> None:
    """Measures and prints."""
    wanted = sys.argv[1:] or BY_DEFAULT
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load before: {load}\n")
    for name in wanted:
        began = time.monotonic()
        figures = anyio.run(PARTS[name], backend_options={"use_uvloop": True})
        show(f"{name} ({time.monotonic() - began:.0f} s)", figures)


if __name__ == "__main__":
    main()
