"""`omi doctor` and `omi config`."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from bootstrap.found_settings import found_settings
from bootstrap.known_settings import DEFAULTS
from bootstrap.settings import Settings, fitting, settings_of

if TYPE_CHECKING:
    from adapters.inbound.command_line.doctor import Check

JSON = click.option("--json", "form", flag_value="json", default="text", help="For programs.")


@click.command()
@JSON
def doctor(*, form: str) -> None:
    """Check settings, machine and every configured adapter. Exit code 1 when something is broken."""
    from adapters.inbound.command_line.doctor import examined, is_broken, show_findings
    from adapters.inbound.command_line.memories import as_json
    from bootstrap.explained import explained
    from bootstrap.logging import configure
    from bootstrap.terminal import console

    found = found_settings(os.environ, folder=Path())
    settings = fitting(settings_of(found))
    explained(settings, found)  # a wrong one ends here, with one line
    configure("error")
    findings = anyio.run(examined, _checks(settings))
    as_json(findings) if form == "json" else show_findings(findings, console())
    sys.exit(1 if is_broken(findings) else 0)


@click.command()
@JSON
def config(*, form: str) -> None:
    """Show every setting, its value and where it comes from. Secrets are masked."""
    from adapters.inbound.command_line.memories import as_json
    from adapters.inbound.command_line.shown_settings import show_settings
    from bootstrap.explained import explained
    from bootstrap.terminal import console

    found = found_settings(os.environ, folder=Path())
    shown = explained(settings_of(found), found)
    as_json(shown) if form == "json" else show_settings(shown, console())


def _checks(settings: Settings) -> dict[str, "Check"]:
    from adapters.inbound.command_line import machine
    from adapters.inbound.command_line.doctor import of_adapter
    from adapters.outbound.storage_diagnosis import diagnosed
    from bootstrap.adapters import build
    from bootstrap.container import Container
    from bootstrap.graph.adapters import dependencies

    container = Container(settings=settings)
    checks: dict[str, Any] = {
        "data folder": partial(diagnosed, settings.data_dir),
        "port": partial(machine.port, settings.host, settings.port),
        "clock": partial(machine.clock, settings.data_dir),
        "open files": machine.open_files,
    }
    for port in DEFAULTS:
        more = dependencies(container, port)
        for name in settings.names(port):
            make = partial(build, port, name, settings=settings, clock=container.clock(), **more)
            checks[f"{port}: {name}"] = partial(of_adapter, make)
    return checks
