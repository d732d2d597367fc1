"""`omi ask` on the terminal."""

import msgspec
import pytest

from adapters.inbound.command_line.ask import ask
from tests.support.chat_world import ANN, DENTIST, ChatWorld, ScriptedModel
from tests.support.memories import NOON

QUESTION = "When does the dentist have time?"


async def test_the_answer_is_printed_with_its_places(capsys: pytest.CaptureFixture[str]) -> None:
    world = ChatWorld(ScriptedModel("On Thurs", "day [1]."))
    await world.keep(DENTIST)
    await ask(world.answers, QUESTION, user=ANN, now=NOON, form="text")
    answer, place = capsys.readouterr().out.splitlines()
    assert answer == "On Thursday [1]."
    assert place.split()[:3] == ["[1]", "0:02", "dentist"]


async def test_without_a_model_the_passages_are_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    world = ChatWorld()
    await world.keep(DENTIST)
    await ask(world.answers, QUESTION, user=ANN, now=NOON, form="text")
    assert capsys.readouterr().out.count("The dentist has time on Thursday.") == 1


async def test_programs_get_json(capsys: pytest.CaptureFixture[str]) -> None:
    world = ChatWorld()
    await world.keep(DENTIST)
    await ask(world.answers, QUESTION, user=ANN, now=NOON, form="json")
    answered = msgspec.json.decode(capsys.readouterr().out)
    assert answered["is_known"]
    assert answered["citations"][0]["memory_id"] == "dentist"
