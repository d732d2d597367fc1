"""How soon a fresh process answers."""

import statistics

from benchmarks.figures import Figure
from benchmarks.pinned import MEBIBYTE, Usage, embedded_server

STARTS = 5


async def measure() -> list[Figure]:
    """The median of some starts with everything as it is by default: about ten seconds."""
    walls, costs, sizes = [], [], []
    for _ in range(STARTS):
        async with embedded_server() as server:
            usage = Usage(server.pid)
            walls.append(server.start_seconds)
            costs.append(usage.cpu)
            sizes.append(usage.memory / MEBIBYTE)
    remark = f"median of {STARTS}, one core, embedded models loaded"
    return [
        Figure(what="start, until it answers", value=statistics.median(walls), unit="s", remark=remark),
        Figure(what="start, processor time", value=statistics.median(costs), unit="s", remark=remark),
        Figure(what="memory after the start", value=statistics.median(sizes), unit="MiB", remark="private memory"),
    ]
