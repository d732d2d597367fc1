"""`/v1/conversations`: memories by their newer name, with exact statuses and the keys that apps cannot do without."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.ids import PersonId, PluginId
from domain.memory import (
    ActionItem,
    CalendarEvent,
    Category,
    Geolocation,
    Photo,
    PluginResult,
    Structure,
)
from domain.person import Person
from tests.support.http_app import NOON, a_memory, a_segment
from tests.support.program import ANNA, BERT, Running, program

BASE = "/v1/conversations"
RICH = a_memory(
    "rich",
    started_at=NOON,
    finished_at=NOON + timedelta(minutes=1),
    segments=(a_segment("we talk about zebras today and tomorrow"),),
    structure=Structure(
        title="Zebras",
        category=Category.SCIENCE,
        action_items=(ActionItem(description="feed them"),),
        events=(CalendarEvent(title="Zoo", start=NOON),),
    ),
    photos=(Photo(base64="aGk=", description="a zebra"),),
    plugin_results=(PluginResult(plugin_id=PluginId("sum"), content="stripes"),),
    geolocation=Geolocation(latitude=1, longitude=2),
)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        await running.keep(RICH)
        await running.keep(a_memory("noise", discarded=True))
        yield running


async def read(running: Running, path: str = "rich", **params: Any) -> Any:
    answer = await running.client.get(f"{BASE}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_conversation_has_what_apps_of_all_years_require(running: Running) -> None:
    answer = await running.client.get(f"{BASE}/rich")
    conversation = answer.json()
    assert conversation["structured"].keys() >= {"title", "overview", "emoji", "category", "action_items", "events"}
    assert conversation["apps_results"] == [{"app_id": "sum", "content": "stripes"}]
    assert conversation["plugins_results"] == [{"plugin_id": "sum", "content": "stripes"}]
    assert (conversation["status"], conversation["discarded"], conversation["deleted"]) == ("completed", False, False)
    assert '"start":0.0' in answer.text
    assert '"latitude":1.0' in answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert conversation == (await running.client.get("/v1/memories/rich")).json()


async def test_conversations_are_listed_as_they_are_asked_for(running: Running) -> None:
    async def listed(**params: Any) -> list[str]:
        answer = await running.client.get(BASE, params=params)
        assert answer.status_code == 200
        return [conversation["id"] for conversation in answer.json()]

    assert await listed() == ["rich", "noise"]
    assert await listed(include_discarded="false") == ["rich"]
    assert await listed(limit=1, offset=1) == ["noise"]
    assert await listed(statuses="completed,processing") == ["rich", "noise"]
    assert await listed(statuses="failed") == []
    assert await listed(statuses="null", cursor="null") == ["rich", "noise"]


async def test_a_status_that_nobody_knows_is_refused(running: Running) -> None:
    assert (await running.client.get(BASE, params={"statuses": "lost"})).status_code == 400


async def test_a_deleted_conversation_is_gone_with_204(running: Running) -> None:
    answer = await running.client.delete(f"{BASE}/rich")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await running.client.get(f"{BASE}/rich")).status_code == 404
    assert (await running.client.get("/v1/memories/rich")).status_code == 404


async def test_what_belongs_to_a_conversation_is_read(running: Running) -> None:
    assert await read(running, "rich/photos") == [{"base64": "aGk=", "description": "a zebra"}]
    assert await read(running, "rich/recording") == {"has_recording": False}
    transcripts = await read(running, "rich/transcripts")
    assert transcripts.keys() >= {"deepgram", "soniox", "speechmatics", "whisperx"}
    assert all(isinstance(transcript, list) for transcript in transcripts.values())
    assert (await read(running, "rich/post-processing"))["status"] == "not_started"


async def test_changes_by_hand_are_kept(running: Running) -> None:
    for path, more in (
        ("title", {"params": {"title": "Stripes"}}),
        ("events", {"json": {"events_idx": [0, 7], "values": [True, True]}}),
        ("action-items", {"json": {"items_idx": [0], "values": [True]}}),
    ):
        answer = await running.client.patch(f"{BASE}/rich/{path}", **more)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()) == (200, {"status": "Ok"}), path
    structured = (await read(running))["structured"]
    assert structured["title"] == "Stripes"
    assert structured["events"][0]["created"] is True
    assert structured["action_items"][0]["completed"] is True
    body = {"description": "feed them", "completed": True}
    answer = await running.client.request("DELETE", f"{BASE}/rich/action-items", json=body)
    assert (answer.status_code, answer.json()) == (200, {"status": "Ok"})
    assert (await read(running))["structured"]["action_items"][0]["deleted"] is True


async def test_a_shared_conversation_is_read_by_anybody_without_its_place(running: Running) -> None:
    shared = f"{BASE}/rich/shared"
    assert (await running.client.get(shared)).status_code == 404
    both = {"value": "shared", "visibility": "shared"}
    assert (await running.client.patch(f"{BASE}/rich/visibility", params=both)).json() == {"status": "Ok"}
    running.become(None)
    answer = await running.client.get(shared)
    assert (answer.status_code, answer.json()["geolocation"]) == (200, None)
    assert (await running.client.get("/v1/public-conversations")).json() == []
    running.become(ANNA)
    await running.client.patch(f"{BASE}/rich/visibility", params={"value": "null", "visibility": "public"})
    running.become(None)
    assert [c["id"] for c in (await running.client.get("/v1/public-conversations")).json()] == ["rich"]


async def test_a_conversation_is_understood_anew(running: Running) -> None:
    answer = await running.client.post(f"{BASE}/rich/reprocess", params={"language_code": "null"})
    assert answer.status_code == 200
    assert answer.json()["id"] == "rich"


async def test_somebody_is_said_to_have_said_it(running: Running) -> None:
    person = Person(id=PersonId("p"), name="Zoe", created_at=NOON, updated_at=NOON)
    await running.container.people().save(ANNA, person)
    path = f"{BASE}/rich/segments/0/assign"
    said = {"assign_type": "person_id", "value": "p", "use_for_speech_training": "false"}
    answer = await running.client.patch(path, params=said)
    assert answer.status_code == 200, answer.text
    assert answer.json()["transcript_segments"][0]["person_id"] == "p"
    taken_back = await running.client.patch(path, params=said | {"value": "null"})
    assert taken_back.json()["transcript_segments"][0]["person_id"] is None


async def test_a_voice_is_said_to_be_somebodys(running: Running) -> None:
    segments = (a_segment("one", speaker=3), a_segment("two", id="s2", speaker=1), a_segment("x", id="s3", speaker=3))
    await running.keep(a_memory("voices", segments=segments))
    path, said = f"{BASE}/voices/assign-speaker", {"assign_type": "is_user", "value": "true"}
    answer = await running.client.patch(f"{path}/3", params=said | {"use_for_speech_training": "false"})
    assert answer.status_code == 200, answer.text
    assert [segment["is_user"] for segment in answer.json()["transcript_segments"]] == [True, False, True]
    unknown = await running.client.patch(f"{path}/7", params=said)
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Speaker not found"})


async def test_conversations_are_found_a_page_at_a_time(running: Running) -> None:
    await running.keep(a_memory("more", segments=(a_segment("zebras and zebras again"),)))
    body = {"query": "zebras", "page": 1, "per_page": 1}
    first = await running.client.post(f"{BASE}/search", json=body)
    assert first.status_code == 200
    second = (await running.client.post(f"{BASE}/search", json=body | {"page": 2})).json()
    pages = first.json()
    assert (pages["current_page"], pages["per_page"]) == (1, 1)
    assert pages["total_pages"] >= 2
    assert {pages["items"][0]["id"], second["items"][0]["id"]} == {"rich", "more"}


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "", {}),
        ("DELETE", "", {}),
        ("GET", "/photos", {}),
        ("GET", "/recording", {}),
        ("GET", "/transcripts", {}),
        ("POST", "/reprocess", {}),
        ("PATCH", "/title", {"params": {"title": "x"}}),
        ("PATCH", "/events", {"json": {"events_idx": [0], "values": [True]}}),
        ("PATCH", "/action-items", {"json": {"items_idx": [0], "values": [True]}}),
        ("DELETE", "/action-items", {"json": {"description": "feed them"}}),
        ("PATCH", "/visibility", {"params": {"value": "public"}}),
        ("PATCH", "/segments/0/assign", {"params": {"assign_type": "is_user", "value": "true"}}),
        ("POST", "/post-processing", {}),
    ],
)
async def test_the_conversation_of_somebody_else_is_not_found(
    running: Running, method: str, path: str, more: dict[str, Any]
) -> None:
    running.become(BERT)
    speaker = await running.client.patch(f"{BASE}/rich/assign-speaker/0", params={"assign_type": "is_user"})
    assert speaker.status_code == 404
    for base in (BASE, "/v1/memories"):
        assert (await running.client.request(method, f"{base}/rich{path}", **more)).status_code == 404, base
    running.become(ANNA)
    assert (await read(running))["structured"]["title"] == "Zebras"
