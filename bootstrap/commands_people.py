"""`omi people`."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import click

from bootstrap.whose_voices import JSON, Whose, token_of, voices, whose_voice

if TYPE_CHECKING:
    from adapters.inbound.command_line.people import AroundMe


PERSON = click.argument("person", metavar="ID")


@click.group(invoke_without_command=True)
@whose_voice
@JSON
@click.pass_context
def people(context: click.Context, *, whose: Whose, form: str) -> None:
    """List the people around you; with a command, change them."""
    context.obj = whose
    if context.invoked_subcommand is not None:
        return
    from adapters.inbound.command_line.memories import as_json
    from adapters.inbound.command_line.people import show_people
    from bootstrap.terminal import console

    async def run() -> None:
        async with _people(whose) as kept:
            found = await kept.list()
        as_json(found) if form == "json" else show_people(found, console())

    anyio.run(run)


@people.command()
@click.argument("name")
@click.pass_obj
def add(whose: Whose, *, name: str) -> None:
    """Add somebody; prints the identifier."""

    async def run() -> None:
        async with _people(whose) as kept:
            click.echo((await kept.add(name)).id)

    anyio.run(run)


@people.command()
@PERSON
@click.argument("name")
@click.pass_obj
def rename(whose: Whose, *, person: str, name: str) -> None:
    """Give somebody another name."""

    async def run() -> None:
        async with _people(whose) as kept:
            await kept.rename(person, name)

    anyio.run(run)


@people.command("delete")
@PERSON
@click.confirmation_option(prompt="Forget this person, with every recording of the voice?")
@click.pass_obj
def delete_person(whose: Whose, *, person: str) -> None:
    """Forget somebody; what they said in memories becomes nobody's, as soon as the server runs."""

    async def run() -> None:
        async with _people(whose) as kept:
            await kept.delete(person)

    anyio.run(run)


@people.command()
@PERSON
@click.argument("into", metavar="INTO")
@click.pass_obj
def merge(whose: Whose, *, person: str, into: str) -> None:
    """Say that the person ID is INTO all along (`user` for yourself); ID goes, with what was learned of both."""

    async def run() -> None:
        async with _people(whose) as kept:
            await kept.merge(person, into=into)

    anyio.run(run)


@asynccontextmanager
async def _people(whose: Whose) -> AsyncIterator["AroundMe"]:
    """The people around a user: through a server when there is one to ask, else from the stores."""
    if whose.url is not None:
        from adapters.inbound.command_line.remote_voices import RemotePeople

        async with RemotePeople(whose.url, token=token_of(whose, whose.url)) as remote:
            yield remote
        return
    from adapters.inbound.command_line.people import StoredPeople

    async with voices() as container:
        yield StoredPeople(container.manage_people(), container.join_people(), user=whose.user)
