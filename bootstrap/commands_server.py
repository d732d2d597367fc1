"""`omi serve` and `omi token`."""
# Imports stand where they are needed: a server should start fast, and `omi token` should not load a web framework.
# ruff: noqa: PLC0415

import gc
import logging
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from bootstrap.settings import Settings, WrongSetting, load
from domain.errors import InvalidRequest
from domain.ids import UserId
from ports.errors import Rejected

ME = UserId("me")
"""Whose memories commands use when nobody else is named."""
SAMPLE = Path("examples/sample.wav")


@click.command()
@click.pass_obj
def serve(started: float) -> None:
    """Start the server. Settings come from the environment, .env and omi.toml; see omi config."""
    settings = load()
    gc.disable()  # until it listens: nearly all that a start makes stays, and looking through it takes 0.2 s
    from bootstrap.logging import configure

    configure(settings.log_level)
    from adapters.inbound.command_line.open_files import raise_open_files
    from adapters.inbound.server.server import serve as serve_application
    from bootstrap.asgi import Program
    from bootstrap.container import Container

    raise_open_files()
    create_data_folder(settings)
    container = Container(settings=settings)
    program = Program(container)
    # what is said in one line below is not told in fifty by the server
    logging.getLogger("uvicorn.error").addFilter(lambda _: program.failure is None)
    try:
        serve_application(
            program.application,
            host=settings.host,
            port=settings.port,
            drain=program.drain,
            ready=lambda address: _welcome(address, settings=settings, container=container, started=started),
        )
    finally:
        if program.failure is not None:
            raise Rejected(program.failure)


@click.command()
@click.argument("user")
@click.option("--days", type=click.IntRange(min=1), help="How long it is good for; without: as the settings say.")
def token(user: str, days: int | None) -> None:
    """Print an access token for USER of the server on this machine's data."""
    click.echo(local_token(load(), UserId(user), lifetime=timedelta(days=days) if days else None))


def local_token(settings: Settings, user: UserId, *, lifetime: timedelta | None = None) -> str:
    """A token that our own server believes.

    Raises:
        InvalidRequest: nobody can be called that.
        Rejected: tokens are not made here.
        WrongSetting: the data folder cannot be used.
    """
    if settings.names("authenticator")[0] != "local":
        raise Rejected("tokens are not made here: OMI_AUTHENTICATOR__NAME is not local; get one where it says")
    from adapters.outbound.clock.system import SystemClock
    from bootstrap.adapters import chosen

    create_data_folder(settings)
    authenticator: Any = chosen("authenticator", settings, SystemClock())
    try:
        issued: str = authenticator.issue(user, lifetime=lifetime)
    except ValueError as error:
        raise InvalidRequest(f"{user!r} cannot be a user: {error}") from error
    return issued


def create_data_folder(settings: Settings) -> None:
    """Makes sure that there is a folder for the data.

    Raises:
        WrongSetting: there cannot be one.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(f"OMI_DATA_DIR is '{settings.data_dir}'; expected a folder: {error.strerror}") from error


def _welcome(address: str, *, settings: Settings, container: Any, started: float) -> None:  # noqa: ANN401 - no types
    from adapters.inbound.command_line.welcome import Welcome, welcome_lines

    is_local = settings.names("authenticator")[0] == "local"
    welcome = Welcome(
        address=address,
        seconds=time.monotonic() - started,
        user=ME,
        token=container.authenticator().issue(ME) if is_local else None,
        try_it=f"{_this_command()} stream {_sample()}",
    )
    for line in welcome_lines(welcome, colors=sys.stdout.isatty()):
        click.echo(line)
    sys.stdout.flush()


def _this_command() -> str:
    """How the command was called, as short as that works from here."""
    called = Path(sys.argv[0]).absolute()
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else called.name


def _sample() -> str:
    return str(SAMPLE) if SAMPLE.is_file() else "RECORDING.wav"
