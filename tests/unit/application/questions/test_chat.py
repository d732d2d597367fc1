"""Messages, kept and answered."""

from datetime import timedelta

import pytest
from msgspec import structs

from application.questions.talk_so_far import history_for
from domain.chat import Message, Sender
from domain.chat_errors import MessageNotFound
from domain.errors import InvalidRequest
from domain.fact import Fact
from domain.ids import PluginId, UserId
from ports.errors import TemporarilyUnavailable
from tests.support.chat_world import ANN, DENTIST, PIRATE, ChatWorld, ScriptedModel
from tests.support.memories import NOON


def message(number: int, sender: Sender, plugin: str | None = None) -> Message:
    at = NOON + timedelta(minutes=number)
    name = PluginId(plugin) if plugin else None
    return Message(id=str(number), text=f"text {number}", created_at=at, sender=sender, plugin_id=name)


async def test_question_and_answer_are_kept_newest_first() -> None:
    world = ChatWorld(ScriptedModel("Thursday [1]."))
    await world.keep(DENTIST)
    sent = await world.chat.send(ANN, "When does the dentist have time?")
    listed = await world.chat.list(ANN)
    assert [one.message.text for one in listed] == ["Thursday [1].", "When does the dentist have time?"]
    assert listed[0].message == sent.message
    assert [memory.id for memory in listed[0].memories] == ["dentist"]


async def test_a_memory_that_was_deleted_since_is_not_named() -> None:
    world = ChatWorld(ScriptedModel("Thursday [1]."))
    await world.keep(DENTIST)
    await world.chat.send(ANN, "When does the dentist have time?")
    await world.memories.delete(ANN, DENTIST.id)
    assert (await world.chat.list(ANN))[0].memories == ()


async def test_the_question_is_kept_when_it_cannot_be_answered() -> None:
    world = ChatWorld(ScriptedModel("On ", "x", breaks_after=1))
    await world.keep(DENTIST)
    with pytest.raises(TemporarilyUnavailable):
        await world.chat.send(ANN, "When does the dentist have time?")
    assert [one.message.sender for one in await world.chat.list(ANN)] == [Sender.HUMAN]


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001])
async def test_a_message_without_words_or_end_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        await ChatWorld().chat.send(ANN, text)


async def test_an_empty_chat_begins_with_a_greeting_once() -> None:
    world = ChatWorld()
    await world.accounts.update(ANN, lambda account: structs.replace(account, name="Ann"))
    [greeting] = await world.chat.list(ANN)
    assert "Ann" in greeting.message.text
    assert await world.chat.list(ANN) == (greeting,)


async def test_clearing_leaves_a_new_greeting() -> None:
    world = ChatWorld()
    await world.chat.send(ANN, "hello")
    greeting = await world.chat.clear(ANN, plugin_id=PIRATE.id)
    [left] = await world.chat.list(ANN)
    assert left.message == greeting.message
    assert greeting.message.plugin_id == PIRATE.id


async def test_the_model_is_told_persona_facts_zone_and_history() -> None:
    model = ScriptedModel("Arr [1].")
    world = ChatWorld(model)
    await world.keep(DENTIST)
    await world.accounts.update(ANN, lambda a: structs.replace(a, name="Ann", time_zone="Asia/Tokyo"))
    old = Fact(id="1", content="User lives in Berlin", created_at=NOON, updated_at=NOON, valid_to=NOON)
    new = Fact(id="2", content="User lives in Rome", created_at=NOON, updated_at=NOON, valid_from=NOON + timedelta(1))
    for fact in (new, old):
        await world.facts.save(ANN, fact)
    await world.chat.send(ANN, "hello", plugin_id=PIRATE.id)
    await world.chat.send(ANN, "When does the dentist have time?", plugin_id=PIRATE.id)
    prompt = model.prompts[-1]
    assert "Talk like a pirate." in prompt.persona
    assert prompt.background.user_name == "Ann"
    assert str(prompt.background.now.tzinfo if prompt.background.now else "") == "Asia/Tokyo"
    assert prompt.background.facts == (
        "User lives in Berlin (until January 1, 2026; not any more)",
        "User lives in Rome",
    )
    assert prompt.history == "User: hello\nAssistant: Arr."


def test_history_ends_at_the_answer_of_another_plugin() -> None:
    ours = [message(5, Sender.AI, "pirate"), message(4, Sender.HUMAN)]
    others = [message(3, Sender.AI), message(2, Sender.HUMAN)]
    assert history_for(PluginId("pirate"), [*ours, *others]) == tuple(ours)
    assert history_for(None, [*others, *ours]) == tuple(others)


def test_history_is_ten_messages_at_most() -> None:
    assert len(history_for(None, [message(n, Sender.HUMAN) for n in range(30)])) == 10


async def test_a_reported_message_stays_and_is_marked_once() -> None:
    world = ChatWorld()
    answer = (await world.chat.send(ANN, "hello")).message
    for _ in range(2):
        await world.chat.report(ANN, answer.id)
    assert [one.message.reported for one in await world.chat.list(ANN)] == [True, False]


@pytest.mark.parametrize("user", [ANN, UserId("bert")])
async def test_a_message_that_the_user_has_not_cannot_be_reported(user: UserId) -> None:
    world = ChatWorld()
    answer = (await world.chat.send(ANN, "hello")).message
    with pytest.raises(MessageNotFound):
        await world.chat.report(user, "other" if user == ANN else answer.id)


async def test_a_question_is_kept_before_it_is_answered() -> None:
    world = ChatWorld(ScriptedModel("Thursday [1]."))
    await world.keep(DENTIST)
    question = await world.chat.take(ANN, "When does the dentist have time?")
    assert [one.message for one in await world.chat.list(ANN)] == [question.message]
    answer = await world.chat.answer(ANN, question)
    assert [one.message for one in await world.chat.list(ANN)] == [answer.message, question.message]
