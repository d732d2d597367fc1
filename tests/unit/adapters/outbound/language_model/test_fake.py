"""The fake says what it is told to."""

import pytest

from adapters.outbound.language_model.fake import FakeLanguageModel
from application.tasks.structure_memory import structure_memory
from domain.memory import MemoryDraft, Structure
from ports.errors import TemporarilyUnavailable
from tests.unit.adapters.outbound.language_model.transcripts import transcript

TASK = structure_memory(transcript("A: one two three four five six"))


async def test_the_title_is_the_first_five_words() -> None:
    assert (await FakeLanguageModel().generate(TASK)).value.structure.title == "one two three four five"


async def test_scripted_answers_come_first_and_errors_are_raised() -> None:
    model = FakeLanguageModel()
    scripted = MemoryDraft(structure=Structure(title="Numbers"))
    model.answers += [TemporarilyUnavailable("busy"), scripted]
    with pytest.raises(TemporarilyUnavailable):
        await model.generate(TASK)
    assert (await model.generate(TASK)).value is scripted
    assert (await model.generate(TASK)).value.structure.title == "one two three four five"
    assert model.tasks == [TASK] * 3
