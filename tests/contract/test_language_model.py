"""What every language model does with the task that each installation needs: drafting a memory."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import anyio
import pytest
from msgspec import Struct

from adapters.outbound.language_model.extractive import ExtractiveLanguageModel
from adapters.outbound.language_model.fake import FakeLanguageModel
from domain.ids import SegmentId
from domain.memory import MemoryDraft
from domain.transcript import TranscriptSegment
from ports.errors import Rejected
from ports.language_model import LanguageModel, Task
from tests.contract.harness import over

GARDEN = ("We should plant tomatoes in the garden again this year.", "Tomatoes, yes, and the garden fence needs paint.")
FLIGHT = ("The flight to Lisbon leaves on Thursday.", "Then I will book the hotel in Lisbon tonight.")


class Recipe(Struct, frozen=True):
    ingredients: tuple[str, ...]


@asynccontextmanager
async def extractive(_folder: Path) -> AsyncIterator[LanguageModel]:
    yield ExtractiveLanguageModel()


@asynccontextmanager
async def fake(_folder: Path) -> AsyncIterator[LanguageModel]:
    yield FakeLanguageModel()


@pytest.fixture(params=over("language_model", {"extractive": extractive, "fake": fake}))
async def model(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[LanguageModel]:
    opened: AbstractAsyncContextManager[LanguageModel] = request.param(tmp_path)
    async with opened as ready:
        yield ready


def draft(*turns: str) -> Task[MemoryDraft]:
    segments = tuple(
        TranscriptSegment(id=SegmentId(str(n)), text=turn, start=n * 16_000, end=(n + 1) * 16_000, speaker=n % 2)
        for n, turn in enumerate(turns)
    )
    return Task(name="structure_memory", instructions="Draft a memory.", segments=segments, output=MemoryDraft)


async def test_a_talk_becomes_a_memory_with_a_title_and_an_overview(model: LanguageModel) -> None:
    made = await model.generate(draft(*GARDEN))
    assert isinstance(made, MemoryDraft)
    assert not made.discard
    assert made.structure.title
    assert made.structure.overview
    assert made.structure.emoji


async def test_a_single_word_is_kept(model: LanguageModel) -> None:
    made = await model.generate(draft("Milk."))
    assert not made.discard
    assert "milk" in made.structure.title.lower()


async def test_silence_is_discarded(model: LanguageModel) -> None:
    assert (await model.generate(draft())).discard
    assert (await model.generate(draft("", " "))).discard


async def test_a_task_that_the_model_does_not_do_is_rejected(model: LanguageModel) -> None:
    task = Task(name="write_recipe", instructions="Cook.", segments=draft(*GARDEN).segments, output=Recipe)
    with pytest.raises(Rejected, match="write_recipe"):
        await model.generate(task)


async def test_tasks_at_the_same_time_do_not_mix(model: LanguageModel) -> None:
    alone = [await model.generate(draft(*GARDEN)), await model.generate(draft(*FLIGHT))]
    together: dict[int, MemoryDraft] = {}

    async def ask(place: int, turns: tuple[str, ...]) -> None:
        together[place] = await model.generate(draft(*turns))

    async with anyio.create_task_group() as tasks:
        for place in range(10):
            tasks.start_soon(ask, place, (GARDEN, FLIGHT)[place % 2])
    assert [together[place] for place in range(10)] == alone * 5


async def test_a_rejected_task_spoils_nothing(model: LanguageModel) -> None:
    before = await model.generate(draft(*GARDEN))
    with pytest.raises(Rejected):
        await model.generate(Task(name="no", instructions="", segments=(), output=Recipe))
    assert await model.generate(draft(*GARDEN)) == before
