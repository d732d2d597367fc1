"""`omi identify`: who speaks when in a recording."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio.to_thread
from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.inbound.command_line.audio_files import read_audio
from application.recordings.diarize_recording import DiarizeRecording
from domain.audio import AudioFrame, seconds
from domain.embedding import Embedding
from domain.errors import InvalidRequest
from domain.ids import PersonId
from domain.speaker import OWNER
from domain.turns import SpokenTurn, whole_turns
from ports.errors import Rejected
from ports.speaker_encoder import SpeakerEncoder


class WireTurn(Struct, frozen=True, kw_only=True):
    """A turn, for programs. Times in seconds."""

    start: float
    end: float
    speaker: int
    """From 1; 0 where nobody can tell."""
    person: str | None
    """Name of a known voice."""


class Identify:
    """Tells who speaks when in files."""

    def __init__(
        self, *, diarize: DiarizeRecording, known: Mapping[PersonId, Embedding], names: Mapping[PersonId, str]
    ) -> None:
        """Names those of the known voices; who has no name in `names` goes by the identifier."""
        self._diarize = diarize
        self._known = known
        self._names = {OWNER: "you", **names}

    async def file(self, path: Path) -> list[WireTurn]:
        """The turns in a recording, in order of time.

        Raises:
            InvalidRequest: the file cannot be read.
            TemporarilyUnavailable: a model failed.
        """
        pcm = await anyio.to_thread.run_sync(read_audio, path)
        turns = await self._diarize.recording(AudioFrame(0, pcm), known=self._known)
        return [self._on_wire(turn) for turn in whole_turns(turns)]

    def _on_wire(self, turn: SpokenTurn) -> WireTurn:
        person = None if turn.person is None else self._names.get(turn.person, turn.person)
        return WireTurn(
            start=round(seconds(turn.start), 3), end=round(seconds(turn.end), 3), speaker=turn.speaker, person=person
        )


async def voices_in_files(files: Mapping[str, Path], encoder: SpeakerEncoder) -> dict[PersonId, Embedding]:
    """Known voices from recordings of one voice each, by name.

    Raises:
        InvalidRequest: a file cannot be read, or holds too little of a voice.
        TemporarilyUnavailable: the encoder failed.
    """
    known: dict[PersonId, Embedding] = {}
    for name, path in files.items():
        try:
            known[PersonId(name)] = await encoder.encode(await anyio.to_thread.run_sync(read_audio, path))
        except Rejected as error:
            raise InvalidRequest(f"{path}: {error}") from error
    return known


def show_turns(turns: Sequence[WireTurn], console: Console) -> None:
    """Prints a table, and below it how long each voice speaks."""
    if not turns:
        console.print("Nobody speaks.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("from", justify="right")
    table.add_column("to", justify="right")
    table.add_column("who", overflow="fold")
    for turn in turns:
        table.add_row(time(turn.start), time(turn.end), escape(voice(turn)))
    console.print(table)
    spoken: dict[str, float] = {}
    for turn in turns:
        spoken[voice(turn)] = spoken.get(voice(turn), 0.0) + turn.end - turn.start
    console.print()
    for who, duration in sorted(spoken.items(), key=lambda item: -item[1]):
        console.print(f"{escape(who)} speaks for {duration:.1f} s")


def rttm_lines(path: Path, turns: Sequence[WireTurn]) -> list[str]:
    """The turns as RTTM: one line each, times in seconds, names without spaces."""
    file = "_".join(path.stem.split()) or "recording"
    return [
        f"SPEAKER {file} 1 {turn.start:.3f} {turn.end - turn.start:.3f} <NA> <NA> "
        f"{'_'.join(voice(turn).split())} <NA> <NA>"
        for turn in turns
    ]


def voice(turn: WireTurn) -> str:
    """What to call a voice."""
    if turn.person is not None:
        return turn.person
    return f"speaker {turn.speaker}" if turn.speaker else "unknown"


def time(at: float) -> str:
    """A time to the tenth of a second: `1:05.3`, `1:02:05.0`."""
    tenths = round(at * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minute = divmod(minutes, 60)
    second = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minute:02d}:{second}" if hours else f"{minute}:{second}"
