"""The voice of the owner, over HTTP."""

from collections.abc import AsyncIterator

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from application.voices.learn_voices import Assignment
from domain.ids import MemoryId
from domain.speaker import OWNER
from tests.support.voice_app import voice_client
from tests.support.voices import ANNA, VoiceWorld, silence, tone, wav

Client = AsyncTestClient[Litestar]
LONG = "this is something that has more words than five"


@pytest.fixture
def world() -> VoiceWorld:
    return VoiceWorld()


@pytest.fixture
async def client(world: VoiceWorld) -> AsyncIterator[Client]:
    async with voice_client(world) as ready:
        yield ready


async def upload(client: Client, content: bytes, *, name: str = "speaker_profile.wav"):
    return await client.post("/v3/upload-audio", files={"file": (name, content, "audio/wav")})


async def test_there_is_no_profile_at_first(client: Client) -> None:
    assert (await client.get("/v3/speech-profile")).json() == {"has_profile": False}
    assert (await client.get("/v4/speech-profile")).json() == {"url": None}


async def test_an_uploaded_profile_is_there_and_can_be_heard_by_its_link_alone(client: Client) -> None:
    answer = await upload(client, wav(silence(1) + tone(9)))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["speakers"], body["warning"], body["exemplars"] > 1) == ("ok", 1, "", True)
    assert (await client.get("/v3/speech-profile")).json() == {"has_profile": True}
    url = (await client.get("/v4/speech-profile")).json()["url"]
    assert url.startswith("http://")
    heard = await client.get(url, headers={"Authorization": ""})
    assert (heard.status_code, heard.headers["content-type"], heard.content[:4]) == (200, "audio/wav", b"RIFF")
    assert heard.headers["x-content-type-options"] == "nosniff"


async def test_several_voices_are_told(client: Client) -> None:
    body = (await upload(client, wav(tone(8) + silence(1) + tone(4, pitch=900)))).json()
    assert body["speakers"] == 2
    assert body["warning"].startswith("2 voices")


@pytest.mark.parametrize(
    ("content", "name", "status", "detail"),
    [
        (b"", "a.wav", 400, "Audio is empty: there is not a byte"),
        (wav(b""), "a.wav", 400, "Audio is empty: there is not a sample"),
        (wav(silence(30)), "a.wav", 400, "Audio is empty"),
        (wav(tone(4)), "a.wav", 400, "Audio is too short: 4.0 s"),
        (wav(tone(1) + silence(8)), "a.wav", 400, "Audio holds only 1"),
        (wav(tone(121)), "a.wav", 400, "Audio is too long: 121.0 s"),
        (wav(tone(5), rate=8_000), "a.wav", 400, "Invalid sample rate, must be 16000"),
        (wav(tone(5)), "../../etc/passwd", 400, "Invalid file name"),
        (b"no audio at all, only words", "a.wav", 415, "not a recording"),
        (wav(silence(3_600), form="FLAC"), "a.wav", 413, "the recording lasts longer"),
        (bytes(11 * 1024 * 1024), "a.wav", 413, ""),
    ],
    ids=["nothing", "no sample", "silent", "short", "little", "long", "rate", "name", "no audio", "bomb", "large"],
)
async def test_what_is_wrong_is_told_apart(client: Client, content: bytes, name: str, status: int, detail: str) -> None:
    answer = await upload(client, content, name=name)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)
    assert (await client.get("/v3/speech-profile")).json() == {"has_profile": False}


async def test_a_form_without_a_file_is_of_the_wrong_shape(client: Client) -> None:
    answer = await client.post("/v3/upload-audio", files={"other": ("a.wav", wav(tone(9)), "audio/wav")})
    assert answer.status_code == 422


async def test_packets_are_uploaded_as_lists_of_numbers(client: Client) -> None:
    pcm = tone(11)
    packets = [list(pcm[at : at + 3_200]) for at in range(0, len(pcm), 3_200)]
    answer = await client.post("/v3/upload-bytes", json={"bytes": packets, "duration": 11})
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert (await client.get("/v3/speech-profile")).json() == {"has_profile": True}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"bytes": [[1]], "duration": 9}, 400),
        ({"bytes": [[1]], "duration": 121}, 400),
        ({"bytes": [], "duration": 60}, 400),
        ({"bytes": [[256]], "duration": 60}, 422),
        ({"bytes": [[-1]], "duration": 60}, 422),
        ({"bytes": "abc", "duration": 60}, 422),
        ({"bytes": [[1]]}, 422),
    ],
)
async def test_wrong_packets_are_refused(client: Client, body: dict, status: int) -> None:
    assert (await client.post("/v3/upload-bytes", json=body)).status_code == status


async def test_a_deleted_profile_is_gone(client: Client, world: VoiceWorld) -> None:
    await upload(client, wav(tone(9)))
    answer = await client.delete("/v3/speech-profile")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert (await client.get("/v3/speech-profile")).json() == {"has_profile": False}
    assert await world.objects.list(ANNA) == ()


async def test_samples_are_listed_and_taken_back(client: Client, world: VoiceWorld) -> None:
    bert = await world.add_person("Bert")
    await world.keep_memory([(LONG, tone(3)), (LONG, tone(3, pitch=900))])
    for index, person in enumerate((OWNER, bert)):
        await world.learn.assign(ANNA, Assignment(memory=MemoryId("m1"), index=index, person=person))
    for person, index in (("null", 0), ("bert", 1)):
        links = (await client.get(f"/v3/speech-profile/expand?person_id={person}")).json()
        assert [(await client.get(link)).status_code for link in links] == [200]
        where = f"/v3/speech-profile/expand?memory_id=m1&segment_idx={index}&person_id={person}"
        answer = await client.delete(where)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert (await client.get(f"/v3/speech-profile/expand?person_id={person}")).json() == []
        assert (await client.delete(where)).status_code == 404
        assert (await client.get(links[0])).status_code == 404
    assert await world.profiles.known(ANNA) == {}


@pytest.mark.parametrize("token", ["x", "A" * 60, "..%2f..%2fetc%2fpasswd"])
async def test_a_link_that_was_made_up_leads_nowhere(client: Client, token: str) -> None:
    assert (await client.get(f"/v1/objects/{token}")).status_code == 404


async def test_a_link_works_for_an_hour(client: Client, world: VoiceWorld) -> None:
    await upload(client, wav(tone(9)))
    url = (await client.get("/v4/speech-profile")).json()["url"]
    await world.clock.advance(3_599)
    assert (await client.get(url)).status_code == 200
    await world.clock.advance(2)
    assert (await client.get(url)).status_code == 404


async def test_recordings_are_kept_with_permission_only(client: Client, world: VoiceWorld) -> None:
    where = "/v1/users/store-recording-permission"
    assert (await client.get(where)).json() == {"store_recording_permission": False}
    assert (await client.post(f"{where}?value=true")).status_code == 200
    assert (await client.get(where)).json() == {"store_recording_permission": True}
    memory = await world.keep_memory([(LONG, tone(3))])
    assert (await client.post(f"{where}?value=false")).status_code == 200
    assert (await client.get(where)).json() == {"store_recording_permission": False}
    assert await world.recordings.has(ANNA, memory.id)
    answer = await client.delete(where)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert not await world.recordings.has(ANNA, memory.id)
    assert (await client.post(where)).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v3/speech-profile"),
        ("GET", "/v4/speech-profile"),
        ("DELETE", "/v3/speech-profile"),
        ("POST", "/v3/upload-audio"),
        ("POST", "/v3/upload-bytes"),
        ("GET", "/v3/speech-profile/expand"),
        ("DELETE", "/v3/speech-profile/expand"),
        ("GET", "/v1/users/store-recording-permission"),
        ("GET", "/v1/users/people"),
        ("POST", "/v1/users/people"),
        ("PATCH", "/v1/memories/m1/segments/0/assign"),
    ],
)
async def test_nothing_is_open_without_a_token(world: VoiceWorld, method: str, path: str) -> None:
    async with voice_client(world, None) as stranger:
        assert (await stranger.request(method, path)).status_code == 401
