"""Recordings of which is known who speaks in them."""

from pathlib import Path

import msgspec
from msgspec import Struct

from adapters.inbound.command_line.audio_files import read_audio
from benchmarks.speakers.diarization_error import Said, read_rttm
from benchmarks.spoken_files import MANIFEST, NoRecordings
from domain.audio import SAMPLE_BYTES, samples

SHORTEST = samples(1.0)


class RecordedVoice(Struct, frozen=True, kw_only=True):
    """A recording of one voice."""

    file: str
    speaker: str
    pcm: bytes
    """Mono, signed 16-bit little-endian, 16 kHz."""

    def middle(self, duration: float) -> bytes | None:
        """Seconds from the middle; None where there are not as many."""
        length = samples(duration) * SAMPLE_BYTES
        if len(self.pcm) < length:
            return None
        start = (len(self.pcm) - length) // 2 // SAMPLE_BYTES * SAMPLE_BYTES
        return self.pcm[start : start + length]

    def stretches(self, duration: float) -> list[bytes]:
        """The recording in pieces; a rest that is shorter is left out unless there is nothing else."""
        size = samples(duration) * SAMPLE_BYTES
        whole = [self.pcm[at : at + size] for at in range(0, len(self.pcm) - size + 1, size)]
        return whole or ([self.pcm] if len(self.pcm) >= SHORTEST * SAMPLE_BYTES else [])


class Conversation(Struct, frozen=True, kw_only=True):
    """A recording of several voices."""

    name: str
    pcm: bytes
    turns: list[Said]
    """Who speaks when, written down by people."""

    def alone(self) -> list[RecordedVoice]:
        """Each turn of a second or more, without what others say meanwhile."""
        found = []
        for number, turn in enumerate(self.turns):
            start, end = turn.start, turn.end
            for other in self.turns:
                if other is turn or other.end <= start or other.start >= end:
                    continue
                start, end = (other.end, end) if other.end - start < end - other.start else (start, other.start)
            pcm = self.pcm[samples(max(start, 0)) * SAMPLE_BYTES : samples(max(end, 0)) * SAMPLE_BYTES]
            if len(pcm) >= SHORTEST * SAMPLE_BYTES:
                found.append(RecordedVoice(file=f"{self.name}#{number}", speaker=turn.speaker, pcm=pcm))
        return found


class _Entry(Struct, frozen=True):
    file: str
    speakers: tuple[str, ...] = ()


def recorded_voices(folder: Path) -> list[RecordedVoice]:
    """All recordings of one voice in a folder's manifest.

    Raises:
        NoRecordings: there are none.
    """
    found = [
        RecordedVoice(file=entry.file, speaker=entry.speakers[0], pcm=read_audio(folder / entry.file))
        for entry in _entries(folder)
        if len(entry.speakers) == 1
    ]
    if not found:
        raise NoRecordings(f"{folder / MANIFEST}: no recording has one speaker")
    return found


def conversations(folder: Path) -> list[Conversation]:
    """All recordings with an RTTM file beside them.

    Raises:
        NoRecordings: there is no manifest.
    """
    found = [(folder / entry.file) for entry in _entries(folder)]
    return [
        Conversation(name=path.stem, pcm=read_audio(path), turns=read_rttm(path.with_suffix(".rttm")))
        for path in found
        if path.with_suffix(".rttm").is_file()
    ]


def _entries(folder: Path) -> list[_Entry]:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise NoRecordings(f"{manifest} is missing: name a folder with recordings and their manifest")
    return msgspec.json.decode(manifest.read_bytes(), type=list[_Entry])
