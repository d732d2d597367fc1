"""Memories, under the name of either year, as the app asks for them and reads them."""

import base64
from typing import Any

import pytest

from tests.support.omi_app.phone import PLACE
from tests.support.omi_app.rest import Rest
from tests.support.pictures import jpeg
from tests.support.voices import tone, wav

SAID = (
    "We should meet on Monday at ten about the new fence in the garden.",
    "I will call the carpenter tomorrow and ask what he wants for the wood.",
)
PICTURE = base64.b64encode(jpeg()).decode()


def material(*said: str, **more: Any) -> dict[str, Any]:
    """What the app of September 2024 makes a memory of: start and end may be whole numbers."""
    segments = [
        {"text": text, "start": 4 * number, "end": 4 * number + 3.5, "speaker": f"SPEAKER_0{number}"}
        | {"is_user": False, "person_id": None}
        for number, text in enumerate(said)
    ]
    times = {"started_at": "2026-01-01T12:00:00.000Z", "finished_at": "2026-01-01T12:01:00.123456Z"}
    return {"transcript_segments": segments, "photos": [], "geolocation": None, "source": "friend", **times, **more}


async def made(app: Rest, **more: Any) -> dict[str, Any]:
    query = {"trigger_integrations": True, "language_code": "en", "source": None}
    answer = await app.ask("POST /v1/memories", query=query, body=material(*SAID, **more))
    memory: dict[str, Any] = answer["memory"]
    return memory


async def test_a_memory_is_made_of_photos_and_of_what_was_said(app: Rest) -> None:
    photos = [{"base64": PICTURE, "description": "A fence"}]
    query = {"trigger_integrations": True, "language_code": "en", "source": None}
    answer = await app.ask(
        "POST /v1/memories", query=query, body=material(*SAID, photos=photos, geolocation=PLACE, source="openglass")
    )
    memory = answer["memory"]
    assert [segment["text"] for segment in memory["transcript_segments"]] == list(SAID)
    assert memory["geolocation"]["latitude"] == 52.0
    assert memory["structured"]["events"][0]["start"].startswith("2026-01-05")
    onboarding = {"trigger_integrations": False, "language_code": None, "source": "speech_profile_onboarding"}
    assert (await app.ask("POST /v1/memories", query=onboarding, body=material("I am Anna.")))["memory"]


async def test_nothing_makes_no_memory(app: Rest) -> None:
    query = {"trigger_integrations": True}
    await app.ask("POST /v1/memories", query=query, body=material(), status_expected=400)


@pytest.mark.parametrize("of", ["/v1/memories", "/v1/conversations"])
async def test_memories_are_listed_and_read(app: Rest, of: str) -> None:
    memory = await made(app)
    listed = await app.ask(f"GET {of}", query={"limit": 50, "offset": 0, "statuses": None, "include_discarded": True})
    assert listed == [memory]
    assert await app.ask(f"GET {of}", query={"statuses": "processing,in_progress"}) == []
    assert await app.ask(f"GET {of}/{{memory_id}}", memory_id=memory["id"]) == memory
    await app.ask(f"GET {of}/{{memory_id}}", memory_id="not-there", status_expected=404)


@pytest.mark.parametrize("of", ["/v1/memories", "/v1/conversations"])
async def test_a_memory_is_understood_anew(app: Rest, of: str) -> None:
    memory = await made(app)
    again = await app.ask(f"POST {of}/{{memory_id}}/reprocess", memory_id=memory["id"], query={"language_code": "en"})
    assert again["id"] == memory["id"]
    assert again["transcript_segments"] == memory["transcript_segments"]


@pytest.mark.parametrize("of", ["/v1/memories", "/v1/conversations"])
async def test_photos_of_a_memory_are_read(app: Rest, of: str) -> None:
    memory = await made(app, photos=[{"base64": PICTURE, "description": "A fence"}])
    [photo] = await app.ask(f"GET {of}/{{memory_id}}/photos", memory_id=memory["id"])
    assert base64.b64decode(photo["base64"]).startswith(b"\xff\xd8")
    assert photo["description"] == "A fence"


@pytest.mark.parametrize("of", ["/v1/memories", "/v1/conversations"])
async def test_every_transcript_of_a_memory_is_there_or_empty(app: Rest, of: str) -> None:
    memory = await made(app)
    found = await app.ask(f"GET {of}/{{memory_id}}/transcripts", memory_id=memory["id"])
    assert {"deepgram", "soniox", "speechmatics", "whisperx"} <= found.keys()


@pytest.mark.parametrize("of", ["/v1/memories", "/v1/conversations"])
async def test_a_recording_that_is_sent_makes_a_better_transcript_and_is_not_kept(app: Rest, of: str) -> None:
    memory = await made(app)
    name = memory["id"]
    files = {"file": ("recording.wav", wav(tone(12)), "audio/wav")}
    began = await app.ask(
        f"POST {of}/{{memory_id}}/post-processing",
        memory_id=name,
        query={"emotional_feedback": False},
        body={"httpx": {"files": files}},
    )
    assert began["postprocessing"]["status"] == "in_progress"
    progress = await app.ask(f"GET {of}/{{memory_id}}/post-processing", memory_id=name)
    assert progress["status"] != "not_started"
    assert await app.ask(f"GET {of}/{{memory_id}}/recording", memory_id=name) == {"has_recording": False}


@pytest.mark.parametrize("of", ["/v1/memories", "/v1/conversations"])
async def test_what_is_changed_of_a_memory_is_seen(app: Rest, of: str) -> None:
    name = (await made(app))["id"]
    ticks = {"values": [True, True], "events_idx": [0, 7]}
    await app.ask(f"PATCH {of}/{{memory_id}}/events", memory_id=name, body=ticks)
    ticks = {"values": [True], "items_idx": [0]}
    await app.ask(f"PATCH {of}/{{memory_id}}/action-items", memory_id=name, body=ticks)
    await app.ask(f"PATCH {of}/{{memory_id}}/title", memory_id=name, query={"title": "Der Zaun & mehr"})
    structured = (await app.ask(f"GET {of}/{{memory_id}}", memory_id=name))["structured"]
    assert structured["title"] == "Der Zaun & mehr"
    assert structured["events"][0]["created"] is True
    item = structured["action_items"][0]
    assert item["completed"] is True
    gone = {"description": item["description"], "completed": True}
    await app.ask(f"DELETE {of}/{{memory_id}}/action-items", memory_id=name, body=gone)
    items = (await app.ask(f"GET {of}/{{memory_id}}", memory_id=name))["structured"]["action_items"]
    assert all(item["deleted"] for item in items if item["description"] == gone["description"])


@pytest.mark.parametrize("of", ["/v1/memories", "/v1/conversations"])
async def test_whose_a_segment_is_can_be_said_and_taken_back(app: Rest, of: str) -> None:
    name = (await made(app))["id"]
    person = (await app.ask("POST /v1/users/people", body={"name": "Bertha"}))["id"]
    place = {"memory_id": name, "segment_idx": 1}

    async def said(**query: Any) -> tuple[bool, str | None]:
        memory = await app.ask(f"PATCH {of}/{{memory_id}}/segments/{{segment_idx}}/assign", query=query, **place)
        return memory["transcript_segments"][1]["is_user"], memory["transcript_segments"][1]["person_id"]

    assert await said(value=person, assign_type="person_id", use_for_speech_training=False) == (False, person)
    assert await said(value=True, assign_type="is_user", use_for_speech_training=False) == (True, None)
    assert await said(value=False, assign_type="is_user", use_for_speech_training=False) == (False, None)
    assert await said(value=None, assign_type="person_id") == (False, None)


async def test_a_whole_voice_is_given_to_somebody(app: Rest) -> None:
    memory = await made(app)
    person = (await app.ask("POST /v1/users/people", body={"name": "Bertha"}))["id"]
    said = await app.ask(
        "PATCH /v1/conversations/{memory_id}/assign-speaker/{speaker_id}",
        memory_id=memory["id"],
        speaker_id=1,
        query={"assign_type": "person_id", "value": person, "use_for_speech_training": False},
    )
    assert [segment["person_id"] for segment in said["transcript_segments"]] == [None, person]


@pytest.mark.parametrize("kind", ["memories", "conversations"])
async def test_a_memory_that_is_shown_is_read_by_anybody(app: Rest, nobody: Rest, kind: str) -> None:
    name = (await made(app, geolocation=PLACE))["id"]
    await nobody.ask("GET /v1/memories/{memory_id}/shared", memory_id=name, status_expected=404)
    await app.ask(
        f"PATCH /v1/{kind}/{{memory_id}}/visibility", memory_id=name, query={"value": "shared", "visibility": "shared"}
    )
    shown = await nobody.ask(f"GET /v1/{kind}/{{memory_id}}/shared", memory_id=name)
    assert (shown["id"], shown["geolocation"]) == (name, None)
    assert name not in {memory["id"] for memory in await nobody.ask(f"GET /v1/public-{kind}")}
    await app.ask(f"PATCH /v1/{kind}/{{memory_id}}/visibility", memory_id=name, query={"value": "public"})
    assert name in {
        memory["id"] for memory in await nobody.ask(f"GET /v1/public-{kind}", query={"offset": 0, "limit": 1000})
    }


@pytest.mark.parametrize("of", ["/v1/memories", "/v1/conversations"])
async def test_a_memory_that_is_deleted_is_gone(app: Rest, of: str) -> None:
    memory = await made(app)
    await app.ask(f"DELETE {of}/{{memory_id}}", memory_id=memory["id"])
    assert await app.ask(f"GET {of}") == []
    await app.ask(f"DELETE {of}/{{memory_id}}", memory_id=memory["id"], status_expected=404)


async def test_memories_are_found(app: Rest) -> None:
    memory = await made(app)
    await made(app, transcript_segments=[], photos=[{"base64": "", "description": "A plate of soup"}])
    found = await app.ask("POST /v1/conversations/search", body={"query": "carpenter", "page": 1, "per_page": 10})
    assert found["items"][0] == memory
    [best, *_] = await app.ask("GET /v1/memories/search", query={"query": "carpenter", "limit": 3})
    assert best["memory"] == memory
    [best, *_] = await app.ask("POST /v1/memories/search", body={"query": "carpenter"})
    assert "carpenter" in best["passages"][0]["text"]


async def test_what_is_talked_about_is_told(app: Rest) -> None:
    await made(app)
    assert isinstance(await app.ask("GET /v1/trends"), list)


async def test_a_question_takes_a_memory_up_and_nothing_is_deleted(app: Rest) -> None:
    await app.ask("DELETE /v1/joan/{memory_id}/followup-question", memory_id="0", status_expected=404)
    memory = await made(app)
    asked = await app.ask("DELETE /v1/joan/{memory_id}/followup-question", memory_id=memory["id"])
    assert asked["result"].endswith("?")
    assert await app.ask("DELETE /v1/joan/{memory_id}/followup-question", memory_id="0") == asked
    assert [kept["id"] for kept in await app.ask("GET /v1/memories")] == [memory["id"]]


async def test_a_prompt_is_tried_on_a_memory(app: Rest) -> None:
    memory = await made(app)
    body = {"prompt": "What is promised?"}
    tried = await app.ask("POST /v1/conversations/{memory_id}/test-prompt", memory_id=memory["id"], body=body)
    assert isinstance(tried["summary"], str)
