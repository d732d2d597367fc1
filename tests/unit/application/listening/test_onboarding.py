"""Somebody who is new is asked in turn, and answers by speaking."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock, settle
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.listening.onboarding import Onboarding
from domain.ids import ConversationId, SegmentId, UserId
from domain.onboarding import QUESTIONS, Question
from domain.session import OnboardingCompleted, OnboardingQuestion, QuestionAnswered, SessionEvent, TranscriptGrew
from domain.transcript import TranscriptChange, TranscriptSegment
from ports.errors import TemporarilyUnavailable

ANNA = UserId("anna")
CONVERSATION = ConversationId("c")
ANSWERS = ("Anna", "I am a nurse", "chess and hiking", "learning Spanish", "my sister Julia")


class Scene:
    """A session with words that are pretended."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.values = InMemoryKeyValueStore(clock=self.clock)
        self.session: Any = SimpleNamespace(
            captured=0, is_speaking=False, conversation=SimpleNamespace(id=CONVERSATION)
        )
        self.events: list[SessionEvent] = []
        self.learned: list[tuple[str, str]] = []
        self.failure: TemporarilyUnavailable | None = None
        self.onboarding: Onboarding

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        self.events.clear()
        self.onboarding = Onboarding(
            ANNA,
            session=self.session,
            tell=self.events.append,
            values=self.values,
            learn=self._learn,
            clock=self.clock,
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.onboarding.run)
            await settle()
            yield
            tasks.cancel_scope.cancel()

    def say(self, text: str, *, seconds: float = 1.0) -> None:
        start, self.session.captured = self.session.captured, self.session.captured + int(16_000 * seconds)
        segment = TranscriptSegment(id=SegmentId("s"), text=text, start=start, end=self.session.captured)
        self.onboarding.offer(TranscriptGrew(CONVERSATION, 0, TranscriptChange((segment,), (segment,))))

    async def answer(self, text: str) -> None:
        self.say(text)
        await self.wait(2)

    async def wait(self, seconds: float) -> None:
        for _ in range(int(seconds * 4)):
            await self.clock.advance(0.25)

    @property
    def asked(self) -> list[int]:
        return [event.index for event in self.events if isinstance(event, OnboardingQuestion)]

    @property
    def answered(self) -> list[tuple[int, bool]]:
        return [(event.index, event.is_answered) for event in self.events if isinstance(event, QuestionAnswered)]

    @property
    def completed(self) -> list[OnboardingCompleted]:
        return [event for event in self.events if isinstance(event, OnboardingCompleted)]

    async def _learn(self, user: UserId, told: Sequence[tuple[Question, str]]) -> int:
        assert user == ANNA
        if self.failure is not None:
            raise self.failure
        self.learned += [(question.label, answer) for question, answer in told]
        return len(told)


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_one_question_is_asked_after_the_other_and_facts_are_made_of_the_answers(scene: Scene) -> None:
    async with scene.connected():
        first = scene.events[0]
        assert first == OnboardingQuestion(question=QUESTIONS[0].text, index=0, total=len(QUESTIONS))
        for number, answer in enumerate(ANSWERS):
            assert scene.asked == list(range(number + 1))
            await scene.answer(answer)
    assert scene.answered == [(number, True) for number in range(len(QUESTIONS))]
    assert [answer for _, answer in scene.learned] == list(ANSWERS)
    assert scene.completed == [OnboardingCompleted(conversation=CONVERSATION, facts=5)]


async def test_an_answer_is_over_after_a_pause(scene: Scene) -> None:
    async with scene.connected():
        scene.say("I am")
        await scene.wait(1)
        scene.say("Anna")
        await scene.wait(1)
        assert scene.asked == [0]
        await scene.wait(1)
        assert scene.asked == [0, 1]


async def test_who_still_speaks_has_not_answered_but_noise_is_no_speech_for_ever(scene: Scene) -> None:
    async with scene.connected():
        scene.session.is_speaking = True
        scene.say("Anna")
        await scene.wait(5)
        assert scene.asked == [0]
        await scene.wait(4)
        assert scene.asked == [0, 1]


async def test_a_word_too_few_is_no_answer(scene: Scene) -> None:
    async with scene.connected():
        await scene.answer("Anna")
        await scene.answer("nurse")
        await scene.answer("well")
        assert scene.asked == [0, 1, 2]
        await scene.answer("chess")
        assert scene.asked == [0, 1, 2, 3]


async def test_what_was_said_before_the_question_is_no_answer(scene: Scene) -> None:
    async with scene.connected():
        early = TranscriptSegment(id=SegmentId("s"), text="hello there", start=-100, end=0)
        scene.onboarding.offer(TranscriptGrew(CONVERSATION, 0, TranscriptChange((early,), (early,))))
        await scene.wait(3)
        assert scene.asked == [0]


async def test_a_question_can_be_skipped(scene: Scene) -> None:
    async with scene.connected():
        for _ in QUESTIONS:
            scene.onboarding.skip()
        await scene.wait(1)
        assert scene.answered == [(number, False) for number in range(len(QUESTIONS))]
        assert scene.completed == [OnboardingCompleted(conversation=CONVERSATION, facts=0)]
        scene.onboarding.skip()  # of nothing
        await scene.wait(1)
    assert len(scene.completed) == 1


async def test_who_comes_back_goes_on_where_they_were(scene: Scene) -> None:
    async with scene.connected():
        await scene.answer(ANSWERS[0])
        await scene.answer(ANSWERS[1])
    async with scene.connected():
        assert scene.asked == [2]
        for answer in ANSWERS[2:]:
            await scene.answer(answer)
    assert [answer for _, answer in scene.learned] == list(ANSWERS)


async def test_who_is_ready_is_asked_again_and_what_they_said_before_does_not_count(scene: Scene) -> None:
    async with scene.connected():
        scene.say("one moment")
        scene.onboarding.start()
        await scene.wait(4)
        assert scene.asked == [0, 0]
        assert scene.answered == []


async def test_who_was_through_is_told_again_and_starts_anew_when_they_want_to(scene: Scene) -> None:
    async with scene.connected():
        for answer in ANSWERS:
            await scene.answer(answer)
    kept = await scene.values.get("users:anna:onboarding")
    assert kept is not None
    assert b"Julia" not in kept  # facts are made: the words are no longer needed
    async with scene.connected():
        assert (scene.asked, [one.facts for one in scene.completed]) == ([], [5])
        scene.onboarding.start()
        await scene.wait(1)
        assert scene.asked == [0]


async def test_answers_that_could_not_be_kept_are_tried_again(scene: Scene) -> None:
    scene.failure = TemporarilyUnavailable("not now")
    async with scene.connected():
        for answer in ANSWERS:
            await scene.answer(answer)
        assert [one.error is None for one in scene.completed] == [False]
        scene.failure = None
        scene.onboarding.start()
        await scene.wait(1)
    assert [(one.facts, one.error is None) for one in scene.completed] == [(0, False), (5, True)]


async def test_what_was_kept_by_another_program_begins_anew(scene: Scene) -> None:
    await scene.values.put("users:anna:onboarding", b"nonsense")
    async with scene.connected():
        assert scene.asked == [0]
