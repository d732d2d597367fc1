"""`omi profile`."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from bootstrap.whose_voices import JSON, Whose, token_of, voices, whose_voice

if TYPE_CHECKING:
    from adapters.inbound.command_line.profile import Profile


@click.group()
def profile() -> None:
    """Make your voice known, so that you are told apart from others."""


@profile.command()
@click.argument("file", type=click.Path(path_type=Path))
@whose_voice
@JSON
def upload(*, file: Path, whose: Whose, form: str) -> None:
    """Make a profile of a recording of 5 to 120 seconds: you alone, speaking as you always do."""
    from adapters.inbound.command_line.profile import as_profile

    _upload(as_profile(file), whose=whose, form=form)


@profile.command()
@click.option("--seconds", type=click.FloatRange(5, 120), default=30.0, show_default=True, help="How long.")
@whose_voice
@JSON
def record(*, seconds: float, whose: Whose, form: str) -> None:
    """Make a profile with the microphone of this machine, where there is one."""
    from adapters.inbound.command_line.microphone import Microphone
    from adapters.inbound.command_line.profile import TEXT, as_wav

    microphone = Microphone()
    click.echo(f"Read this aloud for {seconds:g} seconds, from now on:\n\n{TEXT}\n", err=True)
    _upload(as_wav(microphone.record(seconds)), whose=whose, form=form)


@profile.command()
@whose_voice
@JSON
def show(*, whose: Whose, form: str) -> None:
    """Show what your voice is known by."""
    from adapters.inbound.command_line.memories import as_json
    from adapters.inbound.command_line.profile import show_profile
    from bootstrap.terminal import console

    async def run() -> None:
        async with _profile(whose) as kept:
            known = await kept.voices()
        as_json(known) if form == "json" else show_profile(known, console())

    anyio.run(run)


@profile.command("delete")
@whose_voice
@click.confirmation_option(prompt="Forget your voice, with every recording of it?")
def delete_profile(*, whose: Whose) -> None:
    """Forget your voice, and remove every recording that it was learned from."""

    async def run() -> None:
        async with _profile(whose) as kept:
            await kept.delete()

    anyio.run(run)
    click.echo("Your voice is not known any more.")


def _upload(content: bytes, *, whose: Whose, form: str) -> None:
    from adapters.inbound.command_line.memories import as_json
    from adapters.inbound.command_line.profile import show_uploaded
    from bootstrap.terminal import console

    async def run() -> None:
        async with _profile(whose) as kept:
            made = await kept.upload(content, name="speaker_profile.wav")
        as_json(made) if form == "json" else show_uploaded(made, console())

    anyio.run(run)


@asynccontextmanager
async def _profile(whose: Whose) -> AsyncIterator["Profile"]:
    """The profile of a user: through a server when there is one to ask, else from the stores."""
    if whose.url is not None:
        from adapters.inbound.command_line.remote_voices import RemoteProfile

        async with RemoteProfile(whose.url, token=token_of(whose, whose.url)) as remote:
            yield remote
        return
    from adapters.inbound.command_line.profile import StoredProfile

    async with voices() as container:
        yield StoredProfile(container.enroll_speaker(), container.speech_profiles(), user=whose.user)
