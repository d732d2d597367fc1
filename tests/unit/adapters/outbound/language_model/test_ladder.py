"""A ladder of models never fails, and says when it was not the best that answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from msgspec import structs

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.language_model.extractive import ExtractiveLanguageModel
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.language_model.ladder import LadderLanguageModel
from application.tasks.answer_question import answer_question
from domain.ids import MemoryId
from domain.material import Passage
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.language_model import Budget, Capabilities, NoFittingAnswer, Refused, Task
from tests.contract.language_model_bench import draft

TALK = draft("We should plant tomatoes in the garden again.")
ASKED = answer_question("When?", passages=[Passage(memory_id=MemoryId("m"), text="The flight leaves on Thursday.")])
BUSY = TemporarilyUnavailable("busy")


class Preferred(FakeLanguageModel):
    name = "preferred"
    capabilities = Capabilities(context_tokens=8_000)


class Hanging(FakeLanguageModel):
    async def generate(self, _task):
        await anyio.sleep_forever()


class Buggy(FakeLanguageModel):
    async def generate(self, _task):
        raise ExceptionGroup("several", [ValueError("a bug")])


class BreakingOff(FakeLanguageModel):
    @asynccontextmanager
    async def stream(self, _task: Task[str]) -> AsyncIterator[AsyncIterator[str]]:
        yield self._broken()

    async def _broken(self) -> AsyncIterator[str]:
        yield "The flight"
        raise BUSY


@asynccontextmanager
async def ladder(*models: FakeLanguageModel) -> AsyncIterator[tuple[LadderLanguageModel, ManualClock]]:
    clock = ManualClock()
    async with LadderLanguageModel([*models, ExtractiveLanguageModel()], clock=clock) as model:
        yield model, clock


async def read(model: LadderLanguageModel, task: Task[str] = ASKED) -> str:
    async with model.stream(task) as pieces:
        return "".join([piece async for piece in pieces])


async def test_the_first_one_answers_while_it_works() -> None:
    async with ladder(Preferred()) as (model, _):
        answer = await model.generate(TALK)
        assert (answer.model, answer.degraded) == ("preferred", ())


@pytest.mark.parametrize(
    "error", [BUSY, Rejected("wrong key"), NoFittingAnswer("prose")], ids=lambda e: type(e).__name__
)
async def test_what_the_first_one_fails_at_the_last_one_does(error: AdapterError) -> None:
    preferred = Preferred()
    preferred.answers.append(error)
    async with ladder(preferred) as (model, _):
        answer = await model.generate(TALK)
    assert (answer.model, answer.degraded) == ("extractive", ("structure_memory",))
    assert answer.value.structure.title


async def test_a_task_that_was_refused_is_not_worth_another_try() -> None:
    preferred = Preferred()
    preferred.answers.append(Refused("no"))
    async with ladder(preferred) as (model, _):
        answer = await model.generate(TALK)
        assert (answer.model, answer.degraded) == ("extractive", ())
        assert (await model.generate(TALK)).model == "preferred"


async def test_a_model_that_failed_is_left_alone_for_a_while() -> None:
    preferred = Preferred()
    preferred.answers.append(BUSY)
    async with ladder(preferred) as (model, clock):
        await model.generate(TALK)
        again = await model.generate(TALK)
        assert (again.model, again.degraded) == ("extractive", ("structure_memory",))
        assert len(preferred.tasks) == 1
        await clock.advance(16)
        assert (await model.generate(TALK)).model == "preferred"
        assert (await model.generate(TALK)).degraded == ()


async def test_a_wrong_key_is_not_tried_again_for_long() -> None:
    preferred = Preferred()
    preferred.answers.append(Rejected("wrong key"))
    async with ladder(preferred) as (model, clock):
        await model.generate(TALK)
        await clock.advance(600)
        assert (await model.generate(TALK)).model == "extractive"
        await clock.advance(1_300)
        assert (await model.generate(TALK)).model == "preferred"


async def test_an_answer_that_does_not_fit_is_no_reason_to_leave_a_model_alone() -> None:
    preferred = Preferred()
    preferred.answers.append(NoFittingAnswer("prose"))
    async with ladder(preferred) as (model, _):
        await model.generate(TALK)
        assert (await model.generate(TALK)).model == "preferred"


async def test_a_model_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.outbound.language_model.ladder._GRACE_SECONDS", 0.0)
    task = structs.replace(TALK, budget=Budget(seconds=0.05))
    async with ladder(Hanging()) as (model, _):
        with anyio.fail_after(5):
            assert (await model.generate(task)).model == "extractive"


async def test_whatever_goes_wrong_within_a_model_the_task_is_done() -> None:
    async with ladder(Buggy()) as (model, _):
        assert (await model.generate(TALK)).degraded == ("structure_memory",)


async def test_what_nobody_can_do_fails_for_the_reason_that_may_pass() -> None:
    preferred = Preferred()
    preferred.answers.append(BUSY)
    task = structs.replace(ASKED, fallback=None)
    async with ladder(preferred) as (model, _):
        with pytest.raises(TemporarilyUnavailable, match="busy"):
            await model.generate(task)


async def test_a_task_with_a_fallback_never_fails() -> None:
    preferred = Preferred()
    preferred.answers.append(BUSY)
    async with ladder(preferred) as (model, _):
        answer = await model.generate(ASKED)
    assert "Thursday" in answer.value
    assert answer.degraded == ("answer_question",)


async def test_a_stream_begins_with_the_first_one_that_can() -> None:
    preferred = Preferred()
    preferred.answers.append(BUSY)
    async with ladder(preferred) as (model, _):
        assert "Thursday" in await read(model)


async def test_a_stream_that_breaks_off_is_ended_by_what_was_found() -> None:
    async with ladder(BreakingOff()) as (model, _):
        written = await read(model)
        assert written.startswith("The flight…\n\n")
        assert "Thursday" in written
        assert not (await read(model)).startswith("The flight…")


async def test_capabilities_are_those_of_the_model_that_would_be_asked() -> None:
    preferred = Preferred()
    preferred.answers.append(BUSY)
    async with ladder(preferred) as (model, _):
        assert model.capabilities.context_tokens == 8_000
        await model.generate(TALK)
        assert model.capabilities.context_tokens > 8_000


async def test_a_call_that_is_cancelled_is_nobodys_failure() -> None:
    preferred = Hanging()
    async with ladder(preferred) as (model, _):
        with anyio.move_on_after(0.01):
            await model.generate(TALK)
        assert model.capabilities == preferred.capabilities
