"""Where somebody speaks, in a recording that is finished."""

from typing import Protocol

from domain.audio import AudioFrame


class RecordingVoiceActivityDetector(Protocol):
    """Finds speech in a finished recording, where it may look ahead."""

    async def find_speech(self, recording: AudioFrame) -> tuple[tuple[int, int], ...]:
        """Stretches of speech as (start, end) positions in the capture, in order, disjoint, inside the recording.

        The same recording gives the same stretches; silence and nothing give none. Safe to cancel: a long recording
        is given up on within a few seconds.

        Raises:
            TemporarilyUnavailable: the detector failed.
        """
        ...
