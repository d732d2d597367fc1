"""What is known from the answers of somebody who is new."""

import pytest

from domain.onboarding import QUESTIONS, Question, is_answer, statement
from domain.onboarding_progress import Answered, Progress

NAME, WORK, INTERESTS, GOALS, PEOPLE = QUESTIONS


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        (NAME, "Anna", "Name: Anna."),
        (NAME, "My name is Anna Keller.", "Name: Anna Keller."),
        (NAME, "Hi, I'm Anna.", "Name: Anna."),
        (NAME, "Well, you can call me Bob", "Name: Bob."),
        (WORK, "I am a software engineer, mostly backend.", "Work: a software engineer, mostly backend."),
        (WORK, "um I work as nurse", "Work: nurse."),
        (WORK, "Krankenschwester", "Work: Krankenschwester."),
        (INTERESTS, "I am interested in hiking, chess and jazz.", "Interests: hiking, chess and jazz."),
        (
            GOALS,
            "I want to learn Spanish this year and run a marathon.",
            "Goals: learn Spanish this year and run a marathon.",
        ),
        (GOALS, "My goal is to spend time with my kids", "Goals: spend time with their kids."),
        (PEOPLE, "My wife Maria and our two kids", "People who matter: their wife Maria and their two kids."),
    ],
)
def test_a_phrase_stands_behind_what_was_asked_for(question: Question, answer: str, expected: str) -> None:
    assert statement(question, answer) == expected


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (WORK, "At the moment I look after my parents, but before that I was a teacher."),
        (INTERESTS, "oh that is a good question there are so many things let me think of books and films and music"),
        (GOALS, "I I don't know, we will see what I do"),
    ],
)
def test_what_is_no_phrase_is_quoted(question: Question, answer: str) -> None:
    assert statement(question, answer) == f"{question.label}: “{answer}”"


def test_a_quote_has_an_end() -> None:
    assert len(statement(GOALS, "word " * 1_000)) < 320


def test_one_word_answers_who_somebody_is_and_not_what_they_want() -> None:
    assert is_answer(NAME, "Anna")
    assert not is_answer(NAME, " ")
    assert not is_answer(GOALS, "well")


def test_questions_are_answered_or_skipped_in_turn_and_answers_go_when_facts_were_made() -> None:
    progress = Progress().answered("Anna").answered()
    assert (progress.current, progress.question) == (2, INTERESTS)
    assert progress.told == ((NAME, "Anna"),)
    for _ in QUESTIONS[2:]:
        progress = progress.answered("this and that")
    assert progress.question is None
    assert progress.made(3) == Progress(answers=tuple(Answered(n) for n in range(len(QUESTIONS))), facts=3)
