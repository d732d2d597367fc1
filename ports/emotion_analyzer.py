"""What a voice tells of feelings."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from domain.audio import SAMPLE_RATE, AudioFrame
from domain.emotion import MeasuredEmotions

LONGEST_WINDOW = 60 * SAMPLE_RATE
"""Samples."""


class VoiceWindow(Struct, frozen=True, kw_only=True):
    """One voice speaks for a while. It brings its own audio: nobody else's is at hand where it is measured."""

    audio: AudioFrame
    """At most `LONGEST_WINDOW`."""
    text: str = ""
    """What is said."""


class EmotionAnalyzer(Protocol):
    """Measures feelings in stretches of one voice. Nothing of a call is remembered for the next."""

    name: str
    """As in the settings: `embedded`, `hume`."""

    async def measure(self, windows: Sequence[VoiceWindow]) -> tuple[MeasuredEmotions, ...]:
        """The feelings of each stretch, in the same order; no scores where none could be measured.

        Args:
            windows: of one and the same voice, in order of time. They are compared with each other, so that a voice
                that is always loud is not taken for an angry one.

        Raises:
            Rejected: the analyzer is not set up: wrong key, no access.
            TemporarilyUnavailable: no answer, overload, a lost connection.
        """
        ...
