"""Files that a device recorded while nobody listened: what is in them, and where it lies in time."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import anyio.lowlevel
from msgspec import Struct

from domain.audio import SAMPLE_BYTES, AudioFormat, samples
from domain.late_speech import position
from domain.offline_errors import NotACaptureFile
from ports.audio_decoder import AudioDecoder

_LENGTH = 4
"""Bytes in front of each packet that say how long it is, little-endian."""
LONGEST_PACKET = 65_536
_OURS = 32_000
"""Bytes of the packets that are made here."""
MOST_PACKETS = 500_000
AT_ONCE = 200
"""Packets between two looks at what else there is to do: 2 ms."""
MOSTLY = 2
"""A file of which one packet in so many is corrupt holds something else than its name says."""
SHORTEST = samples(1.5)
"""Names tell whole seconds: of files that follow each other, one may seem to begin before the other has ended."""


class CaptureFile(Struct, frozen=True, kw_only=True):
    """A file that was taken."""

    key: str
    """Where the object store has it."""
    name: str = ""
    """What its app calls it; empty where nobody waits for it."""
    started_at: datetime
    """When its first packet was captured. Aware."""
    audio: AudioFormat


class PlacedFile(Struct, frozen=True, kw_only=True):
    """A file and the stretch of time whose audio is taken from it."""

    file: CaptureFile
    start: int
    """Samples, on the clock of the upload."""
    end: int
    skipped: int = 0
    """Samples at its beginning that the file before has already."""
    corrupt: int = 0
    """Packets."""


class Heard(Struct, frozen=True):
    """What a file decodes to."""

    pcm: bytes
    corrupt: int


def framed(pcm: bytes) -> bytes:
    """Samples as the content of a file."""
    packets = (pcm[at : at + _OURS] for at in range(0, len(pcm), _OURS))
    return b"".join(len(packet).to_bytes(_LENGTH, "little") + packet for packet in packets)


def packets_of(content: bytes) -> tuple[bytes, ...]:
    """The packets of a file. What broke off at its end is left out.

    Raises:
        NotACaptureFile: a length cannot be; there is not one packet; or there are too many.
    """
    packets = tuple(_packets(content))
    if not packets:
        raise NotACaptureFile("there is not one whole packet in it")
    if len(packets) > MOST_PACKETS:
        raise NotACaptureFile(f"there are more than {MOST_PACKETS} packets in it")
    return packets


def _packets(content: bytes) -> Iterator[bytes]:
    at = 0
    while at + _LENGTH <= len(content):
        size = int.from_bytes(content[at : at + _LENGTH], "little")
        if size > LONGEST_PACKET:
            raise NotACaptureFile(f"at byte {at} a packet of {size} bytes is announced")
        at += _LENGTH + size
        if size > 0 and at <= len(content):
            yield content[at - size : at]


async def decoded(content: bytes, audio: AudioFormat, decoder: AudioDecoder) -> Heard:
    """The sound of a file; none where its packets are not what its name says.

    Raises:
        NotACaptureFile: there are no packets in it.
        UnsupportedAudio: nobody can decode it.
    """
    stream, packets, pcm = decoder.open_stream(audio), packets_of(content), bytearray()
    for number, packet in enumerate(packets, start=1):
        pcm += stream.decode(packet)
        if number % AT_ONCE == 0:
            await anyio.lowlevel.checkpoint()
    pcm += stream.flush()
    is_other = stream.corrupt_packets * MOSTLY > len(packets)
    return Heard(b"" if is_other else bytes(pcm), stream.corrupt_packets)


def placed(files: Iterable[tuple[CaptureFile, Heard]], *, zero: datetime) -> tuple[PlacedFile, ...]:
    """The files in order of time. What two of them hold of the same moment is taken from the earlier one."""
    found: list[PlacedFile] = []
    end = 0
    for file, heard in sorted(files, key=lambda one: (one[0].started_at, one[0].key)):
        length = len(heard.pcm) // SAMPLE_BYTES
        start = position(file.started_at, zero=zero)
        doubled = max(0, end - start) if found else 0
        if doubled <= SHORTEST:  # it follows the one before
            start, doubled = start + doubled, 0
        if doubled < length:
            place = PlacedFile(
                file=file, start=start + doubled, end=start + length, skipped=doubled, corrupt=heard.corrupt
            )
            found.append(place)
            end = place.end
    return tuple(found)
