"""The `omi` command."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: its idle threads spin, at 50 ms of CPU a product

import sys  # noqa: E402
import time  # noqa: E402

import click  # noqa: E402

from bootstrap.logging import configure  # noqa: E402
from bootstrap.settings import Settings, WrongSetting, load  # noqa: E402

STARTED = time.monotonic()


def settings_or_exit() -> Settings:
    """The settings; a wrong one ends the program with one line."""
    try:
        return load()
    except WrongSetting as error:
        raise click.ClickException(str(error)) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Omi: live transcription and memory, on your own machine."""


@main.command()
def serve() -> None:
    """Starts the server."""
    from adapters.inbound.server.server import serve as serve_application
    from bootstrap.asgi import Program
    from bootstrap.container import Container

    settings = settings_or_exit()
    configure(settings.log_level)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    program = Program(Container(settings=settings))
    serve_application(
        program.application, host=settings.host, port=settings.port, drain=program.drain, ready=lambda a: print(a, time.monotonic() - STARTED)
    )


if __name__ == "__main__":
    sys.exit(main())
