"""Memories without a language model."""

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
from ports.errors import Rejected
from ports.language_model import Task

T = TypeVar("T")


class ExtractiveLanguageModel:
    """Makes memory drafts by picking words and sentences out of the transcript. It understands nothing.

    The title lists the words that were said most beyond their usual share, the overview quotes sentences, the
    category is the one whose typical words occur. Action items and events are left out: rules find more wrong
    ones than right ones. Made for English; of other languages it quotes too, but knows no categories. It needs
    nothing installed, costs milliseconds, and cannot be talked into anything by what was said.
    """

    name = "extractive"

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    async def generate(self, task: Task[T]) -> T:
        """The draft of a memory.

        Raises:
            Rejected: the task's output is something else.
        """
        if task.output is not MemoryDraft:
            raise Rejected(f"{self.name} drafts memories and nothing else; {task.name} needs a language model")
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(1)
        draft = await anyio.to_thread.run_sync(draft_of, task.segments, limiter=self._limiter)
        return cast("T", draft)

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
