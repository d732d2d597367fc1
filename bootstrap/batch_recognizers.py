"""The recognizers of recordings that the settings choose, for what is heard again."""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

from bootstrap.adapters import build
from bootstrap.settings import Settings
from ports.batch_speech_to_text import BatchSpeechToText
from ports.clock import Clock


class BatchRecognizers(Sequence[BatchSpeechToText]):
    """In order of preference; opened and closed together."""

    def __init__(self, recognizers: Sequence[Any]) -> None:
        self._recognizers = tuple(recognizers)
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> "BatchRecognizers":
        async with AsyncExitStack() as stack:
            for recognizer in self._recognizers:
                if hasattr(recognizer, "__aenter__"):
                    await stack.enter_async_context(recognizer)
            self._opened = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    def __iter__(self) -> Iterator[BatchSpeechToText]:
        return iter(self._recognizers)

    def __len__(self) -> int:
        return len(self._recognizers)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - a number or a slice
        return self._recognizers[at]


def batch_recognizers(settings: Settings, clock: Clock) -> BatchRecognizers:
    """The recognizers of `OMI_BATCH_SPEECH_TO_TEXT__NAME`, constructed and not opened yet."""
    names = settings.names("batch_speech_to_text")
    return BatchRecognizers([build("batch_speech_to_text", name, settings=settings, clock=clock) for name in names])
