"""What every language model does with the tasks of the table."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from msgspec import Struct

from adapters.inbound.simulators.openai import serve_openai
from adapters.inbound.simulators.openai_faults import OpenAIFault, OpenAIFaultKind, OpenAIScript
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.language_model.extractive import ExtractiveLanguageModel
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.language_model.ladder import LadderLanguageModel
from application.tasks.answer_question import answer_question
from application.tasks.day_summary import day_summary
from application.tasks.initial_message import initial_message
from domain.ids import MemoryId
from domain.material import Background, Passage, Talk
from domain.memory import MemoryDraft
from ports.errors import Rejected, TemporarilyUnavailable
from ports.language_model import LanguageModel, Refused, Task
from tests.contract.harness import over
from tests.contract.language_model_bench import Bench, draft, said
from tests.contract.openai_harness import KEY, asking, openai

GARDEN = ("We should plant tomatoes in the garden again this year.", "Tomatoes, yes, and the garden fence needs paint.")
FLIGHT = ("The flight to Lisbon leaves on Thursday.", "Then I will book the hotel in Lisbon tonight.")
ASKED = answer_question(
    "When does the flight leave?",
    passages=[Passage(memory_id=MemoryId("m1"), text="The flight to Lisbon leaves on Thursday.")],
)
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


class Recipe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ingredients: list[str]


@asynccontextmanager
async def extractive(_folder: Path) -> AsyncIterator[Bench]:
    yield Bench(model=ExtractiveLanguageModel())


@asynccontextmanager
async def fake(_folder: Path) -> AsyncIterator[Bench]:
    yield Bench(model=FakeLanguageModel())


@asynccontextmanager
async def ladder(_folder: Path) -> AsyncIterator[Bench]:
    async with serve_openai(key=KEY) as simulation, with_embedded(asking(simulation)) as model:
        yield Bench(model=model, follows_instructions=True)


@asynccontextmanager
async def ladder_of_the_unwilling(_folder: Path) -> AsyncIterator[Bench]:
    """The first model refuses every task, so that the last one has to do it."""
    script = OpenAIScript(faults=(OpenAIFault(kind=OpenAIFaultKind.REFUSAL),))
    async with serve_openai(key=KEY, script=script) as simulation, with_embedded(asking(simulation)) as model:
        yield Bench(model=model)


def with_embedded(model: LanguageModel) -> LadderLanguageModel:
    return LadderLanguageModel([model, ExtractiveLanguageModel()], clock=ManualClock())


HARNESSES = {
    "extractive": extractive,
    "fake": fake,
    "openai": openai,
    "ladder": ladder,
    "ladder_of_the_unwilling": ladder_of_the_unwilling,
}


@pytest.fixture(params=over("language_model", HARNESSES))
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with request.param(tmp_path) as ready:
        yield ready


@pytest.fixture
def model(bench: Bench) -> LanguageModel:
    return bench.model


def unheard_of() -> Task[Recipe]:
    return Task(
        name="write_recipe",
        instructions="Cook.",
        materials=(Talk(segments=said(*GARDEN)),),
        output=Recipe,
        form=Recipe,
        conclude=lambda written: written,
    )


async def test_a_talk_becomes_a_memory_with_a_title_and_an_overview(model: LanguageModel) -> None:
    made = (await model.generate(draft(*GARDEN))).value
    assert isinstance(made, MemoryDraft)
    assert not made.discard
    assert made.structure.title
    assert made.structure.overview
    assert made.structure.emoji


async def test_an_answer_says_who_gave_it_and_that_nothing_failed(model: LanguageModel) -> None:
    answer = await model.generate(draft(*GARDEN))
    assert answer.model
    assert answer.degraded == ()


async def test_a_single_word_is_kept(model: LanguageModel) -> None:
    made = (await model.generate(draft("Milk."))).value
    assert not made.discard
    assert "milk" in made.structure.title.lower()


async def test_silence_is_discarded(model: LanguageModel) -> None:
    assert (await model.generate(draft())).value.discard
    assert (await model.generate(draft("", " "))).value.discard


async def test_what_a_memory_claims_names_segments_of_the_talk(model: LanguageModel) -> None:
    task = draft(*FLIGHT)
    made = (await model.generate(task)).value
    there = {segment.id for segment in task.segments}
    for claim in (*made.structure.action_items, *made.structure.events, *made.facts):
        assert claim.evidence
        assert set(claim.evidence) <= there


async def test_a_task_for_text_gives_text(model: LanguageModel) -> None:
    greeting = await model.generate(initial_message(background=Background(user_name="Anna", now=NOW)))
    assert greeting.value
    assert (await model.generate(day_summary([]))).value is not None


async def test_an_answer_cites_only_what_it_was_given(model: LanguageModel) -> None:
    assert "[2]" not in (await model.generate(ASKED)).value


async def test_a_task_that_it_has_never_heard_of_is_done_or_refused(bench: Bench) -> None:
    if bench.follows_instructions:
        assert isinstance((await bench.model.generate(unheard_of())).value, Recipe)
        return
    with pytest.raises(Refused, match="write_recipe"):
        await bench.model.generate(unheard_of())


async def test_tasks_at_the_same_time_do_not_mix(model: LanguageModel) -> None:
    alone = [(await model.generate(draft(*turns))).value for turns in (GARDEN, FLIGHT)]
    together: dict[int, MemoryDraft] = {}

    async def ask(place: int, turns: tuple[str, ...]) -> None:
        together[place] = (await model.generate(draft(*turns))).value

    async with anyio.create_task_group() as tasks:
        for place in range(10):
            tasks.start_soon(ask, place, (GARDEN, FLIGHT)[place % 2])
    assert [together[place] for place in range(10)] == alone * 5


async def test_a_refused_task_spoils_nothing(bench: Bench) -> None:
    before = (await bench.model.generate(draft(*GARDEN))).value
    if not bench.follows_instructions:
        with pytest.raises(Rejected):
            await bench.model.generate(unheard_of())
    assert (await bench.model.generate(draft(*GARDEN))).value == before


async def test_a_stream_gives_the_text_in_pieces(model: LanguageModel) -> None:
    with anyio.fail_after(5):
        async with model.stream(ASKED) as pieces:
            written = "".join([piece async for piece in pieces])
    assert "Thursday" in written


async def test_a_stream_can_be_left_before_its_end(model: LanguageModel) -> None:
    with anyio.fail_after(5):
        async with model.stream(ASKED) as pieces:
            async for _ in pieces:
                break
        assert (await model.generate(ASKED)).value


async def test_two_streams_do_not_mix(model: LanguageModel) -> None:
    async with model.stream(ASKED) as alone:
        expected = "".join([piece async for piece in alone])
    written: list[str] = []

    async def read() -> None:
        async with model.stream(ASKED) as pieces:
            written.append("".join([piece async for piece in pieces]))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        tasks.start_soon(read)
    assert written == [expected] * 2


async def test_a_call_that_is_cancelled_is_given_up(model: LanguageModel) -> None:
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(model.generate, draft(*GARDEN))
            await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
        assert (await model.generate(draft(*GARDEN))).value.structure.title


async def test_a_model_that_is_down_says_that_it_may_work_later(bench: Bench) -> None:
    if bench.break_down is None:
        return
    await bench.break_down()
    with anyio.fail_after(10), pytest.raises(TemporarilyUnavailable):
        await bench.model.generate(draft(*GARDEN))
    with anyio.fail_after(10), pytest.raises(TemporarilyUnavailable):
        async with bench.model.stream(ASKED):
            pass
