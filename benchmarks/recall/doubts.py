"""When nothing that is found is an answer: questions put to the right memories, and to those of other people."""

from collections.abc import Sequence

from msgspec import Struct

from application.questions.answer_question import AnswerQuestion
from benchmarks.recall.conversations import Category, Talked
from benchmarks.recall.rankings import searching
from ports.text_embedder import TextEmbedder

MOST_OTHERS = 2
"""Other conversations that a question is put to."""


class Doubts(Struct, frozen=True, kw_only=True):
    """How often "I do not know" was the answer."""

    answerable: int
    refused_wrongly: int
    unanswerable: int
    refused_rightly: int

    def __str__(self) -> str:
        wrongly = f"{self.refused_wrongly} of {self.answerable} questions that have an answer"
        return (
            f"I do not know: {wrongly}, {self.refused_rightly} of {self.unanswerable} put to somebody else's memories"
        )


async def doubts(conversations: Sequence[Talked], embedder: TextEmbedder) -> Doubts:
    """Puts each question to its own conversation and to the next ones."""
    own: list[bool] = []
    others: list[bool] = []
    for place, talked in enumerate(conversations):
        askers = [conversations[(place + step) % len(conversations)] for step in range(MOST_OTHERS + 1)]
        async with searching(talked, embedder) as (recall, user):
            answers = AnswerQuestion(recall=recall)
            for asker in askers:
                for question in asker.questions:
                    if asker is talked and question.category is Category.ADVERSARIAL:
                        continue
                    found = await answers.passages(user, question.text, now=talked.asked_at)
                    (own if asker is talked else others).append(not found)
    return Doubts(answerable=len(own), refused_wrongly=sum(own), unanswerable=len(others), refused_rightly=sum(others))
