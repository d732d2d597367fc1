"""Answers to questions become facts, with the model that needs nothing and without any."""

from typing import Any

import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.facts.memory import InMemoryFacts
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.language_model.extractive import ExtractiveLanguageModel
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from application.memories.learn_answers import LearnAnswers
from application.memories.remember_facts import RememberFacts
from application.users.accounts import Accounts
from domain.ids import UserId
from domain.onboarding import QUESTIONS
from ports.errors import TemporarilyUnavailable

ANNA = UserId("anna")
NAME, WORK, INTERESTS, GOALS, PEOPLE = QUESTIONS
TOLD = (
    (NAME, "I'm Anna."),
    (WORK, "I work as a nurse at the children's hospital in Bern."),
    (INTERESTS, "I like hiking and I play chess on weekends."),
    (GOALS, "I want to learn Spanish."),
)


class Scene:
    def __init__(self, model: Any = None) -> None:
        clock = ManualClock()
        self.facts = RememberFacts(facts=InMemoryFacts(), embedder=FakeTextEmbedder(), clock=clock)
        accounts = Accounts(store=InMemoryKeyValueStore(clock=clock))
        self.answers = LearnAnswers(
            model=model or ExtractiveLanguageModel(), accounts=accounts, facts=self.facts, clock=clock
        )

    async def contents(self) -> set[str]:
        return {fact.content for fact in await self.facts.all(ANNA)}


class Away:
    name = "away"

    async def generate(self, _task: object) -> None:
        raise TemporarilyUnavailable("away")


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_what_the_model_finds_is_kept_and_the_rest_as_it_was_said(scene: Scene) -> None:
    assert await scene.answers.learn(ANNA, TOLD) == 5
    assert await scene.contents() == {
        "Name: Anna.",
        "Works as a nurse at the children's hospital in Bern.",
        "Plays chess on weekends.",
        "Likes hiking.",
        "Goals: learn Spanish.",
    }
    assert {fact.memory_id for fact in await scene.facts.all(ANNA)} == {None}


async def test_the_same_answers_are_kept_once(scene: Scene) -> None:
    await scene.answers.learn(ANNA, TOLD)
    assert await scene.answers.learn(ANNA, TOLD) == 5
    assert len(await scene.contents()) == 5


async def test_without_a_model_all_is_kept_as_it_was_said() -> None:
    scene = Scene(Away())
    assert await scene.answers.learn(ANNA, TOLD[:2]) == 2
    assert "Name: Anna." in await scene.contents()


async def test_no_answers_are_no_facts(scene: Scene) -> None:
    assert await scene.answers.learn(ANNA, ()) == 0
