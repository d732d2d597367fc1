"""`omi migrate`: users of a backend of the original, moved to the stores that the settings choose."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from bootstrap.commands_server import create_data_folder
from bootstrap.settings import Settings, WrongSetting, load, load_alone
from domain.ids import UserId

if TYPE_CHECKING:
    from adapters.outbound.original_backend import OriginalBackend
    from application.users.migrate_users import Migration

INCOMPLETE = 3
"""Exit code when something could not be read and was left out."""


@click.command()
@click.option("--from", "source", type=click.Path(path_type=Path, exists=True), required=True, metavar="FOLDER")
@click.option("--user", "users", multiple=True, help="Whose data; may be given several times.")
@click.option("--all-users", "everybody", flag_value="all", help="Everybody who has data there.")
@click.option("--dry-run", "how", flag_value="preview", help="Read everything, tell what would be done, write nothing.")
@click.option("--remove-old-vectors", "vectors", flag_value="remove", help="In the end, empty the original's index.")
def migrate(
    *, source: Path, users: tuple[str, ...], everybody: str | None, how: str | None, vectors: str | None
) -> int:
    """Move users from a backend of the original to the stores that the settings choose.

    FOLDER holds the `omi.toml` (or `.env`) that says where the original's stores are. Cut off at any moment, the same
    command goes on; doing it twice does it once.
    """
    from adapters.inbound.command_line.migration import show_migration
    from bootstrap.terminal import console

    if bool(users) == bool(everybody):
        raise click.UsageError("name users with --user, or take --all-users")
    names = tuple(UserId(user) for user in users)
    originals = load_alone({}, folder=source)
    migration = anyio.run(_migrated, originals, names, how is not None, vectors is not None and not how)
    show_migration(migration, console(), title="Would be moved so" if how else "Moved")
    return INCOMPLETE if migration.problems else 0


async def _migrated(source: Settings, users: tuple[UserId, ...], is_preview: bool, removes: bool) -> "Migration":  # noqa: FBT001 - of `anyio.run`
    from rich.console import Console

    from adapters.inbound.command_line.migration import moving
    from application.users.migrate_users import MigrateUsers
    from bootstrap.container import Container
    from bootstrap.lifespan import opened
    from bootstrap.whole_users import IMPORTING, data_of

    settings = load()
    create_data_folder(settings)
    container = Container(settings=settings)
    async with original_backend(source) as originals, opened(container, IMPORTING):
        profiles = container.speech_profiles()
        use_case = MigrateUsers(
            originals,
            data=data_of(container),
            recall=container.recall(),
            voices_changed=lambda user: profiles.change(user, lambda documents: documents),
        )
        whose = users or await use_case.users()
        with moving(Console(stderr=True), users=len(whose)) as told:
            work = use_case.preview if is_preview else use_case.migrate
            migration = await work(whose, told=told)
        if removes:
            await use_case.forget_vectors(whose, migration)
        return migration


@asynccontextmanager
async def original_backend(source: Settings) -> AsyncIterator["OriginalBackend"]:
    """The stores of the original that settings name, open.

    Raises:
        WrongSetting: memories are not in Firestore there, or a setting is wrong.
    """
    from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepositorySettings
    from adapters.outbound.original_backend import OriginalBackend
    from adapters.outbound.original_documents import OriginalDocuments
    from adapters.outbound.original_values import OriginalValues
    from bootstrap.adapters import chosen

    if source.names("memory_repository") != ("firestore",):
        raise WrongSetting(
            "OMI_MEMORY_REPOSITORY__NAME of the source is not firestore, where the original has its data"
        )
    place = source.of_adapter("memory_repository", "firestore", FirestoreMemoryRepositorySettings)
    async with AsyncExitStack() as stack:
        clock = chosen("clock", source)

        async def optional(port: str, name: str) -> Any:  # noqa: ANN401 - any port
            if source.chosen.get(port) != (name,):
                return None
            return await stack.enter_async_context(chosen(port, source, clock))

        values = await optional("key_value_store", "redis")
        yield OriginalBackend(
            await stack.enter_async_context(OriginalDocuments(place)),
            values=OriginalValues(values) if values is not None else None,
            files=await optional("object_store", "gcs"),
            vectors=await optional("vector_index", "pinecone"),
        )
