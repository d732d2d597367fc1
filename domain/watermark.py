"""Speech that says its own number: so that lost, doubled and misplaced words can be counted, not guessed.

A word is a block of 200 ms: ten sub-blocks of 20 ms, each of which carries a mark, the number of the word, its own
place in the block, and a checksum. Any one whole sub-block tells the word, at whatever sample the audio was cut.
A bit is the sign of five samples: the code survives any change of loudness that leaves samples above 256 and below
clipping, and does not survive a lossy codec.
"""

import binascii
import struct

from msgspec import Struct

WORD_SAMPLES = 3_200
"""Length of a word, 200 ms."""
SUB_BLOCK_SAMPLES = 320
"""Length of a sub-block, 20 ms."""
HIGHEST_NUMBER = 2**24 - 1

_SUB_BLOCKS = WORD_SAMPLES // SUB_BLOCK_SAMPLES
_BIT_SAMPLES = 5
_MARK = 0b1110_0101_1011_0001
_MARK_SAMPLES = 16 * _BIT_SAMPLES
_PAYLOAD = struct.Struct(">IH")
"""Number and place in 32 bits, their checksum in 16."""
_LOUDNESS = 6_000
"""Amplitude: any energy detector calls this speech."""
_ONE = struct.pack(f"<{_BIT_SAMPLES}h", *[_LOUDNESS] * _BIT_SAMPLES)
_ZERO = struct.pack(f"<{_BIT_SAMPLES}h", *[-_LOUDNESS] * _BIT_SAMPLES)


def _sign(high_byte: int) -> int:
    if high_byte in {0x00, 0xFF}:
        return ord(".")
    return ord("1") if high_byte < 0x80 else ord("0")


_SIGNS = bytes(_sign(high_byte) for high_byte in range(256))
"""High byte of a sample -> `1` above zero, `0` below, `.` too quiet to tell."""
_MARK_SIGNS = b"".join(bit.encode() * _BIT_SAMPLES for bit in f"{_MARK:016b}")


class HeardWord(Struct, frozen=True, gc=False):
    """A word that was found in audio."""

    number: int
    start: int
    """Samples from the first sample of the audio. Of a word that was cut: where what is left of it starts."""
    end: int
    place: int = 0
    """Of the first sub-block that is left of it."""

    @property
    def text(self) -> str:
        """What a recognizer writes for it."""
        return text_of(self.number)


def text_of(number: int) -> str:
    """What a recognizer that understands watermarks writes for a word."""
    return f"word{number}"


def word(number: int) -> bytes:
    """A word: 200 ms, mono, signed 16-bit little-endian, 16 kHz.

    Raises:
        ValueError: the number is below 0 or above `HIGHEST_NUMBER`.
    """
    if not 0 <= number <= HIGHEST_NUMBER:
        raise ValueError(f"word number {number}: expected 0 to {HIGHEST_NUMBER}")
    return b"".join(_sub_block(number, place) for place in range(_SUB_BLOCKS))


def speech(first: int, count: int, *, pause: int) -> bytes:
    """Words `first`, `first + 1`, ... `first + count - 1`, each followed by `pause` samples of silence."""
    silence = bytes(2 * pause)
    return b"".join(word(number) + silence for number in range(first, first + count))


def words_in(pcm: bytes) -> tuple[HeardWord, ...]:
    """All words of a piece of audio."""
    finder = WordFinder()
    return (*finder.feed(pcm), *finder.flush())


class WordFinder:
    """Finds words in audio that comes in pieces of any size.

    A word is reported once it is over: when its last sub-block was heard, or when the audio goes on otherwise.
    """

    def __init__(self) -> None:
        self._rest = b""
        """Signs not yet looked at in full."""
        self._odd = b""
        """Half a sample."""
        self._position = 0
        """Of the first sample of the rest."""
        self._open: HeardWord | None = None

    @property
    def position(self) -> int:
        """Samples heard so far."""
        return self._position + len(self._rest)

    @property
    def open(self) -> HeardWord | None:
        """The word that is being spoken: what was heard of it so far."""
        return self._open

    def feed(self, pcm: bytes) -> tuple[HeardWord, ...]:
        """Hears more; gives the words that are over now, in order."""
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        self._odd = pcm[whole:]
        self._rest += pcm[1:whole:2].translate(_SIGNS)
        return tuple(self._scan())

    def flush(self) -> tuple[HeardWord, ...]:
        """Gives the word that was being spoken, if any: nothing more comes."""
        return self._close()

    def _scan(self) -> list[HeardWord]:
        found: list[HeardWord] = []
        at = self._rest.find(_MARK_SIGNS)
        while 0 <= at <= len(self._rest) - SUB_BLOCK_SAMPLES:
            read = _read(self._rest[at : at + SUB_BLOCK_SAMPLES])
            if read is not None:
                found += self._heard(*read, self._position + at)
            at = self._rest.find(_MARK_SIGNS, at + (SUB_BLOCK_SAMPLES if read else 1))
        self._drop(at if at >= 0 else max(len(self._rest) - _MARK_SAMPLES + 1, 0))
        if self._open is not None and self.position >= self._open.end + SUB_BLOCK_SAMPLES:
            found += self._close()
        return found

    def _drop(self, count: int) -> None:
        self._rest = self._rest[count:]
        self._position += count

    def _heard(self, number: int, place: int, start: int) -> tuple[HeardWord, ...]:
        over: tuple[HeardWord, ...] = ()
        end = start + SUB_BLOCK_SAMPLES
        if self._open is not None and (self._open.number, self._open.end) == (number, start):
            self._open = HeardWord(number, self._open.start, end, self._open.place)
        else:
            over = self._close()
            self._open = HeardWord(number, start, end, place)
        return (*over, *self._close()) if place == _SUB_BLOCKS - 1 else over

    def _close(self) -> tuple[HeardWord, ...]:
        over, self._open = self._open, None
        return () if over is None else (over,)


def _sub_block(number: int, place: int) -> bytes:
    content = number << 8 | place
    payload = _PAYLOAD.pack(content, _checksum(content))
    bits = f"{_MARK:016b}{int.from_bytes(payload, 'big'):048b}"
    return b"".join(_ONE if bit == "1" else _ZERO for bit in bits)


def _read(signs: bytes) -> tuple[int, int] | None:
    """Number and place of the sub-block that starts here; None when it is not one."""
    bits = signs[_MARK_SAMPLES + _BIT_SAMPLES // 2 :: _BIT_SAMPLES]
    if b"." in bits:
        return None
    content, checksum = _PAYLOAD.unpack(int(bits, 2).to_bytes(_PAYLOAD.size, "big"))
    if checksum != _checksum(content) or content & 0xFF >= _SUB_BLOCKS:
        return None
    return content >> 8, content & 0xFF


def _checksum(content: int) -> int:
    return binascii.crc_hqx(content.to_bytes(4, "big"), 0xFFFF)
