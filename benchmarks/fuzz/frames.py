"""Frames of the WebSocket protocol: odd ones, which a session has to bear, and broken ones, which end it."""

import random
from collections.abc import Callable

from msgspec import Struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
LARGEST = 64 * 1024
TEN_MIB = 10 * 1024 * 1024
_FIN, _MASKED = 0x80, 0x80
_NO_MASK = bytes(4)
"""Frames of clients are masked; this mask changes nothing, which saves time."""


class Attack(Struct, frozen=True):
    """What is sent at once."""

    kind: str
    content: bytes
    frames: int = 1
    codes: frozenset[int] = frozenset()
    """Codes with which the socket may be closed for it; none: it goes on."""


def frame(
    opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0, masked: bool = True, length: int | None = None
) -> bytes:
    """A frame as a client sends it.

    Args:
        opcode: what it is.
        payload: what it carries.
        fin: whether it ends its message.
        reserved: the three bits that have no meaning here.
        masked: as the protocol demands.
        length: what the frame says of its length; None for the truth.
    """
    size = len(payload) if length is None else length
    first = bytes([(_FIN if fin else 0) | reserved << 4 | opcode])
    bit = _MASKED if masked else 0
    if size < 126:
        head = first + bytes([bit | size])
    elif size < 1 << 16:
        head = first + bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head = first + bytes([bit | 127]) + size.to_bytes(8, "big")
    return head + (_NO_MASK if masked else b"") + payload


def _noise(dice: random.Random) -> Attack:
    return Attack("random bytes", frame(BINARY, dice.randbytes(dice.randint(3, 400))))


def _cut_packet(dice: random.Random) -> Attack:
    whole = bytes([dice.choice((0xB0, 0xB8, 0x48, 0x08, 0xFC))]) + dice.randbytes(60)
    return Attack("cut packets", frame(BINARY, whole[: dice.randint(3, 60)]))


def _giant_packet(dice: random.Random) -> Attack:
    return Attack("packets of 64 KiB", frame(BINARY, dice.randbytes(16) * (LARGEST // 16)))


def _keep_alive(dice: random.Random) -> Attack:
    return Attack("keep-alives", frame(BINARY, dice.randbytes(dice.randint(0, 2))))


def _text(dice: random.Random) -> Attack:
    said = dice.choice(
        (
            b"",
            b"null",
            b"[" * 30_000,
            b'{"type":"end_conversation"' + b" " * dice.randint(0, 99),
            b'{"type":"image_chunk","id":1}',
            b'{"type":"speaker_assigned","speaker_id":1e99}',
            b'{"type":"auth","token":"x"}',
            "\u0000\U0001f4a5".encode() * dice.randint(1, 900),
            b'{"type":"suggested_transcript","segments":' + b'[{"a":' * 900,
        )
    )
    return Attack("text where audio is due", frame(TEXT, said))


def _control(dice: random.Random) -> Attack:
    return Attack("pings and pongs", frame(dice.choice((PING, PONG)), dice.randbytes(dice.randint(0, 125))))


def _fragments(dice: random.Random) -> Attack:
    count = dice.randint(2, 8)
    parts = [frame(BINARY, dice.randbytes(dice.randint(0, 90)), fin=False)]
    for _ in range(count - 2):
        parts.append(frame(CONTINUATION, dice.randbytes(dice.randint(0, 90)), fin=False))
        if dice.random() < 0.3:
            parts.append(frame(PING, b"between"))
    parts.append(frame(CONTINUATION, b""))
    return Attack("messages in fragments", b"".join(parts), frames=len(parts))


ODD: tuple[Callable[[random.Random], Attack], ...] = (
    _noise, _noise, _noise, _cut_packet, _cut_packet, _cut_packet, _giant_packet, _keep_alive, _text, _control,
    _fragments,
)  # fmt: skip
"""What a session bears, by how often it is sent."""

WRONG, NO_TEXT, TOO_BIG = frozenset({1002}), frozenset({1007}), frozenset({1009})
EITHER = WRONG | TOO_BIG
_INVALID = b"\xc3\x28"

BROKEN: tuple[Attack, ...] = (
    Attack("text that is no UTF-8", frame(TEXT, b"hello " + _INVALID), codes=NO_TEXT),
    Attack("text that is half a character", frame(TEXT, b"\xf0\x9f"), codes=NO_TEXT),
    Attack(
        "text in fragments that is no UTF-8",
        frame(TEXT, b"a\xf0\x9f", fin=False) + frame(CONTINUATION, b"zz"),
        frames=2,
        codes=NO_TEXT,
    ),
    Attack("a byte more than 64 KiB", frame(BINARY, bytes(LARGEST + 1)), codes=TOO_BIG),
    Attack("a text of 10 MiB", frame(TEXT, b"a" * TEN_MIB), codes=TOO_BIG),
    Attack("a message of 10 MiB", frame(BINARY, bytes(TEN_MIB)), codes=TOO_BIG),
    Attack(
        "fragments of more than 64 KiB",
        frame(BINARY, bytes(40_000), fin=False) + frame(CONTINUATION, bytes(40_000)),
        frames=2,
        codes=TOO_BIG,
    ),
    Attack("a length of a terabyte", frame(BINARY, b"", length=1 << 40), codes=TOO_BIG),
    Attack("a length that cannot be", frame(BINARY, b"", length=1 << 63), codes=EITHER),
    Attack("no mask", frame(BINARY, b"abc", masked=False), codes=WRONG),
    Attack("an opcode that is none", frame(0x3, b"abc"), codes=WRONG),
    Attack("a control opcode that is none", frame(0xB, b""), codes=WRONG),
    Attack("bits without meaning", frame(BINARY, b"abc", reserved=4), codes=WRONG),
    Attack("a ping in fragments", frame(PING, b"", fin=False), codes=WRONG),
    Attack("a ping that is too long", frame(PING, bytes(126)), codes=WRONG),
    Attack("an end without a beginning", frame(CONTINUATION, b"abc"), codes=WRONG),
    Attack(
        "a beginning within another",
        frame(BINARY, b"abc", fin=False) + frame(BINARY, b"abc"),
        frames=2,
        codes=WRONG,
    ),
    Attack("a close with half a code", frame(CLOSE, b"\x03"), codes=WRONG),
    Attack("a close with a code that is none", frame(CLOSE, (999).to_bytes(2, "big")), codes=WRONG),
    Attack("a close for a reason that is no UTF-8", frame(CLOSE, b"\x03\xe8" + _INVALID), codes=WRONG | NO_TEXT),
)  # fmt: skip


def attacks(dice: random.Random, *, broken: float) -> Attack:
    """The next thing to send; broken with a likelihood."""
    return dice.choice(BROKEN) if dice.random() < broken else dice.choice(ODD)(dice)
