"""`omi identify`: who speaks when in a recording."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from bootstrap.commands_server import ME
from bootstrap.settings import load
from domain.errors import InvalidRequest
from domain.ids import PersonId, UserId

if TYPE_CHECKING:
    from adapters.inbound.command_line.identify import WireTurn

MODELS = ("clock", "speaker_encoder", "speaker_segmenter")
STORES = ("object_store", "people", "key_value_store", "recording_decoder", "recording_voice_activity_detector")
"""Where the voices lie that a user has made known, and what reads them."""

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
@click.option("--user", default=ME, show_default=True, help="Whose known voices are named too.")
@click.option("--rttm", "form", flag_value="rttm", help="In the format of diarization tools.")
@click.option("--json", "form", flag_value="json", help="For programs.")
def identify(*, file: Path, voices: tuple[str, ...], user: str, form: str | None) -> None:
    """Tell who speaks when in a recording."""
    from adapters.inbound.command_line.identify import rttm_lines, show_turns
    from adapters.inbound.command_line.memories import as_json
    from bootstrap.terminal import console

    turns = anyio.run(_identified, file, _by_name(voices), UserId(user))
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


async def _identified(file: Path, voices: dict[str, Path], user: UserId) -> "list[WireTurn]":
    from adapters.inbound.command_line.identify import Identify, voices_in_files
    from application.recordings.diarize_recording import DiarizeRecording
    from bootstrap.container import Container
    from bootstrap.lifespan import opened
    from domain.speaker import VoiceCalibration

    settings = load()
    container = Container(settings=settings)
    kept = settings.data_dir.is_dir()  # where nothing is kept, looking for voices should not begin to keep something
    async with opened(container, (*MODELS, *(STORES if kept else ()))):
        encoder = container.speaker_encoder()
        known = await voices_in_files(voices, encoder)
        names: dict[PersonId, str] = {}
        if kept:
            known = {**await container.speech_profiles().known(user), **known}
            names = {person.id: person.name for person in await container.people().list(user)}
        diarize = DiarizeRecording(
            segmenter=container.speaker_segmenter(),
            encoder=encoder,
            calibration=VoiceCalibration(threshold=encoder.threshold, margin=encoder.margin),
        )
        return await Identify(diarize=diarize, known=known, names=names).file(file)
