"""Feelings for tests: as told, or by loudness."""

from array import array
from collections.abc import Sequence

from anyio.lowlevel import checkpoint

from domain.emotion import MeasuredEmotions
from ports.emotion_analyzer import VoiceWindow
from ports.errors import AdapterError

_LOUDEST = 32_768


class FakeEmotionAnalyzer:
    """Hears anger in what is loud and calmness in what is not."""

    name = "fake"

    def __init__(self) -> None:
        self.measured: list[tuple[VoiceWindow, ...]] = []
        """What was asked, in order."""
        self.failure: AdapterError | None = None
        """Raised while there is one."""

    async def measure(self, windows: Sequence[VoiceWindow]) -> tuple[MeasuredEmotions, ...]:
        """Scores by the loudest sample of each window.

        Raises:
            AdapterError: it was told to fail.
        """
        await checkpoint()
        self.measured.append(tuple(windows))
        if self.failure is not None:
            raise self.failure
        return tuple(map(_measured, windows))


def _measured(window: VoiceWindow) -> MeasuredEmotions:
    audio = window.audio
    loudness = max((abs(sample) for sample in array("h", audio.pcm)), default=0) / _LOUDEST
    scores = {"anger": loudness, "calmness": 1 - loudness} if loudness else {}
    return MeasuredEmotions(start=audio.start, end=audio.end, scores=scores)
