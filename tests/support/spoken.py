"""Voice messages as phones send them."""

from io import BytesIO
from wave import open as open_wave

from domain.watermark import speech


def wav(pcm: bytes, *, rate: int = 16_000) -> bytes:
    """A recording in a file."""
    file = BytesIO()
    with open_wave(file, "wb") as written:
        written.setparams((1, 2, rate, 0, "NONE", ""))
        written.writeframes(pcm)
    return file.getvalue()


def spoken(first: int, count: int) -> bytes:
    """A file in which somebody says numbered words."""
    return wav(speech(first, count, pause=4_000) + bytes(16_000))
