"""`/v1/joan/{memory_id}/followup-question`: about a memory, and about what is being said."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from adapters.outbound.language_model.fake import FakeLanguageModel
from application.tasks.followup_question import PLAIN
from domain import watermark
from domain.ids import MemoryId
from domain.material import Talk
from domain.memory import ActionItem, MemoryStatus, Structure
from ports.errors import TemporarilyUnavailable
from tests.support.memories import a_memory, a_segment
from tests.support.program import ANNA, BERT, Running, program

FENCE = a_memory(
    "fence",
    segments=(a_segment("We need a new fence."),),
    structure=Structure(title="The fence", action_items=(ActionItem(description="Call the carpenter."),)),
)
GARDEN = a_memory("garden", minute=1, segments=(a_segment("The roses are late."),), topics=("roses",))


@pytest.fixture
def model() -> FakeLanguageModel:
    return FakeLanguageModel()


@pytest.fixture
async def running(tmp_path: Path, model: FakeLanguageModel) -> AsyncIterator[Running]:
    async with program(tmp_path, language_model=model) as running:
        yield running


async def asked(running: Running, memory: str) -> str:
    answer = await running.client.delete(f"/v1/joan/{memory}/followup-question")
    assert answer.status_code == 200, answer.text
    (result,) = answer.json().values()
    assert answer.json() == {"result": result}
    return str(result)


async def test_a_model_asks_about_a_memory_which_stays(running: Running, model: FakeLanguageModel) -> None:
    await running.keep(FENCE)
    model.answers = ["How high shall it be?"]
    assert await asked(running, "fence") == "How high shall it be?"
    (task,) = model.tasks
    assert task.materials[-1] == Talk(segments=FENCE.segments)
    assert await running.container.memory_repository().get(ANNA, FENCE.id) == FENCE


async def test_a_model_that_fails_leaves_a_plain_question(running: Running, model: FakeLanguageModel) -> None:
    await running.keep(FENCE)
    model.answers = [TemporarilyUnavailable("out of order")]
    assert await asked(running, "fence") == "What is the next step with this: “Call the carpenter”?"


async def test_zero_is_the_newest_memory_that_was_kept(running: Running) -> None:
    for memory in (FENCE, GARDEN, structs.replace(GARDEN, id=MemoryId("noise"), discarded=True)):
        await running.keep(memory)
    failed = structs.replace(FENCE, id=MemoryId("failed"), status=MemoryStatus.FAILED)
    await running.keep(structs.replace(failed, created_at=GARDEN.created_at))
    assert await asked(running, "0") == "What is still open about roses?"


async def test_zero_is_what_is_being_said(running: Running, model: FakeLanguageModel) -> None:
    await running.keep(FENCE)
    async with running.talking(3) as session:
        assert await asked(running, "0") == PLAIN
        (talk,) = model.tasks[-1].materials
        assert isinstance(talk, Talk)
        assert " ".join(segment.text for segment in talk.segments).split() == [watermark.text_of(n) for n in range(3)]
        assert await asked(running, session.conversation.id) == PLAIN


async def test_of_what_is_not_the_callers_nothing_is_asked(running: Running) -> None:
    await running.keep(FENCE, user=BERT)
    for memory in ("fence", "0", "nothing"):
        answer = await running.client.delete(f"/v1/joan/{memory}/followup-question")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Memory not found"})
