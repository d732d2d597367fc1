"""Loud is speech. For tests of what lies behind the detector."""

from array import array

from msgspec import Struct

from domain.audio import AudioFrame

WINDOW = 512
"""Samples that are loud or not together."""


class FakeRecordingVoiceActivityDetectorSettings(Struct, frozen=True, kw_only=True):
    """What counts as loud."""

    loudness: float = 300.0
    """Mean absolute amplitude of a window, 0 to 32768, above which it is speech."""


class FakeRecordingVoiceActivityDetector:
    """Judges by loudness alone, at once, without a model or a thread."""

    def __init__(self, settings: FakeRecordingVoiceActivityDetectorSettings) -> None:
        self._settings = settings

    async def find_speech(self, recording: AudioFrame) -> tuple[tuple[int, int], ...]:
        """Stretches of windows that are loud."""
        samples = array("h", recording.pcm)
        stretches: list[tuple[int, int]] = []
        for at in range(0, len(samples), WINDOW):
            window = samples[at : at + WINDOW]
            if sum(map(abs, window)) <= self._settings.loudness * len(window):
                continue
            start, end = recording.start + at, recording.start + at + len(window)
            if stretches and stretches[-1][1] == start:
                start = stretches.pop()[0]
            stretches.append((start, end))
        return tuple(stretches)
