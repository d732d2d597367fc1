"""People and who said what, over HTTP."""

from collections.abc import AsyncIterator

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from domain.ids import MemoryId, UserId
from tests.support.voice_app import voice_client
from tests.support.voices import ANNA, VoiceWorld, tone

Client = AsyncTestClient[Litestar]
LONG = "this is something that has more words than five"
PEOPLE = "/v1/users/people"
ASSIGN = "/v1/memories/m1/segments/{}/assign"


@pytest.fixture
async def world() -> VoiceWorld:
    world = VoiceWorld()
    await world.keep_memory([(LONG, tone(3)), (LONG, tone(3, pitch=900)), ("no", tone(1)), (LONG, tone(2, pitch=900))])
    return world


@pytest.fixture
async def client(world: VoiceWorld) -> AsyncIterator[Client]:
    async with voice_client(world) as ready:
        yield ready


async def add(client: Client, name: str) -> str:
    return (await client.post(PEOPLE, json={"name": name})).json()["id"]


async def test_a_person_is_made_with_every_key_the_apps_read(client: Client) -> None:
    answer = await client.post(PEOPLE, json={"name": "Bert"})
    assert answer.status_code == 200
    person = answer.json()
    assert person.keys() == {"id", "name", "created_at", "updated_at", "deleted", "speech_samples"}
    assert (person["name"], person["deleted"], person["speech_samples"]) == ("Bert", False, [])
    assert (await client.get(f"{PEOPLE}/{person['id']}")).json() == person
    assert (await client.get(PEOPLE)).json() == [person]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"name": "x"}, 422), ({"name": "x" * 41}, 422), ({}, 422), ({"name": "  x  "}, 400), ({"name": "a\u202eb"}, 400)],
)
async def test_what_is_no_name_is_refused(client: Client, body: dict, status: int) -> None:
    assert (await client.post(PEOPLE, json=body)).status_code == status


async def test_samples_come_with_a_person_when_asked_for(client: Client) -> None:
    bert = await add(client, "Bert")
    await client.patch(f"{ASSIGN.format(1)}?assign_type=person_id&value={bert}")
    assert (await client.get(f"{PEOPLE}/{bert}")).json()["speech_samples"] == []
    for where in (f"{PEOPLE}/{bert}?include_speech_samples=true", PEOPLE):
        found = (await client.get(where)).json()
        (link,) = (found if isinstance(found, dict) else found[0])["speech_samples"]
        assert (await client.get(link)).headers["content-type"] == "audio/wav"
    listed = (await client.get(f"{PEOPLE}?include_speech_samples=false")).json()
    assert listed[0]["speech_samples"] == []


async def test_a_person_is_renamed(client: Client) -> None:
    bert = await add(client, "Bert")
    assert (await client.patch(f"{PEOPLE}/{bert}/name?value=Berta")).status_code == 200
    assert (await client.get(f"{PEOPLE}/{bert}")).json()["name"] == "Berta"
    assert (await client.patch(f"{PEOPLE}/{bert}/name?value=x")).status_code == 400
    assert (await client.patch(f"{PEOPLE}/nobody/name?value=Berta")).status_code == 404


async def test_a_deleted_person_is_gone(client: Client) -> None:
    bert = await add(client, "Bert")
    answer = await client.delete(f"{PEOPLE}/{bert}")
    assert (answer.status_code, answer.content) == (204, b"")
    for method, where in (("GET", ""), ("DELETE", ""), ("GET", "/voices")):
        again = await client.request(method, f"{PEOPLE}/{bert}{where}")
        assert (again.status_code, again.json()) == (404, {"detail": "Person not found"})


async def test_people_of_somebody_else_are_as_if_they_were_not_there(client: Client, world: VoiceWorld) -> None:
    bert = await add(client, "Bert")
    async with voice_client(world, UserId("eve")) as eve:
        assert (await eve.get(PEOPLE)).json() == []
        assert (await eve.get(f"{PEOPLE}/{bert}")).status_code == 404
        assert (await eve.delete(f"{PEOPLE}/{bert}")).status_code == 404
        assert (await eve.patch(f"{ASSIGN.format(0)}?assign_type=is_user&value=true")).status_code == 404


async def speakers(world: VoiceWorld) -> list[tuple[bool, str | None]]:
    segments = (await world.memories.get(ANNA, MemoryId("m1"))).segments
    return [(segment.is_user, segment.person_id) for segment in segments]


async def test_a_segment_is_assigned_to_a_person_and_the_voice_learned(client: Client, world: VoiceWorld) -> None:
    bert = await add(client, "Bert")
    answer = await client.patch(f"{ASSIGN.format(1)}?assign_type=person_id&value={bert}&use_for_speech_training=true")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["id"], body["voice_learned"], body["voice_learning"]) == ("m1", True, "learned")
    assert body["transcript_segments"][1]["person_id"] == bert
    assert (await speakers(world))[1] == (False, bert)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("assign_type=is_user&value=true", True),
        ("assign_type=is_user&value=True", True),
        ("assign_type=is_user&value=false", False),
        ("assign_type=is_user&value=null", False),
        ("assign_type=is_user", False),
        ("assign_type=person_id&value=user", True),
        ("assign_type=person_id&value=null", False),
        ("assign_type=person_id", False),
    ],
)
async def test_a_segment_is_the_owners_or_nobodys(
    client: Client, world: VoiceWorld, *, query: str, expected: bool
) -> None:
    answer = await client.patch(f"{ASSIGN.format(0)}?{query}")
    assert answer.status_code == 200
    assert (await speakers(world))[0] == (expected, None)


async def test_null_takes_an_assignment_back(client: Client, world: VoiceWorld) -> None:
    await client.patch(f"{ASSIGN.format(0)}?assign_type=is_user&value=true")
    answer = await client.patch(f"{ASSIGN.format(0)}?assign_type=person_id&value=null")
    assert answer.json()["voice_learning"] == "not_asked"
    assert (await speakers(world))[0] == (False, None)
    assert (await client.get("/v3/speech-profile")).json() == {"has_profile": False}


async def test_the_whole_voice_is_assigned(client: Client, world: VoiceWorld) -> None:
    bert = await add(client, "Bert")
    await client.patch(f"{ASSIGN.format(1)}?assign_type=person_id&value={bert}&whole_voice=true")
    assert await speakers(world) == [(False, None), (False, bert), (False, None), (False, bert)]


@pytest.mark.parametrize(
    ("index", "query", "learning"),
    [
        (0, "use_for_speech_training=false", "not_asked"),
        (2, "use_for_speech_training=true", "too_few_words"),
    ],
)
async def test_why_a_voice_was_not_learned_is_told(client: Client, index: int, query: str, learning: str) -> None:
    body = (await client.patch(f"{ASSIGN.format(index)}?assign_type=is_user&value=true&{query}")).json()
    assert (body["voice_learned"], body["voice_learning"]) == (False, learning)
    assert body["transcript_segments"][index]["is_user"] is True


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        (f"{ASSIGN.format(4)}?assign_type=is_user&value=true", 404, "Segment not found"),
        (f"{ASSIGN.format(-1)}?assign_type=is_user&value=true", 404, "Segment not found"),
        ("/v1/memories/m2/segments/0/assign?assign_type=is_user&value=true", 404, "Memory not found"),
        (f"{ASSIGN.format(0)}?assign_type=person_id&value=nobody", 404, "Person not found"),
        (f"{ASSIGN.format(0)}?assign_type=other&value=true", 400, "Invalid assign type"),
        (f"{ASSIGN.format(0)}?assign_type=is_user&value=perhaps", 400, "value: expected true or false"),
        (f"{ASSIGN.format(0)}?value=true", 422, "Missing required"),
        (f"{ASSIGN.format('x')}?assign_type=is_user&value=true", 404, ""),
    ],
)
async def test_what_cannot_be_assigned_is_told(
    client: Client, world: VoiceWorld, path: str, status: int, detail: str
) -> None:
    answer = await client.patch(path)
    assert (answer.status_code, answer.json()["detail"][: len(detail)]) == (status, detail)
    assert await speakers(world) == [(False, None)] * 4


async def test_two_people_are_merged_and_parted_again(client: Client, world: VoiceWorld) -> None:
    bert, cleo = await add(client, "Bert"), await add(client, "Cleo")
    for index, person in ((1, bert), (3, cleo)):
        await client.patch(f"{ASSIGN.format(index)}?assign_type=person_id&value={person}")
    assert (await client.post(f"{PEOPLE}/{bert}/merge", json={"from": cleo})).json() == {"status": "ok"}
    await world.work()
    assert [(await speakers(world))[index] for index in (1, 3)] == [(False, bert)] * 2
    voices = (await client.get(f"{PEOPLE}/{bert}/voices")).json()
    assert [voice["source"] for voice in voices] == ["m1:s1", "m1:s3"]
    assert [(await client.get(voice["url"])).status_code for voice in voices] == [200, 200]
    body = {"name": "Cleo again", "sources": ["m1:s3"]}
    other = (await client.post(f"{PEOPLE}/{bert}/split", json=body)).json()
    assert (await speakers(world))[3] == (False, other["id"])
    assert len(other["speech_samples"]) == 1


async def test_merges_that_make_no_sense_are_refused(client: Client) -> None:
    bert = await add(client, "Bert")
    assert (await client.post(f"{PEOPLE}/{bert}/merge", json={"from": bert})).status_code == 400
    assert (await client.post(f"{PEOPLE}/{bert}/merge", json={"from": "user"})).status_code == 400
    assert (await client.post(f"{PEOPLE}/{bert}/merge", json={"from": "nobody"})).status_code == 404
    assert (await client.post(f"{PEOPLE}/{bert}/split", json={"name": "Cleo", "sources": ["m:1"]})).status_code == 404
