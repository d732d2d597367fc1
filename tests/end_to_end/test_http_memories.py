"""`/v1/memories`, as the apps see it."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from msgspec import structs

from domain.coverage import Coverage, Gap
from domain.ids import JobId, PersonId
from domain.memory import (
    ActionItem,
    CalendarEvent,
    Category,
    Geolocation,
    Memory,
    MemoryStatus,
    Photo,
    PluginResult,
    Source,
    Structure,
)
from domain.transcript import Translation
from ports.job_queue import Job
from tests.support.http_app import ANNA, BERT, NOON, Backend, a_memory, a_segment, keep

SPOKEN = {"transcript_segments": [{"text": "hello", "speaker": "SPEAKER_02", "is_user": True, "start": 0, "end": 1.5}]}
MAKE = "/v1/memories?trigger_integrations=false"


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
async def anna(backend: Backend) -> AsyncIterator[AsyncClient]:
    async with backend.client(ANNA) as client:
        yield client


async def test_a_memory_is_read_with_every_key_the_apps_know(backend: Backend, anna: AsyncClient) -> None:
    await backend.memories.save(ANNA, a_rich_memory())
    assert (await anna.get("/v1/memories/first")).json() == {
        "id": "first",
        "created_at": "2026-01-01T12:00:00Z",
        "started_at": "2026-01-01T12:00:00Z",
        "finished_at": "2026-01-01T12:01:00Z",
        "source": "omi",
        "language": "en",
        "structured": {
            "title": "Trains",
            "overview": "About trains.",
            "emoji": "🚆",
            "category": "travel",
            "action_items": [{"description": "Buy a ticket", "completed": False, "deleted": False}],
            "events": [
                {
                    "title": "Departure",
                    "description": "",
                    "start": "2026-01-01T12:00:00Z",
                    "duration": 30,
                    "created": False,
                }
            ],
        },
        "transcript_segments": [
            {
                "id": "s1",
                "text": "hello",
                "speaker": "SPEAKER_01",
                "speaker_id": 1,
                "is_user": True,
                "person_id": "p1",
                "start": 0.0,
                "end": 1.5,
                "translations": [{"lang": "fr", "text": "bonjour"}],
            }
        ],
        "geolocation": {
            "google_place_id": None,
            "latitude": 1.0,
            "longitude": 2.0,
            "address": "here",
            "location_type": None,
        },
        "photos": [{"base64": "AAAA", "description": "a train"}],
        "plugins_results": [{"plugin_id": None, "content": "toot"}],
        "apps_results": [{"app_id": None, "content": "toot"}],
        "external_data": {"any": [1]},
        "postprocessing": None,
        "discarded": False,
        "deleted": False,
        "visibility": "private",
        "processing_memory_id": None,
        "status": "completed",
        "coverage": {
            "captured": 3.0,
            "speech": 2.0,
            "silence": 1.0,
            "transcribed": {"moonshine": 1.5},
            "pending": 0.0,
            "gaps": [{"start": 0.0, "end": 0.5, "reason": "lost"}],
            "corrupt_packets": 0,
            "concealed": 0.0,
        },
        "degraded": ["structure_memory"],
    }


def a_rich_memory() -> Memory:
    return a_memory(
        started_at=NOON,
        finished_at=NOON + timedelta(minutes=1),
        source=Source.OMI,
        language="en",
        structure=Structure(
            title="Trains",
            overview="About trains.",
            emoji="🚆",
            category=Category.TRAVEL,
            action_items=(ActionItem(description="Buy a ticket"),),
            events=(CalendarEvent(title="Departure", start=NOON),),
        ),
        segments=(
            a_segment(speaker=1, is_user=True, person_id=PersonId("p1"), translations=(Translation("fr", "bonjour"),)),
        ),
        geolocation=Geolocation(latitude=1, longitude=2, address="here"),
        photos=(Photo(base64="AAAA", description="a train"),),
        plugin_results=(PluginResult(plugin_id=None, content="toot"),),
        external={"any": [1]},
        coverage=Coverage(
            captured=48_000, gated=16_000, transcribed={"moonshine": 24_000}, gaps=(Gap(0, 8_000, "lost"),)
        ),
        degraded=("structure_memory",),
    )


async def test_numbers_that_apps_cast_to_double_are_doubles(backend: Backend, anna: AsyncClient) -> None:
    await backend.memories.save(ANNA, a_rich_memory())
    text = (await anna.get("/v1/memories/first")).text
    assert '"start":0.0' in text
    assert '"latitude":1.0' in text


async def test_answers_are_marked_as_utf8_and_not_for_keeping(backend: Backend, anna: AsyncClient) -> None:
    await backend.memories.save(ANNA, a_memory())
    for answer in (await anna.get("/v1/memories"), await anna.get("/v1/memories/nope")):
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_list_is_a_plain_list_newest_first(backend: Backend, anna: AsyncClient) -> None:
    await backend.memories.save(ANNA, a_memory("old"))
    await backend.memories.save(ANNA, Memory(id=a_memory("new").id, created_at=NOON + timedelta(1)))
    answer = await anna.get("/v1/memories")
    assert answer.status_code == 200
    assert [memory["id"] for memory in answer.json()] == ["new", "old"]
    assert "x-next-cursor" not in answer.headers


async def test_a_long_list_goes_on_behind_its_cursor(backend: Backend, anna: AsyncClient) -> None:
    for number in range(5):
        await backend.memories.save(ANNA, a_memory(str(number)))
    seen, cursor = [], ""
    for _ in range(3):
        answer = await anna.get("/v1/memories", params={"limit": 2, "cursor": cursor})
        seen += [memory["id"] for memory in answer.json()]
        cursor = answer.headers.get("X-Next-Cursor", "null")
    assert seen == ["4", "3", "2", "1", "0"]
    assert cursor == "null"


async def test_a_list_can_start_further_on(backend: Backend, anna: AsyncClient) -> None:
    for number in range(3):
        await backend.memories.save(ANNA, a_memory(str(number)))
    assert [memory["id"] for memory in (await anna.get("/v1/memories?offset=2")).json()] == ["0"]


async def test_a_list_holds_the_statuses_asked_for(backend: Backend, anna: AsyncClient) -> None:
    await backend.memories.save(ANNA, a_memory("done"))
    await backend.memories.save(ANNA, a_memory("failed", status=MemoryStatus.FAILED))
    answer = await anna.get("/v1/memories?statuses=failed,processing")
    assert [memory["id"] for memory in answer.json()] == ["failed"]


async def test_discarded_memories_can_be_left_out(backend: Backend, anna: AsyncClient) -> None:
    await backend.memories.save(ANNA, a_memory(discarded=True))
    assert len((await anna.get("/v1/memories")).json()) == 1
    assert (await anna.get("/v1/memories?include_discarded=false")).json() == []


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ("limit=0", 422, "limit"),
        ("limit=1001", 422, "limit"),
        ("limit=many", 422, "limit"),
        ("offset=-1", 422, "offset"),
        ("statuses=sleeping", 400, "statuses"),
        ("cursor=made-up", 400, "cursor"),
    ],
)
async def test_a_wrong_parameter_is_named(anna: AsyncClient, query: str, status: int, named: str) -> None:
    answer = await anna.get(f"/v1/memories?{query}")
    assert answer.status_code == status
    assert answer.json().keys() == {"detail"}
    assert named in answer.json()["detail"]


async def test_what_a_client_heard_becomes_a_memory(backend: Backend, anna: AsyncClient) -> None:
    body = {**SPOKEN, "started_at": "2026-01-01T12:00:00.123456Z", "source": "friend", "unknown": 1}
    answer = await anna.post(MAKE, json=body)
    assert answer.status_code == 200
    assert answer.json().keys() == {"memory", "messages"}
    assert answer.json()["messages"] == []
    memory = answer.json()["memory"]
    assert memory["started_at"] == "2026-01-01T12:00:00.123456Z"
    assert memory["transcript_segments"][0]["speaker"] == "SPEAKER_02"
    assert memory["transcript_segments"][0]["end"] == 1.5
    assert (await backend.memories.get(ANNA, memory["id"])).segments[0].end == 24_000


async def test_photos_alone_become_a_memory(anna: AsyncClient) -> None:
    photo = {"base64": b64encode(b"\xff\xd8\xff a picture").decode(), "description": "A cup"}
    answer = await anna.post(MAKE, json={"transcript_segments": [], "photos": [photo], "source": "openglass"})
    assert [photo["description"] for photo in answer.json()["memory"]["photos"]] == ["A cup"]
    assert answer.json()["memory"]["source"] == "openglass"


async def test_what_is_no_picture_becomes_no_memory(anna: AsyncClient) -> None:
    photo = {"base64": "AAAA", "description": None}
    assert (await anna.post(MAKE, json={"transcript_segments": [], "photos": [photo]})).status_code == 400


async def test_nothing_becomes_no_memory(anna: AsyncClient) -> None:
    answer = await anna.post(MAKE, json={"transcript_segments": [], "photos": []})
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Transcript segments or photos are required"}


async def test_the_word_null_in_a_query_is_nothing(anna: AsyncClient) -> None:
    answer = await anna.post(f"{MAKE}&language_code=null&source=null", json=SPOKEN)
    assert answer.json()["memory"]["language"] is None
    assert answer.json()["memory"]["source"] == "friend"


async def test_a_place_is_understood_in_either_spelling(anna: AsyncClient) -> None:
    place = {"latitude": 1, "longitude": 2, "googlePlaceId": "x", "locationType": "home", "altitude": 3, "time": "now"}
    answer = await anna.post(MAKE, json={**SPOKEN, "geolocation": place})
    assert answer.json()["memory"]["geolocation"]["google_place_id"] == "x"
    assert answer.json()["memory"]["geolocation"]["location_type"] == "home"


async def test_a_client_cannot_choose_what_is_ours_to_say(anna: AsyncClient) -> None:
    answer = await anna.post(MAKE, json={**SPOKEN, "id": "mine", "uid": "bert", "created_at": "1999-01-01T00:00:00Z"})
    assert answer.json()["memory"]["id"] != "mine"
    assert answer.json()["memory"]["created_at"] == "2026-01-01T12:00:00Z"


async def test_what_plugins_say_is_answered_to_who_has_them_triggered(anna: AsyncClient) -> None:
    assert (await anna.post(MAKE, json=SPOKEN)).json()["messages"] == []
    answer = await anna.post(MAKE.replace("false", "true"), json=SPOKEN)
    made, (message,) = answer.json()["memory"], answer.json()["messages"]
    assert (message["text"], message["sender"], message["type"]) == ("noted", "ai", "text")
    assert message["memories_id"] == [made["id"]]


async def test_yesterday_is_that_of_the_user(anna: AsyncClient, backend: Backend) -> None:
    # Noon in UTC is past midnight in Kiritimati: "yesterday" there is what is today here.
    await backend.accounts.update(ANNA, lambda account: structs.replace(account, time_zone="Pacific/Kiritimati"))
    for name, hours in (("here", 30), ("there", 3)):
        await keep(
            backend, ANNA, a_memory(name, started_at=NOON - timedelta(hours=hours), segments=(a_segment("tea"),))
        )
    found = (await anna.get("/v1/memories/search", params={"query": "what did we say about tea yesterday"})).json()
    assert found[0]["memory"]["id"] == "there"


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/v1/memories", SPOKEN, "trigger_integrations"),
        (MAKE, {}, "transcript_segments"),
        (MAKE, {"transcript_segments": [{"text": "hello", "start": -1, "end": 1}]}, "start"),
        (MAKE, {"transcript_segments": [{"text": "hello", "start": "x", "end": 1}]}, "start"),
        (MAKE, {**SPOKEN, "geolocation": {"latitude": 91, "longitude": 0}}, "latitude"),
    ],
)
async def test_a_wrong_request_names_the_field(anna: AsyncClient, path: str, body: object, named: str) -> None:
    answer = await anna.post(path, json=body)
    assert answer.status_code == 422
    assert named in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [b"{", b"", b'{"transcript_segments": [{"text": "a", "start": NaN, "end": 1}]}', b"\xff"]
)
async def test_a_body_that_is_not_json_is_said_so(anna: AsyncClient, body: bytes) -> None:
    answer = await anna.post(MAKE, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json().keys() == {"detail"}


async def test_a_body_that_is_too_large_is_not_read(anna: AsyncClient) -> None:
    answer = await anna.post(MAKE, content=bytes(10 * 1024 * 1024 + 1))
    assert answer.status_code == 413


async def test_a_memory_is_understood_anew(backend: Backend, anna: AsyncClient) -> None:
    await backend.memories.save(ANNA, a_memory())
    answer = await anna.post("/v1/memories/first/reprocess")
    assert answer.status_code == 200
    assert answer.json()["id"] == "first"


async def test_a_deleted_memory_is_gone_everywhere(backend: Backend, anna: AsyncClient) -> None:
    await keep(backend, ANNA, a_memory(segments=(a_segment("about trains"),)))
    job = Job(id=JobId("create_memory:first"), kind="create_memory", user=ANNA)
    await backend.jobs.enqueue(job)
    answer = await anna.delete("/v1/memories/first")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await anna.get("/v1/memories/first")).status_code == 404
    assert await backend.recall.search(ANNA, "trains") == ()
    assert await backend.jobs.enqueue(job), "the job left no trace"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_memory_is_found_by_what_was_said(backend: Backend, anna: AsyncClient, method: str) -> None:
    await keep(backend, ANNA, a_memory(segments=(a_segment("we talked about trains", start=8_000),)))
    await keep(backend, BERT, a_memory("other", segments=(a_segment("trains again"),)))
    answer = await search(anna, method, {"query": "trains", "limit": 5})
    assert answer.status_code == 200
    [found] = answer.json()
    assert found["memory"]["id"] == "first"
    assert found["passages"][0] == {
        "text": "we talked about trains",
        "start": 0.5,
        "segment_id": "s1",
        "score": found["passages"][0]["score"],
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "wrong", [{"query": ""}, {"query": "a", "limit": 0}, {"query": "a", "limit": 101}, {"limit": 3}]
)
async def test_a_wrong_search_names_the_field(anna: AsyncClient, method: str, wrong: dict[str, Any]) -> None:
    answer = await search(anna, method, wrong)
    assert answer.status_code == 422
    assert ("limit" if wrong.get("query") else "query") in answer.json()["detail"]


async def search(client: AsyncClient, method: str, query: dict[str, Any]) -> Response:
    return await client.request(method, "/v1/memories/search", **{"params" if method == "GET" else "json": query})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/memories/first"), ("POST", "/v1/memories/first/reprocess"), ("DELETE", "/v1/memories/first")],
)
async def test_somebody_elses_memory_is_not_there(backend: Backend, anna: AsyncClient, method: str, path: str) -> None:
    await backend.memories.save(BERT, a_memory())
    answer = await anna.request(method, path)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Memory not found"}
    assert await backend.memories.get(BERT, a_memory().id)


async def test_somebody_elses_memories_are_not_listed(backend: Backend, anna: AsyncClient) -> None:
    await backend.memories.save(BERT, a_memory())
    assert (await anna.get("/v1/memories")).json() == []


@pytest.mark.parametrize("name", ["..%2f..%2fetc", "%00", "a" * 5000, "'; drop table memories", "ä"])
async def test_an_awkward_identifier_is_just_not_there(anna: AsyncClient, name: str) -> None:
    assert (await anna.get(f"/v1/memories/{name}")).status_code == 404
