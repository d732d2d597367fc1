"""What the present app is sent while a new user is asked questions."""

from typing import Any

from domain.session import OnboardingCompleted, OnboardingQuestion, QuestionAnswered, SessionEvent


def message(news: SessionEvent) -> dict[str, Any] | None:
    """The event, in its words; None for what it is not told. What it calls memories here are facts."""
    match news:
        case OnboardingQuestion(question=question, index=index, total=total):
            return {
                "type": "onboarding_question",
                "question": question,
                "question_index": index,
                "total_questions": total,
            }
        case QuestionAnswered(index=index, is_answered=is_answered):
            return {"type": "question_answered", "question_index": index, "answered": is_answered}
        case OnboardingCompleted(conversation=conversation, facts=facts, error=error):
            return {
                "type": "onboarding_complete",
                "conversation_id": conversation,
                "memories_created": facts,
                "error": error,
            }
        case _:
            return None
