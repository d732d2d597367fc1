"""Word error rate through the whole socket path, next to what the same model makes of the bare recordings.

Run it with `python -m benchmarks.accuracy [FOLDER] [--json FILE]`; takes a minute and a half. Every recording is
played in real time, as a device sends it, to two servers: one as it comes, and one whose gate lets everything
through but tells the same pauses. What the second one hears and the first one does not was lost by gating.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import click
import msgspec

from benchmarks.accuracy_report import Accuracy, FileAccuracy, table
from benchmarks.bare_recognition import BareRecognizer, spoken_until, through_opus
from benchmarks.server_process import ServerProcess, running_server
from benchmarks.socket_player import Heard, play
from benchmarks.spoken_files import NoRecordings, SpokenFile, default_folder, spoken_files
from benchmarks.turn_starts import deviations
from benchmarks.word_alignment import lost
from benchmarks.word_error_rate import normalized, word_errors

AT_ONCE = 6
"""Recordings that are played to a server at the same time."""
EVERYTHING_PASSES = {"OMI_SPEECH_GATE__ONSET": "0", "OMI_SPEECH_GATE__HANGOVER": "3600"}
"""The gate opens at once and never closes; utterances end where they would end otherwise."""


async def measure(files: Sequence[SpokenFile]) -> Accuracy:
    """All figures.

    Raises:
        ServerFailed: a server did not start or stop as it should.
    """
    bare = await anyio.to_thread.run_sync(_bare, files)
    gated: dict[str, Heard] = {}
    open_: dict[str, Heard] = {}
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_play_all, files, {}, gated)
        tasks.start_soon(_play_all, files, EVERYTHING_PASSES, open_)
    return Accuracy(files=tuple(_compared(file, bare[file.name], gated[file.name], open_[file.name]) for file in files))


async def _play_all(files: Sequence[SpokenFile], settings: Mapping[str, str], heard: dict[str, Heard]) -> None:
    """Plays the recordings to a server, the longest first: they determine how long it takes."""
    limit = anyio.CapacityLimiter(AT_ONCE)

    async def play_one(server: ServerProcess, file: SpokenFile) -> None:
        async with limit:
            heard[file.name] = await play(file.pcm, server=server.address, token=server.token(file.name))

    async with running_server(settings) as server, anyio.create_task_group() as tasks:
        for file in sorted(files, key=lambda file: -len(file.pcm)):
            tasks.start_soon(play_one, server, file)


class _Bare(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    coded: str
    """Of the same recording after Opus."""
    spoken_until: float


def _bare(files: Sequence[SpokenFile]) -> dict[str, _Bare]:
    recognizer = BareRecognizer()
    return {
        file.name: _Bare(
            text=recognizer.text(file.pcm),
            coded=recognizer.text(through_opus(file.pcm)),
            spoken_until=spoken_until(file.pcm),
        )
        for file in files
    }


def _compared(file: SpokenFile, bare: _Bare, gated: Heard, open_: Heard) -> FileAccuracy:
    reference = normalized(file.reference)
    return FileAccuracy(
        name=file.name,
        bare=word_errors(file.reference, heard=bare.text),
        coded=word_errors(file.reference, heard=bare.coded),
        gated=word_errors(file.reference, heard=gated.text),
        open=word_errors(file.reference, heard=open_.text),
        lost=tuple(lost(reference, before=normalized(open_.text), after=normalized(gated.text))),
        captured=gated.captured,
        speech=gated.speech,
        latency=gated.said[-1].arrived - bare.spoken_until if gated.said else None,
        turn_deviations=deviations(file.turns, starts=[said.start for said in gated.said]),
        text=gated.text,
    )


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--json", "output", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures here too.")
def main(folder: Path | None, output: Path | None) -> None:
    """Plays the recordings in FOLDER and prints what was heard of them."""
    try:
        files = spoken_files(folder or default_folder())
    except NoRecordings as error:
        sys.exit(f"accuracy: {error}")
    accuracy = anyio.run(measure, files)
    for line in table(accuracy):
        print(line)
    if output:
        output.write_bytes(msgspec.json.format(msgspec.json.encode(accuracy)))


if __name__ == "__main__":
    main()
