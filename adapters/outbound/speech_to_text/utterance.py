"""The audio of a capture, cut into utterances that a recognizer of whole utterances can take."""

import numpy as np

from adapters.outbound.speech_to_text.loudness import loudness
from domain.audio import SAMPLE_BYTES, AudioFrame, samples

LONGEST = samples(14.0)
"""Samples. The model was trained on up to 15 s and gets lost beyond."""
_SEARCHED = samples(4.0)
"""Samples at the end of an overlong utterance among which the cut is made."""
_FRAME = samples(0.03)


class UtteranceCutter:
    """Collects frames to utterances. An utterance is an `AudioFrame` of one piece.

    It ends where the caller says, where the audio jumps, and before it gets too long: then at the quietest
    moment of its last seconds, which is most likely to be between two words.
    """

    def __init__(self, *, longest: int = LONGEST) -> None:
        self._longest = longest
        self._start = 0
        self._pcm = bytearray()

    def __len__(self) -> int:
        """Samples of the utterance that has not ended."""
        return len(self._pcm) // SAMPLE_BYTES

    @property
    def open(self) -> AudioFrame:
        """What there is of the utterance that has not ended."""
        return AudioFrame(self._start, bytes(self._pcm))

    def add(self, frame: AudioFrame) -> tuple[AudioFrame, ...]:
        """Takes audio that lies behind all before it; gives the utterances that ended by it, in order."""
        ended: tuple[AudioFrame, ...] = ()
        if not frame.pcm:
            return ended
        if frame.start != self._start + len(self):
            ended = self.end()
        if not self._pcm:
            self._start = frame.start
        self._pcm += frame.pcm
        while len(self) > self._longest:
            ended = (*ended, self._cut())
        return ended

    def end(self) -> tuple[AudioFrame, ...]:
        """Ends the utterance here; gives it, unless it is empty."""
        if not self._pcm:
            return ()
        ended = self.open
        self._start = ended.end
        self._pcm.clear()
        return (ended,)

    def _cut(self) -> AudioFrame:
        searched = min(_SEARCHED, self._longest // 2)
        first = self._longest - searched
        levels = loudness(bytes(self._pcm[first * SAMPLE_BYTES : self._longest * SAMPLE_BYTES]), frame=_FRAME)
        at = first + int(np.argmin(levels)) * _FRAME + _FRAME // 2 if len(levels) else self._longest
        ended = AudioFrame(self._start, bytes(self._pcm[: at * SAMPLE_BYTES]))
        del self._pcm[: at * SAMPLE_BYTES]
        self._start = ended.end
        return ended
