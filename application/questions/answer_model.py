"""What writes an answer from what was found."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from application.tasks.answer_question import answer_question
from domain.material import NOTHING_KNOWN, Background, Passage
from ports.language_model import LanguageModel


class AnswerPrompt(Struct, frozen=True, kw_only=True):
    """All that an answer is written from. What to do with it is the model's own, and trusted."""

    question: str
    """Untrusted, as are history and passages."""
    passages: tuple[Passage, ...] = ()
    """Cited by number; the first one is 1."""
    history: str = ""
    """The chat so far, oldest first."""
    background: Background = NOTHING_KNOWN
    """From our own records: facts, the user's name, what time it is."""
    persona: str = ""
    """How a chat plugin wants to sound."""
    language: str = "en"


class AnswerModel(Protocol):
    """Writes answers that are shown while they are written."""

    def stream(self, prompt: AnswerPrompt) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Pieces of one answer that cites passages as [1], in order; to be iterated once.

        Raises (on entering and from the iteration):
            AdapterError: there is no answer, or no more of it.
        """
        ...


class TaskAnswerModel:
    """A language model, given the task `answer_question`."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    def stream(self, prompt: AnswerPrompt) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Pieces of one answer; see the protocol."""
        task = answer_question(
            prompt.question,
            passages=prompt.passages,
            background=prompt.background,
            language=prompt.language,
            history=prompt.history,
            persona=prompt.persona,
        )
        return self._model.stream(task)
