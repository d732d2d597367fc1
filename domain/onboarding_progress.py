"""How far somebody has come who is asked a few questions in turn."""

from msgspec import Struct, structs

from domain.onboarding import QUESTIONS, Question


class Answered(Struct, frozen=True):
    """A question and what was said to it; nothing where it was skipped."""

    question: int
    answer: str = ""


class Progress(Struct, frozen=True, kw_only=True):
    """Is kept, so that whoever was cut off goes on where they were."""

    answers: tuple[Answered, ...] = ()
    facts: int | None = None
    """How many facts were made of the answers; None while they are not."""

    @property
    def current(self) -> int:
        """Number of the question that is to be answered; as many as there are when all were."""
        return len(self.answers)

    @property
    def question(self) -> Question | None:
        """The one that is to be answered; None when all were."""
        return QUESTIONS[self.current] if self.current < len(QUESTIONS) else None

    def answered(self, answer: str = "") -> "Progress":
        """One further; without an answer, where it is skipped."""
        return structs.replace(self, answers=(*self.answers, Answered(self.current, answer)))

    def made(self, facts: int) -> "Progress":
        """So many facts were made of the answers, which are not kept any longer."""
        return Progress(answers=tuple(Answered(one.question) for one in self.answers), facts=facts)

    @property
    def told(self) -> tuple[tuple[Question, str], ...]:
        """Questions with what was said to them."""
        return tuple((QUESTIONS[one.question], one.answer) for one in self.answers if one.answer)
