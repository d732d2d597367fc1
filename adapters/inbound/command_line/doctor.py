"""`omi doctor`: whether everything that is configured works, and what to do where it does not."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import anyio
from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ports.diagnosis import Condition, Diagnosable, Diagnosis
from ports.errors import AdapterError

PATIENCE = 30.0
"""Seconds that one check may take."""

COLORS = {Condition.WORKING: "green", Condition.DEGRADED: "yellow", Condition.BROKEN: "red"}

Check = Callable[[], Awaitable[Diagnosis]]
"""Looks at one thing. Does not raise."""


class Finding(Struct, frozen=True):
    """What was found of one thing."""

    name: str
    diagnosis: Diagnosis


async def examined(checks: Mapping[str, Check]) -> list[Finding]:
    """All findings, in the order of the checks; they are made side by side."""
    found: dict[str, Diagnosis] = {}
    async with anyio.create_task_group() as tasks:
        for name, check in checks.items():
            tasks.start_soon(_examine, name, check, found)
    return [Finding(name, found[name]) for name in checks]


async def _examine(name: str, check: Check, found: dict[str, Diagnosis]) -> None:
    found[name] = broken(f"no answer within {PATIENCE:.0f} s")
    with anyio.move_on_after(PATIENCE):
        found[name] = await check()


async def of_adapter(build: Callable[[], Any]) -> Diagnosis:
    """How an adapter does: it is built, opened and asked.

    Args:
        build: makes it; may raise AdapterError.
    """
    try:
        adapter = build()
        async with AsyncExitStack() as stack:
            if isinstance(adapter, AbstractAsyncContextManager):
                await stack.enter_async_context(adapter)
            if isinstance(adapter, Diagnosable):
                return await adapter.diagnose()
    except AdapterError as error:
        return broken(str(error))
    return Diagnosis(condition=Condition.WORKING, finding="opens")


def broken(finding: str, remedy: str = "") -> Diagnosis:
    """Something that does not work."""
    return Diagnosis(condition=Condition.BROKEN, finding=finding, remedy=remedy)


def is_broken(findings: list[Finding]) -> bool:
    """Whether anything does not work."""
    return any(finding.diagnosis.condition is Condition.BROKEN for finding in findings)


def show_findings(findings: list[Finding], console: Console) -> None:
    """Prints a table."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "state", "finding", "remedy"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        diagnosis = finding.diagnosis
        state = f"[{COLORS[diagnosis.condition]}]{diagnosis.condition}[/]"
        table.add_row(finding.name, state, escape(diagnosis.finding), escape(diagnosis.remedy))
    console.print(table)
