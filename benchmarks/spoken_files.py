"""Recordings of which is known what is said in them, and when somebody begins to speak."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from adapters.inbound.command_line.audio_files import read_audio

DEFAULT_FOLDER = Path("../shared/audio")
MANIFEST = "manifest.json"


class NoRecordings(Exception):
    """There is nothing to measure with. The message says where it was looked for."""


class SpokenFile(Struct, frozen=True, kw_only=True):
    """A recording with its words."""

    name: str
    pcm: bytes
    """Mono, signed 16-bit little-endian, 16 kHz."""
    reference: str
    """What is said, in any spelling."""
    turns: tuple[float, ...] = ()
    """Seconds at which somebody begins to speak, in order; empty where nobody noted them."""


class _Entry(Struct, frozen=True):
    file: str
    reference_text: str | None = None


def default_folder() -> Path:
    """Where recordings lie when nobody says: `OMI_TEST_AUDIO`, or beside the project."""
    return Path(os.environ.get("OMI_TEST_AUDIO") or DEFAULT_FOLDER)


def spoken_files(folder: Path) -> list[SpokenFile]:
    """All recordings of a folder's manifest whose words are known.

    Raises:
        NoRecordings: there is no manifest, or nothing in it has words.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise NoRecordings(f"{manifest} is missing: name a folder with recordings and their manifest")
    entries = msgspec.json.decode(manifest.read_bytes(), type=list[_Entry])
    found = [
        SpokenFile(
            name=entry.file,
            pcm=read_audio(folder / entry.file),
            reference=entry.reference_text,
            turns=_turns((folder / entry.file).with_suffix(".rttm")),
        )
        for entry in entries
        if entry.reference_text
    ]
    if not found:
        raise NoRecordings(f"{manifest}: no recording has a reference_text")
    return found


def _turns(rttm: Path) -> tuple[float, ...]:
    """The starts in an RTTM file, its fourth column."""
    if not rttm.is_file():
        return ()
    rows = (line.split() for line in rttm.read_text().splitlines())
    return tuple(sorted(float(row[3]) for row in rows if row and row[0] == "SPEAKER"))
