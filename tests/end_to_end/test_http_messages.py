"""`/v1/messages` and `/v2/messages`, as the apps use them."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.inbound.http.application import provided
from adapters.inbound.http.chat_wire import data_lines
from adapters.inbound.http.messages import MessagesController
from domain.ids import UserId
from tests.support.chat_world import DENTIST, PIRATE, ChatWorld, ScriptedModel
from tests.support.http_app import Backend

ANNA = UserId("anna")
QUESTION = "When does the dentist have time?"


@asynccontextmanager
async def talking(*pieces: str, breaks_after: int | None = None) -> AsyncIterator[AsyncTestClient[Litestar]]:
    world = ChatWorld(ScriptedModel(*pieces, breaks_after=breaks_after))
    await world.keep(DENTIST, user=ANNA)
    dependencies = {"chat": provided(world.chat)}
    async with Backend().client(handlers=[MessagesController], dependencies=dependencies) as client:
        yield client


def lines(answer: Any) -> list[str]:
    return [line for line in answer.text.split("\n\n") if line]


async def test_an_answer_has_every_key_that_the_apps_read() -> None:
    async with talking("On Thursday ☕ [1].") as client:
        answer = await client.post("/v1/messages", params={"plugin_id": "null"}, json={"text": QUESTION})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    message = answer.json()
    assert (message["text"], message["sender"], message["type"]) == ("On Thursday ☕ [1].", "ai", "text")
    assert (message["from_integration"], message["from_external_integration"]) == (False, False)
    assert message["plugin_id"] is None
    [memory] = message["memories"]
    assert (memory["id"], memory["structured"]["title"]) == ("dentist", "Dentist")
    assert memory["structured"]["emoji"]
    [citation] = message["citations"]
    assert isinstance(citation["start"], float)


async def test_messages_are_listed_newest_first() -> None:
    async with talking("On Thursday [1].") as client:
        await client.post("/v1/messages", json={"text": QUESTION})
        listed = (await client.get("/v1/messages")).json()
    assert [message["sender"] for message in listed] == ["ai", "human"]


async def test_clearing_answers_with_the_greeting() -> None:
    async with talking("x") as client:
        await client.post("/v1/messages", json={"text": QUESTION})
        answer = await client.delete("/v1/messages")
        assert (answer.status_code, answer.json()["sender"]) == (200, "ai")
        assert (await client.get("/v1/messages")).json() == [answer.json()]


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/v1/initial-message", {"plugin_id": PIRATE.id}),
        ("/v2/initial-message", {"app_id": PIRATE.id}),
        ("/v2/initial-message", {"app_id": PIRATE.id, "plugin_id": "null"}),
    ],
)
async def test_a_chat_begins_with_a_plugin(path: str, parameters: dict[str, str]) -> None:
    async with talking("x") as client:
        answer = await client.post(path, params=parameters)
    assert (answer.status_code, answer.json()["plugin_id"]) == (200, "pirate")


@pytest.mark.parametrize("name", ["omi", "no_selected", "null", ""])
async def test_what_apps_call_the_one_who_is_no_plugin_is_none(name: str) -> None:
    async with talking("x") as client:
        answer = await client.delete("/v2/messages", params={"app_id": name})
    assert (answer.status_code, answer.json()["plugin_id"]) == (200, None)


async def test_the_stream_thinks_tells_and_is_done() -> None:
    async with talking("On\nThurs", "day [1].") as client:
        answer = await client.post("/v2/messages", json={"text": QUESTION})
    assert answer.status_code == 200
    assert "charset=utf-8" in answer.headers["content-type"]
    thought, *data, done = lines(answer)
    assert thought.startswith("think: ")
    assert data == ["data: On__CRLF__Thurs", "data: day [1]."]
    message = json.loads(base64.b64decode(done.removeprefix("done: ")))
    assert message["text"] == "On\nThursday [1]."
    assert message["memories"][0]["id"] == "dentist"


async def test_an_answer_that_breaks_off_says_so() -> None:
    async with talking("On ", "Thursday", breaks_after=1) as client:
        answer = await client.post("/v2/messages", json={"text": QUESTION})
    assert answer.status_code == 200
    assert "ask again" in lines(answer)[-1]
    assert not any(line.startswith("done: ") for line in lines(answer))


@pytest.mark.parametrize("path", ["/v1/messages", "/v2/messages"])
async def test_an_empty_message_is_refused(path: str) -> None:
    async with talking("x") as client:
        assert (await client.post(path, json={"text": " "})).status_code == 400
        assert (await client.post(path, json={})).status_code == 422


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_message_is_reported_by_its_user(version: str) -> None:
    async with talking("x") as client:
        answer = (await client.post("/v1/messages", json={"text": QUESTION})).json()
        for _ in range(2):
            reported = await client.post(f"/{version}/messages/{answer['id']}/report")
            assert (reported.status_code, reported.json()) == (200, {"message": "Message reported"})
        assert [one["reported"] for one in (await client.get("/v1/messages")).json()] == [True, False]
        assert (await client.post(f"/{version}/messages/other/report")).status_code == 404
        client.headers["Authorization"] = "Bearer token-bert"
        assert (await client.post(f"/{version}/messages/{answer['id']}/report")).status_code == 404


async def test_question_and_answer_are_of_one_talk() -> None:
    async with talking("x") as client:
        await client.post("/v1/messages", json={"text": QUESTION})
        listed = (await client.get("/v2/messages")).json()
        [session] = {message["chat_session_id"] for message in listed}
        assert session
        assert (await client.delete("/v2/messages")).json()["chat_session_id"] not in {session, None}


@pytest.mark.parametrize("piece", ["é" * 3_000, "a\nb" * 2_000, "", "short", "\ud83d"])
def test_no_line_is_long_and_nothing_is_lost(piece: str) -> None:
    sent = list(data_lines(piece))
    assert all(len(line) < 1024 for line in sent)
    told = "".join(line.decode().removeprefix("data: ").removesuffix("\n\n") for line in sent)
    assert told.replace("__CRLF__", "\n") == piece.encode("utf-8", "replace").decode()
