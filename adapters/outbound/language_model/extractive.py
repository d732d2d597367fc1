"""Memories without a language model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar, cast

import anyio
import anyio.to_thread

from adapters.outbound.language_model.categories import EMOJI, category_of
from adapters.outbound.language_model.overview import overview_of
from adapters.outbound.language_model.sentences import talk_of
from adapters.outbound.language_model.title import title_of
from domain.memory import Category, MemoryDraft, Structure
from domain.transcript import TranscriptSegment
from ports.diagnosis import Condition, Diagnosis
from ports.language_model import Answer, Capabilities, Refused, Task, Writing

T = TypeVar("T")


class ExtractiveLanguageModel:
    """Makes memory drafts by picking words and sentences out of the transcript. It understands nothing.

    The title lists the words that were said most beyond their usual share, the overview quotes sentences, the
    category is the one whose typical words occur. Action items and events are left out: rules find more wrong
    ones than right ones. Made for English; of other languages it quotes too, but knows no categories. It needs
    nothing installed, costs milliseconds, and cannot be talked into anything by what was said.

    Other tasks get their fallback.
    """

    name = "extractive"
    capabilities = Capabilities(writing=Writing.TEXT, context_tokens=100_000_000)
    """A talk is never too long for it."""

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    async def generate(self, task: Task[T]) -> Answer[T]:
        """The draft of a memory, or a task's fallback.

        Raises:
            Refused: the task has none.
        """
        if task.output is MemoryDraft:
            if self._limiter is None:
                self._limiter = anyio.CapacityLimiter(1)
            draft = await anyio.to_thread.run_sync(draft_of, task.segments, limiter=self._limiter)
            return Answer(value=cast("T", draft), model=self.name)
        if task.fallback is None:
            raise Refused(f"{self.name} drafts memories; {task.name} needs a language model")
        return Answer(value=task.fallback, model=self.name)

    @asynccontextmanager
    async def stream(self, task: Task[str]) -> AsyncIterator[AsyncIterator[str]]:
        """A task's fallback, in one piece."""
        yield _one_piece((await self.generate(task)).value)

    async def diagnose(self) -> Diagnosis:
        """It always works, and is the simplest choice."""
        return Diagnosis(
            condition=Condition.WORKING, finding="quotes titles and overviews from transcripts; no model is asked"
        )


def draft_of(segments: tuple[TranscriptSegment, ...]) -> MemoryDraft:
    """What can be told of a transcript by counting. To be discarded only when not one word was said."""
    talk = talk_of(segments)
    if talk.real_words == 0:
        return MemoryDraft(discard=True)
    category = category_of(talk.sentences) if talk.is_english else Category.OTHER
    return MemoryDraft(
        structure=Structure(
            title=title_of(talk), overview=overview_of(talk.sentences), emoji=EMOJI[category], category=category
        )
    )


async def _one_piece(text: str) -> AsyncIterator[str]:
    yield text
