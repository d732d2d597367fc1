"""`omi identify`: who speaks when in a recording."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from bootstrap.settings import Settings, load
from domain.errors import InvalidRequest

if TYPE_CHECKING:
    from adapters.inbound.command_line.identify import WireTurn

VOICE = click.option(
    "--voice",
    "voices",
    multiple=True,
    metavar="NAME=FILE",
    help="A recording of somebody alone: the voice is named wherever it is heard. Several times for several people.",
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@VOICE
@click.option("--rttm", "form", flag_value="rttm", help="In the format of diarization tools.")
@click.option("--json", "form", flag_value="json", help="For programs.")
def identify(*, file: Path, voices: tuple[str, ...], form: str | None) -> None:
    """Tell who speaks when in a recording."""
    from adapters.inbound.command_line.identify import rttm_lines, show_turns
    from adapters.inbound.command_line.memories import as_json
    from bootstrap.terminal import console

    turns = anyio.run(_identified, file, _by_name(voices))
    match form:
        case "rttm":
            for line in rttm_lines(file, turns):
                click.echo(line)
        case "json":
            as_json(turns)
        case _:
            show_turns(turns, console())


def _by_name(voices: tuple[str, ...]) -> dict[str, Path]:
    """Names and files of `NAME=FILE`.

    Raises:
        InvalidRequest: one of them is neither.
    """
    found: dict[str, Path] = {}
    for given in voices:
        name, equals, path = given.partition("=")
        if not (name and equals and path):
            raise InvalidRequest(f"--voice {given}: expected NAME=FILE")
        found[name] = Path(path)
    return found


async def _identified(file: Path, voices: dict[str, Path]) -> "list[WireTurn]":
    from adapters.inbound.command_line.identify import Identify, voices_in_files
    from application.diarize_recording import DiarizeRecording
    from bootstrap.adapters import chosen
    from domain.speaker import VoiceCalibration

    settings: Settings = load()
    async with AsyncExitStack() as stack:
        opened = []
        for port in ("speaker_encoder", "speaker_segmenter"):
            adapter = chosen(port, settings)
            opened.append(adapter)
            if hasattr(adapter, "__aenter__"):
                await stack.enter_async_context(adapter)
        encoder, segmenter = opened
        calibration = VoiceCalibration(threshold=encoder.threshold, margin=encoder.margin)
        known = await voices_in_files(voices, encoder)
        diarize = DiarizeRecording(segmenter=segmenter, encoder=encoder, calibration=calibration)
        return await Identify(diarize=diarize, known=known, names={}).file(file)
