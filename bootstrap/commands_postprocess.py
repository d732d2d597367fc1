"""`omi postprocess`."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

import sys
from pathlib import Path
from typing import Any

import anyio
import click

from bootstrap.commands_server import ME, create_data_folder
from bootstrap.settings import load
from domain.ids import MemoryId, UserId
from domain.memory import Memory, PostProcessingStatus

FAILED = 1


@click.command()
@click.argument("memory_id", metavar="MEMORY")
@click.option("--user", default=ME, show_default=True, help="Whose memory.")
@click.option(
    "--file",
    "recording",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A recording of it, where none is kept.",
)
@click.option("--json", "form", flag_value="json", default="text", help="For programs.")
def postprocess(*, memory_id: str, user: str, recording: Path | None, form: str) -> None:
    """Make a better transcript of MEMORY from its recording. It stays only if it is better."""
    from adapters.inbound.command_line.memories import as_json
    from adapters.inbound.command_line.postprocess import show_outcome
    from adapters.inbound.http.wire import memory_to_wire
    from bootstrap.terminal import console

    content = recording.read_bytes() if recording else None
    memory = anyio.run(_done, UserId(user), MemoryId(memory_id), content)
    as_json(memory_to_wire(memory)) if form == "json" else show_outcome(memory, console())
    made = memory.postprocessing
    if made is None or made.status is not PostProcessingStatus.COMPLETED:
        sys.exit(FAILED)


async def _done(user: UserId, memory_id: MemoryId, recording: bytes | None) -> Memory:
    from adapters.inbound.command_line.postprocess import PostProcessHere
    from bootstrap.container import Container
    from bootstrap.lifespan import jobs, opened
    from bootstrap.logging import configure

    settings = load()
    configure("error")
    create_data_folder(settings)
    container: Any = Container(settings=settings)
    async with opened(container), anyio.create_task_group() as tasks:
        tasks.start_soon(jobs(container).run)
        here = PostProcessHere(container.post_process(), memories=container.manage_memories(), clock=container.clock())
        memory = await here.run(user, memory_id, recording=recording)
        tasks.cancel_scope.cancel()
    return memory
