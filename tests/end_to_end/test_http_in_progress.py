"""The conversation that goes on, asked for over REST while a device is connected, and after it has gone."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from domain import watermark
from domain.memory import MemoryStatus
from ports.errors import NotFound
from tests.support.http_app import a_memory
from tests.support.listen_client import words_of
from tests.support.program import ANNA, BERT, Running, program

PLACE = {"latitude": 47, "longitude": 8.5, "googlePlaceId": "abc", "altitude": 3, "time": "x"}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        yield running


def words(count: int) -> list[str]:
    return [watermark.text_of(number) for number in range(count)]


@pytest.mark.parametrize("path", ["/v2/memories", "/v1/conversations"])
async def test_what_was_said_so_far_becomes_a_memory_and_the_device_stays_connected(
    running: Running, path: str
) -> None:
    async with running.talking(5) as session:
        first = session.conversation.id
        answer = await running.client.post(path)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["memory"] == body["conversation"]
        assert body["messages"] == []
        assert (body["memory"]["id"], body["memory"]["status"]) == (first, "completed")
        assert words_of(body["memory"]) == words(5)
        assert session.conversation.id != first
    assert (await running.client.get(f"/v1/memories/{first}")).json() == body["memory"]


CLEAR = "/v1/conversations/in-progress/clear"


async def test_what_was_said_so_far_is_thrown_away_and_the_device_goes_on(running: Running) -> None:
    async with running.talking(5) as session:
        first = session.conversation.id
        answer = await running.client.delete(CLEAR)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert session.conversation.id != first
        assert (await running.client.get("/v1/memories")).json() == []
        assert (await running.client.get(f"/v1/memories/{first}")).status_code == 404
    with pytest.raises(NotFound):
        await running.container.being_made().draft(first)


async def test_what_was_said_before_the_device_went_is_thrown_away(running: Running) -> None:
    async with running.talking(4) as session:
        await session.drain()
    assert (await running.client.delete(CLEAR)).status_code == 200
    assert running.container.conversations().open == ()
    assert (await running.client.get("/v1/memories")).json() == []
    assert (await running.client.post("/v2/memories")).status_code == 404


async def test_nothing_happens_where_there_is_nothing_to_throw_away(running: Running) -> None:
    await running.keep(a_memory("kept"))
    assert (await running.client.delete(CLEAR)).status_code == 200
    async with running.talking(4) as session:
        running.become(BERT)
        assert (await running.client.delete(CLEAR)).status_code == 200
        running.become(ANNA)
        assert session.conversation.transcript.word_count == 4
    assert (await running.client.get("/v1/memories/kept")).status_code == 200


async def test_what_was_said_before_the_device_went_becomes_a_memory(running: Running) -> None:
    async with running.talking(4) as session:
        await session.drain()
    answer = await running.client.post("/v2/memories")
    assert answer.status_code == 200
    assert words_of(answer.json()["memory"]) == words(4)
    assert running.container.conversations().open == ()


async def test_who_asks_twice_at_once_gets_the_same_memory_twice(running: Running) -> None:
    answers: list[Any] = []

    async def ask() -> None:
        answers.append(await running.client.post("/v2/memories"))

    async with running.talking(4), anyio.create_task_group() as tasks:
        tasks.start_soon(ask)
        tasks.start_soon(ask)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len((await running.client.get("/v1/memories")).json()) == 1


async def test_a_memory_that_takes_long_is_told_as_it_is_known(running: Running) -> None:
    in_progress = running.container.conversations_in_progress()
    async with running.talking(4) as session:
        first = session.conversation.id
        memory = await in_progress.process(ANNA, patience=0.0)
        assert (memory.id, memory.status) == (first, MemoryStatus.PROCESSING)
        assert [word for s in memory.segments for word in s.text.split()] == words(4)
        with anyio.fail_after(10):
            while not (await running.client.get("/v1/memories")).json():
                await anyio.sleep(0.02)


async def test_until_its_memory_is_there_a_conversation_is_listed_as_being_processed(running: Running) -> None:
    create_memory, let = running.container.create_memory(), anyio.Event()
    understood = create_memory.understood

    async def held(*given: Any) -> Any:
        await let.wait()
        return await understood(*given)

    create_memory.understood = held
    in_progress = running.container.conversations_in_progress()
    async with running.talking(4) as session:
        first = session.conversation.id
        await in_progress.process(ANNA, patience=0.1)
        for path in ("/v1/memories", "/v1/conversations"):
            [listed] = (await running.client.get(path, params={"statuses": "processing"})).json()
            assert (listed["id"], listed["status"], words_of(listed)) == (first, "processing", words(4))
            assert (await running.client.get(f"{path}/{first}")).json() == listed
        [processing] = (await running.client.get("/v1/processing-memories")).json()["result"]
        assert (processing["id"], processing["status"], processing["memory_id"]) == (first, "processing", None)
        let.set()
        with anyio.fail_after(10):
            while (await running.client.get(f"/v1/conversations/{first}")).json()["status"] != "completed":
                await anyio.sleep(0.02)
    assert (await running.client.get("/v1/conversations", params={"statuses": "processing"})).json() == []


async def test_where_nothing_goes_on_it_is_not_found(running: Running) -> None:
    answer = await running.client.post("/v2/memories")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Memory in progress not found"})


async def test_where_nothing_was_said_it_is_not_found(running: Running) -> None:
    async with running.talking(0):
        assert (await running.client.post("/v1/conversations")).status_code == 404


async def test_nobody_ends_the_conversation_of_somebody_else(running: Running) -> None:
    running.become(BERT)
    async with running.talking(3, user=ANNA) as session:
        assert (await running.client.post("/v2/memories")).status_code == 404
        assert not session.conversation.is_ended


async def test_a_conversation_that_goes_on_is_listed_where_it_is_asked_for(running: Running) -> None:
    async with running.talking(3) as session:
        for path in ("/v1/memories", "/v1/conversations"):
            assert (await running.client.get(path)).json() == []
            [listed] = (await running.client.get(path, params={"statuses": "in_progress,processing"})).json()
            assert (listed["id"], listed["status"]) == (session.conversation.id, "in_progress")
            assert words_of(listed) == words(3)
            read = await running.client.get(f"{path}/{listed['id']}")
            assert (read.status_code, words_of(read.json())) == (200, words(3))
            running.become(BERT)
            assert (await running.client.get(path, params={"statuses": "in_progress"})).json() == []
            assert (await running.client.get(f"{path}/{listed['id']}")).status_code == 404
            running.become(ANNA)


async def test_where_the_phone_was_last_is_noted_on_the_memory(running: Running) -> None:
    async with running.talking(2):
        assert (await running.client.patch("/v1/users/geolocation", json=PLACE)).json() == {"status": "ok"}
        memory = (await running.client.post("/v2/memories")).json()["memory"]
    assert memory["geolocation"] == {
        "google_place_id": "abc",
        "latitude": 47.0,
        "longitude": 8.5,
        "address": None,
        "location_type": None,
    }


async def test_the_place_of_somebody_else_is_not(running: Running) -> None:
    running.become(BERT)
    await running.client.patch("/v1/users/geolocation", json=PLACE)
    running.become(ANNA)
    async with running.talking(2):
        assert (await running.client.post("/v2/memories")).json()["memory"]["geolocation"] is None


async def test_a_processing_memory_takes_the_place_and_becomes_the_memory(running: Running) -> None:
    async with running.talking(2) as session:
        conversation = session.conversation.id
        address = f"/v1/processing-memories/{conversation}"
        answer = await running.client.patch(address, json={"geolocation": PLACE, "emotional_feedback": True})
        assert answer.status_code == 200
        result = answer.json()["result"]
        assert result.keys() >= {"id", "timer_start", "created_at", "geolocation", "emotional_feedback"}
        assert (result["id"], result["emotional_feedback"], result["memory_id"]) == (conversation, True, None)
        assert '"latitude":47.0' in answer.text
        assert isinstance(result["timer_start"], float)
        assert (await running.client.get(address)).json() == {"result": result}
        assert (await running.client.get("/v1/processing-memories")).json() == {"result": [result]}
        other = await running.client.get("/v1/processing-memories", params={"filter_ids": "x,y"})
        assert other.json() == {"result": []}
        await running.client.post("/v2/memories")
        done = (await running.client.get(address)).json()["result"]
        assert (done["memory_id"], done["status"]) == (conversation, "done")
        running.become(BERT)
        assert (await running.client.get(address)).status_code == 404
        assert (await running.client.patch(address, json={})).status_code == 404
