"""Whose voice or people a command is about, and where they are kept."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from bootstrap.commands_audio import token_for
from bootstrap.commands_server import ME, create_data_folder
from bootstrap.settings import load
from domain.ids import UserId

if TYPE_CHECKING:
    from bootstrap.container import Container

ADAPTERS = (
    "clock",
    "recording_voice_activity_detector",
    "recording_decoder",
    "recording_encoder",
    "speaker_encoder",
    "memory_repository",
    "people",
    "key_value_store",
    "object_store",
    "job_queue",
)
"""That have to be open to change what is known of voices."""

JSON = click.option("--json", "form", flag_value="json", default="text", help="For programs.")


class Whose:
    """Who asks, and where."""

    def __init__(self, *, user: str, url: str | None, token: str | None) -> None:
        self.user, self.url, self.token = UserId(user), url, token


Command = Callable[..., Any]


def whose_voice(command: Command) -> Command:
    """The options that say whose voice or people, and where they are kept."""

    @click.option("--user", default=ME, show_default=True, help="Whose.")
    @click.option("--url", help="Ask a server.  [default: the stores that the settings name]")
    @click.option("--token", help="Who you are, for a server elsewhere.")
    @wraps(command)
    def with_whose(*, user: str, url: str | None, token: str | None, **more: Any) -> Any:  # noqa: ANN401 - of click
        return command(whose=Whose(user=user, url=url, token=token), **more)

    return with_whose


def token_of(whose: Whose, url: str) -> str:
    """What a server believes."""
    return whose.token or token_for(url, load(), whose.user)


@asynccontextmanager
async def voices() -> AsyncIterator["Container"]:
    """The use-cases over the stores that the settings name."""
    from bootstrap.container import Container
    from bootstrap.lifespan import opened

    settings = load()
    create_data_folder(settings)
    container = Container(settings=settings)
    async with opened(container, ADAPTERS):
        yield container
