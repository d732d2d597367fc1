"""How owners sound, for tests."""

from adapters.outbound.speech_to_text.priming import SILENCE
from domain.audio import SAMPLE_BYTES
from domain.ids import UserId
from domain.watermark import speech
from ports.errors import TemporarilyUnavailable

FIRST_WORD = 100
"""Number of the first watermarked word of a clip: simulated vendors hear another voice there than in what is said."""


class FixedOwnerClip:
    """The same clip for everybody, from memory."""

    def __init__(self, pcm: bytes | None) -> None:
        self._pcm = pcm
        self.asked: list[UserId] = []

    async def clip(self, user: UserId) -> bytes | None:
        self.asked.append(user)
        return self._pcm


class NoOwnerClip:
    """A store that is away."""

    async def clip(self, user: UserId) -> bytes | None:
        raise TemporarilyUnavailable(f"nobody knows how {user!r} sounds")


def owners_clip(*, words: int = 16, pause: int = 400) -> bytes:
    """Watermarked words, to be told from those that a test speaks."""
    return speech(FIRST_WORD, words, pause=pause)


def ahead_of_live(pcm: bytes) -> int:
    """Samples that go ahead of the live audio where a clip is played as a whole."""
    return len(pcm) // SAMPLE_BYTES + SILENCE
