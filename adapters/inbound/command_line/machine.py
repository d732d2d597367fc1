"""What `omi doctor` looks at on the machine itself: port, clock, open files."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread
import httpx

from adapters.inbound.command_line.open_files import most_open_files
from ports.diagnosis import Condition, Diagnosis

FEWEST_FILES = 1_024
"""Open files, each connection one: fewer are no use for a server."""
YOUNGEST = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is younger than that; a clock that shows less was never set."""
DRIFT_SECONDS = 120
"""How far in the future a file may be that was written on this machine."""


async def port(host: str, number: int) -> Diagnosis:
    """Whether the server can listen, or does already."""
    if _is_free(host, number):
        return Diagnosis(condition=Condition.WORKING, finding=f"{host}:{number} is free")
    if await _is_ours(host, number):
        return Diagnosis(condition=Condition.WORKING, finding=f"a server of ours answers at {host}:{number}")
    return Diagnosis(
        condition=Condition.BROKEN,
        finding=f"{host}:{number} cannot be listened on",
        remedy="stop what listens there, or set OMI_PORT to another port",
    )


async def clock(folder: Path) -> Diagnosis:
    """Whether the clock is set, and has not gone back behind what was written already."""
    now = datetime.now(UTC)
    remedy = "set the clock of this machine, best by NTP"
    if now < YOUNGEST:
        return Diagnosis(condition=Condition.BROKEN, finding=f"it shows {now:%Y-%m-%d}", remedy=remedy)
    ahead = await anyio.to_thread.run_sync(_newest, folder) - now.timestamp()
    if ahead > DRIFT_SECONDS:
        finding = f"it went back: a file in {folder} is {ahead:.0f} s in the future"
        return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy=remedy)
    return Diagnosis(condition=Condition.WORKING, finding=f"{now:%Y-%m-%d %H:%M:%S} UTC")


async def open_files() -> Diagnosis:
    """Whether enough connections can be taken."""
    limit = most_open_files()
    if limit is None or limit >= FEWEST_FILES:
        return Diagnosis(condition=Condition.WORKING, finding=f"up to {limit}" if limit else "no limit")
    remedy = f"raise the limit: ulimit -n {FEWEST_FILES}"
    return Diagnosis(condition=Condition.DEGRADED, finding=f"only {limit} at once", remedy=remedy)


def _newest(folder: Path) -> float:
    return max((file.stat().st_mtime for file in folder.glob("*")), default=0.0)


def _is_free(host: str, number: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, number), family=family).close()
    except OSError:
        return False
    return True


async def _is_ours(host: str, number: int) -> bool:
    name = f"[{host}]" if ":" in host else host
    async with httpx.AsyncClient(timeout=3, trust_env=False) as client:
        try:
            answer = await client.get(f"http://{name}:{number}/health/live")
        except httpx.HTTPError:
            return False
    return answer.status_code == httpx.codes.OK and answer.text == '{"status":"ok"}'
