"""A recognizer of watermarked speech: its transcript is a function of the audio, at once and without a model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.outbound.speech_to_text.fake_stream import FakeStream
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected
from ports.speech_to_text import Terms, TranscriptionRequest


class FakeSpeechToText:
    """Hears the words of `domain.watermark`, exactly where they lie. In any language."""

    name = "fake"
    terms = Terms()

    def supports(self, language: str) -> bool:
        """Any that has a name."""
        return bool(language)

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[FakeStream]:
        """Opens at once.

        Raises:
            Rejected: no language is named.
        """
        if not self.supports(request.language):
            raise Rejected("a transcription needs a language, or `multi`")
        async with FakeStream(recognizer=self.name, interim=request.interim) as stream:
            yield stream

    async def diagnose(self) -> Diagnosis:
        """It works, and understands nobody."""
        finding = "hears watermarked speech only: for tests"
        return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy="OMI_SPEECH_TO_TEXT__CHAIN=moonshine")
