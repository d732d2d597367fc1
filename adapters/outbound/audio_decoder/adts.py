"""A stream of bytes to ADTS frames: where each AAC frame begins, how long it is, and how long it lasts."""

from collections.abc import Iterator

from msgspec import Struct

HEADER = 7
"""Bytes of the shortest header."""
LONGEST_HEADER = 9
SYNC = 0xFF
LONGEST_BLOCK = 768
"""Bytes of one channel of a raw block: the format allows no more."""
SAMPLES = 1_024
"""Of a raw block, at the rate of the header."""
RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
MOST_CHANNELS = 2


class AdtsFrame(Struct, frozen=True, gc=False):
    """A frame, or bytes between two frames that are none."""

    content: bytes
    duration: float | None
    """Seconds; None: these bytes are no frame."""


class AdtsCutter:
    """Cuts what comes in any pieces. Bytes that no frame begins with are passed over."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_lost = False
        """The last bytes were no frame: the next one has to be certain."""

    def cut(self, piece: bytes) -> Iterator[AdtsFrame]:
        """The frames that are whole now; what is passed over in between comes as one that lasts no time."""
        content, self._rest = self._rest + piece, b""
        at = 0
        while at < len(content):
            size = self._size(content, at)
            if size == 0:
                following = self._next_frame(content, at + 1)
                yield AdtsFrame(content[at:following], None)
                at = following
            elif size is None or at + size > len(content):
                self._rest = content[at:]
                return
            else:
                self._is_lost = False
                frame = content[at : at + size]
                yield AdtsFrame(frame, _duration(frame))
                at += size

    def _next_frame(self, content: bytes, start: int) -> int:
        """Where the next frame begins; behind the last byte where none does."""
        self._is_lost = True
        at = content.find(b"\xff", start)
        while at >= 0 and not self._size(content, at):
            at = content.find(b"\xff", at + 1)
        return len(content) if at < 0 else at

    def _size(self, content: bytes, at: int) -> int | None:
        """Bytes of the frame that begins here; 0: none does; None: there are too few bytes to tell."""
        size = _declared_size(content[at : at + HEADER])
        if not size or at + size >= len(content) or content[at + size] == SYNC:
            return size
        return 0 if self._is_lost or _begins_within(content, at + 1, at + size) else size


def _begins_within(content: bytes, start: int, end: int) -> bool:
    """Whether a frame begins in a stretch, and ends where the next one begins or where nothing follows yet."""
    at = content.find(b"\xff", start, end)
    while at >= 0:
        size = _declared_size(content[at : at + HEADER])
        if size and (at + size == len(content) or content[at + size : at + size + 1] == b"\xff"):
            return True
        at = content.find(b"\xff", at + 1, end)
    return False


def _declared_size(header: bytes) -> int | None:
    if header[0] != SYNC or (len(header) > 1 and header[1] & 0b1111_0110 != 0b1111_0000):
        return 0
    if len(header) < HEADER:
        return None
    channels = (header[2] & 1) << 2 | header[3] >> 6
    size = (header[3] & 0b11) << 11 | header[4] << 3 | header[5] >> 5
    is_frame = (header[2] >> 2) & 0b1111 < len(RATES) and 1 <= channels <= MOST_CHANNELS
    return size if is_frame and HEADER < size <= LONGEST_BLOCK * channels * _blocks(header) + LONGEST_HEADER else 0


def _blocks(header: bytes) -> int:
    return 1 + (header[6] & 0b11)


def _duration(frame: bytes) -> float:
    return SAMPLES * _blocks(frame) / RATES[(frame[2] >> 2) & 0b1111]
