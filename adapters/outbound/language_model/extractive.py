"""Memories without a language model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar, cast

import anyio
import anyio.to_thread
from msgspec import structs

from adapters.outbound.language_model.action_items import action_items_of
from adapters.outbound.language_model.categories import EMOJI, category_of
from adapters.outbound.language_model.events import events_of
from adapters.outbound.language_model.facts import facts_of
from adapters.outbound.language_model.overview import overview_of
from adapters.outbound.language_model.people import people_of
from adapters.outbound.language_model.sentences import Talk, talk_of
from adapters.outbound.language_model.statements import statements_of
from adapters.outbound.language_model.templates import template_of
from adapters.outbound.language_model.title import title_of
from adapters.outbound.language_model.topics import topics_of
from domain.ids import SegmentId
from domain.material import NOTHING_KNOWN, Background, PhotoNotes
from domain.material import Talk as Spoken
from domain.memory import Category, MemoryDraft, Structure
from domain.transcript import TranscriptSegment
from ports.diagnosis import Condition, Diagnosis
from ports.language_model import Answer, Capabilities, Refused, Task, Writing

T = TypeVar("T")


class ExtractiveLanguageModel:
    """Makes memory drafts by picking words and sentences out of the transcript. It understands nothing.

    The title lists the words that were said most beyond their usual share, the overview quotes sentences, the
    category is the one whose typical words occur. Action items, events and facts are found by rules: action items with
    a confidence below 1, facts only where the user says them plainly. All that is made for English; of other languages
    it quotes, names people that are known, and finds nothing else. It needs nothing installed, costs milliseconds, and
    cannot be talked into anything by what was said.

    Other tasks get a template or their fallback.
    """

    name = "extractive"
    capabilities = Capabilities(writing=Writing.TEXT, context_tokens=100_000_000)
    """A talk is never too long for it."""

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    async def generate(self, task: Task[T]) -> Answer[T]:
        """The draft of a memory, a template that is filled, or a task's fallback.

        Raises:
            Refused: the task has none.
        """
        if task.output is MemoryDraft:
            if self._limiter is None:
                self._limiter = anyio.CapacityLimiter(1)
            draft = await anyio.to_thread.run_sync(partial(_drafted, task), limiter=self._limiter)
            return Answer(value=cast("T", draft), model=self.name)
        if task.fallback is None:
            raise Refused(f"{self.name} drafts memories; {task.name} needs a language model")
        text = template_of(task)
        return Answer(value=task.conclude(text) if text else task.fallback, model=self.name)

    @asynccontextmanager
    async def stream(self, task: Task[str]) -> AsyncIterator[AsyncIterator[str]]:
        """A task's template or fallback, in one piece."""
        yield _one_piece((await self.generate(task)).value)

    async def diagnose(self) -> Diagnosis:
        """It always works, and is the simplest choice."""
        return Diagnosis(
            condition=Condition.WORKING,
            finding="quotes titles and overviews from transcripts, finds action items, events and facts of English "
            "ones by rules; no model is asked",
        )


def draft_of(
    segments: tuple[TranscriptSegment, ...], *, voices: tuple[str, ...] = (), background: Background = NOTHING_KNOWN
) -> MemoryDraft:
    """What can be told of a transcript by counting and by rules. Discarded only when not one word was said.

    Args:
        segments: the whole talk.
        voices: who speaks, for each segment.
        background: `now` is when it took place; without it nothing is given a date.
    """
    talk = talk_of(segments)
    if talk.real_words == 0:
        return MemoryDraft(discard=True)
    if talk.is_english:
        return _found(talk, spoken=Spoken(segments=segments, voices=voices), background=background)
    people = people_of(segments, (), background=background)
    return MemoryDraft(structure=_quoted(talk), people=people, topics=topics_of(talk, people=people))


def _quoted(talk: Talk) -> Structure:
    category = category_of(talk.sentences) if talk.is_english else Category.OTHER
    return Structure(
        title=title_of(talk), overview=overview_of(talk.sentences), emoji=EMOJI[category], category=category
    )


def _found(talk: Talk, *, spoken: Spoken, background: Background) -> MemoryDraft:
    """A draft with what rules for English find."""
    segments, now = spoken.segments, background.now
    statements = statements_of(segments)
    people = people_of(segments, statements, background=background)
    return MemoryDraft(
        structure=structs.replace(
            _quoted(talk),
            action_items=action_items_of(spoken, statements, now=now),
            events=events_of(segments, statements, now=now) if now is not None else (),
        ),
        facts=facts_of(segments, statements, background=background),
        people=people,
        topics=topics_of(talk, people=people),
    )


def _drafted(task: Task[Any]) -> MemoryDraft:
    voices = tuple(voice for material in task.materials if isinstance(material, Spoken) for voice in material.voices)
    segments = task.segments
    draft = draft_of(segments, voices=voices if len(voices) == len(segments) else (), background=task.background)
    return _of_photos(task) if draft.discard else draft


def _of_photos(task: Task[Any]) -> MemoryDraft:
    """Where nothing was said, what was noted of photos tells what there is to tell."""
    notes = [note for material in task.materials if isinstance(material, PhotoNotes) for note in material.descriptions]
    talk = talk_of([TranscriptSegment(id=SegmentId(""), text=note, start=0, end=0) for note in notes])
    if talk.real_words == 0:
        return MemoryDraft(discard=True)
    return MemoryDraft(structure=_quoted(talk), topics=topics_of(talk))


async def _one_piece(text: str) -> AsyncIterator[str]:
    yield text
