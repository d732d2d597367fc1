"""Recorded speech to words: slower to answer, free to look ahead."""

from typing import Protocol

from domain.audio import AudioFrame
from domain.transcript import Word
from ports.speech_to_text import TranscriptionRequest


class BatchSpeechToText(Protocol):
    """A recognizer of recordings."""

    name: str

    def supports(self, language: str) -> bool:
        """Whether a language can be asked for."""
        ...

    async def transcribe(self, recording: AudioFrame, request: TranscriptionRequest) -> tuple[Word, ...]:
        """All words of a recording, in order, on its clock.

        Raises:
            TemporarilyUnavailable: it cannot be reached, is overloaded, or did not finish.
            Rejected: it refuses: wrong key, no credit, unsupported option.
        """
        ...
