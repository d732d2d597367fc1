"""Whose voices they are: the profile of the owner, samples of people, and people that turn out to be one or two."""

from typing import Any

import anyio

from adapters.inbound.command_line.packets import packets
from domain.audio import Codec
from tests.end_to_end.app.conftest import Owner
from tests.end_to_end.app.test_live import say
from tests.support.omi_app.eras import NOW
from tests.support.omi_app.rest import Rest
from tests.support.voices import silence, tone, wav


def file(content: bytes) -> dict[str, Any]:
    """As the app sends the recording of its user."""
    return {"httpx": {"files": {"file": ("speaker_profile.wav", content, "audio/wav")}}}


async def talked(owner: Owner, app: Rest) -> dict[str, Any]:
    """A memory of which the recording is kept."""
    await app.ask("POST /v1/users/store-recording-permission", query={"value": True})
    with anyio.fail_after(20):
        async with owner.phone(NOW).attached() as phone:
            said = await say(phone, 0, 12, pause=800)
            await phone.until(lambda: phone.screen.words == said)
            await phone.process_now()
            await phone.until(lambda: bool(phone.screen.memories))
    return phone.screen.memories[0]


async def named(app: Rest, memory: dict[str, Any], name: str) -> str:
    """Somebody whose voice is learned from the first segment."""
    person = await app.ask("POST /v1/users/people", body={"name": name})
    query = {"value": person["id"], "assign_type": "person_id", "use_for_speech_training": True}
    route = "PATCH /v1/memories/{memory_id}/segments/{segment_idx}/assign"
    assigned = await app.ask(route, query=query, memory_id=memory["id"], segment_idx=0)
    assert assigned["voice_learning"] == "learned"
    found: str = person["id"]
    return found


async def test_the_owner_is_enrolled_by_a_file_and_the_link_can_be_heard(app: Rest, nobody: Rest) -> None:
    assert await app.ask("GET /v3/speech-profile") == {"has_profile": False}
    assert await app.ask("GET /v4/speech-profile") == {"url": None}
    assert (await app.ask("POST /v3/upload-audio", body=file(wav(silence(1) + tone(9)))))["url"]
    assert await app.ask("GET /v3/speech-profile") == {"has_profile": True}
    url = (await app.ask("GET /v4/speech-profile"))["url"]
    heard = await nobody.ask("GET /v1/objects/{token}", token=url.rpartition("/")[2])
    assert heard[:4] == b"RIFF"
    await app.ask("DELETE /v3/speech-profile")
    assert await app.ask("GET /v3/speech-profile") == {"has_profile": False}


async def test_a_file_that_is_too_short_is_refused(app: Rest) -> None:
    await app.ask("POST /v3/upload-audio", body=file(wav(tone(2))), status_expected=400)


async def test_the_app_of_2024_sends_what_its_device_said(app: Rest) -> None:
    sent = [list(packet) for packet in packets(tone(12), Codec.OPUS)]
    await app.ask("POST /v3/upload-bytes", body={"bytes": sent, "duration": 12})
    assert await app.ask("GET /v3/speech-profile") == {"has_profile": True}
    await app.ask("POST /v3/upload-bytes", body={"bytes": sent[:100], "duration": 1}, status_expected=400)


async def test_a_voice_is_learned_from_a_memory_heard_and_taken_back(owner: Owner, app: Rest) -> None:
    memory = await talked(owner, app)
    assert (await app.ask("GET /v1/memories/{memory_id}/recording", memory_id=memory["id"]))["has_recording"] is True
    person = await named(app, memory, "Bertha")
    assert await app.ask("GET /v1/users/people/{person_id}/voices", person_id=person)
    [sample] = await app.ask("GET /v3/speech-profile/expand", query={"person_id": person})
    assert sample.startswith("http")
    sample = {"memory_id": memory["id"], "segment_idx": 0, "person_id": person}
    await app.ask("DELETE /v3/speech-profile/expand", query=sample)
    assert await app.ask("GET /v3/speech-profile/expand", query={"person_id": person}) == []
    assert await app.ask("GET /v3/speech-profile/expand", query={"person_id": None}) == []


async def test_people_turn_out_to_be_one_or_two(owner: Owner, app: Rest) -> None:
    memory = await talked(owner, app)
    person = await named(app, memory, "Bertha")
    [voice] = await app.ask("GET /v1/users/people/{person_id}/voices", person_id=person)
    split = {"name": "Clara", "sources": [voice["source"]]}
    other = await app.ask("POST /v1/users/people/{person_id}/split", person_id=person, body=split)
    await app.ask("POST /v1/users/people/{person_id}/merge", person_id=person, body={"from": other["id"]})
    assert [one["name"] for one in await app.ask("GET /v1/users/people")] == ["Bertha"]
