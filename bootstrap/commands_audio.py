"""`omi stream` and `omi transcribe`."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
import click

from bootstrap.commands_server import ME, create_data_folder, local_token
from bootstrap.settings import Settings, load
from domain.audio import Codec
from domain.errors import InvalidRequest
from domain.ids import UserId

if TYPE_CHECKING:
    from adapters.inbound.command_line.screen import Screen

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - where a server listens, not where we do

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
JSON = click.option("--json", "form", flag_value="json", default="text", help="One event per line, for programs.")
LANGUAGE = click.option("--language", default="en", show_default=True, help="What is spoken.")


@click.command()
@FILES
@click.option("--codec", type=click.Choice([codec.value for codec in Codec]), default="opus", show_default=True)
@click.option("--speed", type=click.FloatRange(min=0), default=1.0, show_default=True, help="0: as fast as possible.")
@click.option("--url", help="Of the server.  [default: the one the settings describe]")
@click.option("--token", help="Who you are.  [default: user me, on this machine]")
@LANGUAGE
@JSON
def stream(
    *, files: tuple[Path, ...], codec: str, speed: float, url: str | None, token: str | None, language: str, form: str
) -> None:
    """Send recordings to a server, as the app sends what a device hears."""
    from adapters.inbound.command_line.live_socket import address
    from adapters.inbound.command_line.stream import StreamSettings
    from adapters.inbound.command_line.stream import stream as send

    settings = load()
    screen = _screen(form)
    where = url or own_url(settings)
    sent_as = Codec(codec)
    going = StreamSettings(
        url=address(where, codec=sent_as, language=language, interim="true"),
        token=token or token_for(where, settings, ME),
        codec=sent_as,
        speed=speed,
    )

    async def run() -> None:
        await send(list(files), settings=going, screen=screen)

    anyio.run(run)


@click.command()
@FILES
@click.option("--user", default=ME, show_default=True, help="Whose memory it becomes.")
@LANGUAGE
@JSON
def transcribe(*, files: tuple[Path, ...], user: str, language: str, form: str) -> None:
    """Make memories of recordings, without a server."""
    from adapters.inbound.command_line.transcribe import Transcribe
    from bootstrap.container import Container
    from bootstrap.lifespan import jobs, opened
    from bootstrap.logging import configure

    settings = load()
    configure("error")
    create_data_folder(settings)
    screen = _screen(form)

    async def run() -> None:
        container = Container(settings=settings)
        async with opened(container), anyio.create_task_group() as tasks:
            tasks.start_soon(jobs(container).run)
            hear = Transcribe(
                listen=container.listen(),
                conversations=container.conversations(),
                events=container.event_bus(),
                memories=container.manage_memories(),
                journal=container.capture_journal(),
                screen=screen,
            )
            for path in files:
                await hear.file(path, user=UserId(user), language=language)
            tasks.cancel_scope.cancel()

    anyio.run(run)


def own_url(settings: Settings) -> str:
    """Where our own server listens."""
    host = ANY_ADDRESS.get(settings.host, f"[{settings.host}]" if ":" in settings.host else settings.host)
    return f"http://{host}:{settings.port}"


def token_for(url: str, settings: Settings, user: UserId) -> str:
    """A token of our own, for our own server.

    Raises:
        InvalidRequest: it is somebody else's.
    """
    if urlsplit(url).hostname not in {*LOOPBACK, settings.host}:
        raise InvalidRequest(f"{url} is not on this machine; say who you are with --token")
    return local_token(settings, user)


def _screen(form: str) -> "Screen":
    from adapters.inbound.command_line.screen import screen_for
    from bootstrap.terminal import console

    return screen_for(console(), form=form)
