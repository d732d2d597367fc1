"""Who speaks when, in a piece of audio that is short enough to be heard as a whole."""

from typing import Protocol

from domain.audio import AudioFrame
from domain.turns import LocalTurn


class SpeakerSegmenter(Protocol):
    """Tells the voices in a few seconds of audio apart, without knowing whose they are."""

    window: int
    """Samples that are heard at once. A shorter piece is heard too, with silence behind it."""

    async def segment(self, recording: AudioFrame) -> tuple[LocalTurn, ...]:
        """The turns of all voices in a piece of a capture, in order of their starts.

        Turns of one voice do not overlap; where several voices speak, the turns of each are marked. The same
        audio gives the same turns. Silence gives none.

        Raises:
            Rejected: the piece is longer than `window`.
            TemporarilyUnavailable: the segmenter failed.
        """
        ...
