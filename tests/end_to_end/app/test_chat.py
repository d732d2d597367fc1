"""The chat, as the apps of 2024 and of 2025 write and read it."""

from tests.end_to_end.app.test_memories import made
from tests.support.omi_app.rest import Rest


async def test_an_empty_chat_begins_with_a_greeting(app: Rest) -> None:
    [greeting] = await app.ask("GET /v1/messages")
    assert greeting["sender"] == "ai"
    again = await app.ask("POST /v1/initial-message", query={"plugin_id": None})
    assert again["sender"] == "ai"
    assert again["plugin_id"] is None


async def test_an_answer_comes_whole_with_the_memories_that_it_rests_on(app: Rest) -> None:
    memory = await made(app)
    answer = await app.ask("POST /v1/messages", query={"plugin_id": None}, body={"text": "What about the carpenter?"})
    assert answer["sender"] == "ai"
    assert [cited["id"] for cited in answer["memories"]] == [memory["id"]]
    newest, asked, *_ = await app.ask("GET /v1/messages")
    assert (newest["id"], asked["text"]) == (answer["id"], "What about the carpenter?")
    greeting = await app.ask("DELETE /v1/messages", query={"plugin_id": None})
    assert [message["id"] for message in await app.ask("GET /v2/messages")] == [greeting["id"]]


async def test_the_chat_of_2025_is_begun_read_and_cleared(app: Rest) -> None:
    greeting = await app.ask("POST /v2/initial-message", query={"app_id": "plain-speaker"})
    assert greeting["plugin_id"] == "plain-speaker"
    assert (await app.ask("POST /v2/initial-message", query={"app_id": "omi"}))["plugin_id"] is None
    query = {"plugin_id": "", "dropdown_selected": False}
    assert len(await app.ask("GET /v2/messages", query=query)) == 2
    cleared = await app.ask("DELETE /v2/messages", query={"plugin_id": "", "chat_session_id": None})
    assert await app.ask("GET /v2/messages", query=query) == [cleared]


async def test_an_answer_comes_while_it_is_written(app: Rest) -> None:
    await made(app)
    shown, message = await app.stream("What about the carpenter?", plugin_id=None)
    assert shown.strip() == message["text"].strip()
    assert message["memories"]


async def test_a_question_that_nothing_answers_is_answered_too(app: Rest) -> None:
    answer = await app.ask("POST /v1/messages", query={"plugin_id": "null"}, body={"text": "Wie heißt mein Hund?"})
    assert answer["memories"] == []


async def test_nothing_is_no_question(app: Rest) -> None:
    await app.ask("POST /v2/messages", query={}, body={"text": " "}, status_expected=400)
