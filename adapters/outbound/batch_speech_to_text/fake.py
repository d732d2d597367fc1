"""A recognizer of watermarked recordings: its transcript is a function of the audio, without a model."""

from adapters.outbound.speech_to_text.watermarked_words import WatermarkedWords
from domain.audio import AudioFrame
from domain.transcript import Word
from ports.errors import Rejected
from ports.speech_to_text import TranscriptionRequest


class FakeBatchSpeechToText:
    """Hears the words of `domain.watermark`, exactly where they lie. In any language."""

    name = "fake"

    def supports(self, language: str) -> bool:
        """Any that has a name."""
        return bool(language)

    async def transcribe(self, recording: AudioFrame, request: TranscriptionRequest) -> tuple[Word, ...]:
        """All words of a recording, at once.

        Raises:
            Rejected: no language is named.
        """
        if not self.supports(request.language):
            raise Rejected("a transcription needs a language, or `multi`")
        words = WatermarkedWords()
        return words.add(recording) + words.flush()
