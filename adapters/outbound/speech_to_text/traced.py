"""A recognizer whose connections leave traces."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream
from ports.tracer import Attribute, Tracer


class TracedSpeechToText:
    """One span for each connection, from before it is opened. What goes over it passes nothing here."""

    def __init__(self, recognizer: SpeechToText, *, tracer: Tracer) -> None:
        self.name = recognizer.name
        self.terms = recognizer.terms
        self._recognizer = recognizer
        self._tracer = tracer

    async def __aenter__(self) -> "TracedSpeechToText":
        context: Any = self._recognizer
        if hasattr(context, "__aenter__"):
            await context.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        context: Any = self._recognizer
        if hasattr(context, "__aexit__"):
            await context.__aexit__(kind, error, trace)

    def supports(self, language: str) -> bool:
        """As the recognizer does."""
        return self._recognizer.supports(language)

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        """As the recognizer does; raises what it raises."""
        attributes = {Attribute.RECOGNIZER: self.name, Attribute.LANGUAGE: request.language}
        with self._tracer.span("recognizer connection", attributes):
            async with self._recognizer.open_stream(request) as stream:
                yield stream

    async def diagnose(self) -> Any:  # noqa: ANN401 - a Diagnosis
        """How the recognizer does."""
        context: Any = self._recognizer
        return await context.diagnose()
