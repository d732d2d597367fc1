"""The way of a connection's audio whose client wants all of it heard: what the gate holds back goes on, too."""

from application.listening.outbox import PAUSE
from application.listening.stream_transcription import StreamTranscription
from domain.audio import SAMPLE_RATE

ASKED_EVERY = 5 * SAMPLE_RATE
"""Of silence, after which the recognizer is asked whether there were words in it."""


class UngatedTranscription(StreamTranscription):
    """Hands on silence, a moment late, where the gate would drop it.

    It is silence all the same: it ends conversations, is owed no words, and is not told apart by voices.
    """

    _unasked = 0

    def _settle(self, position: int) -> None:
        for frame in tuple(self._held):
            piece = frame.between(frame.start, position)
            if piece is None:
                break
            self._outbox.put(piece)
            self._unasked += piece.end - piece.start
        super()._settle(position)
        if self._unasked >= ASKED_EVERY:
            self._unasked = 0
            self._outbox.mark(PAUSE)
