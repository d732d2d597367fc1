"""Files as a device keeps them while nobody listens."""

from collections.abc import Iterable
from datetime import datetime

PACKET_BYTES = 640


def framed(packets: Iterable[bytes]) -> bytes:
    """A file of packets."""
    return b"".join(len(packet).to_bytes(4, "little") + packet for packet in packets)


def framed_pcm(pcm: bytes) -> bytes:
    """A file of plain samples, 20 ms in each packet."""
    return framed(pcm[start : start + PACKET_BYTES] for start in range(0, len(pcm), PACKET_BYTES))


def name_of(at: datetime, *, codec: str = "pcm16", rate: int = 16_000) -> str:
    """What an app calls a file that begins at a moment."""
    return f"audio_omi_{codec}_{rate}_1_{int(at.timestamp())}.bin"
