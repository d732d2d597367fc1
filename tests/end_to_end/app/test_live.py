"""A conversation, from the first packet to the memory, on the phones of three years."""

import anyio
import pytest
from msgspec import structs

from domain import watermark
from tests.end_to_end.app.conftest import Owner
from tests.support.listen_client import words_of
from tests.support.omi_app.eras import ERAS, NOW, OCTOBER_2024, SEPTEMBER_2024, Era
from tests.support.omi_app.phone import Phone
from tests.support.omi_app.rest import Rest
from tests.support.pictures import jpeg

MESSAGE = 8192
"""Bytes that the microphone of a phone gives at once."""


def name(era: Era) -> str:
    return era.name


every_year = pytest.mark.parametrize("era", ERAS, ids=name)


async def say(phone: Phone, first: int, count: int, *, pause: int = 4_000) -> list[str]:
    """Numbered words, and the silence that makes them final."""
    pcm = watermark.speech(first, count, pause=pause) + bytes(24_000)
    await phone.until(lambda: phone.is_connected)
    for at in range(0, len(pcm), MESSAGE):
        await phone.hear(pcm[at : at + MESSAGE])
    return [watermark.text_of(number) for number in range(first, first + count)]


@every_year
async def test_what_is_said_is_shown_and_is_listed_as_it_goes_on(owner: Owner, app: Rest, era: Era) -> None:
    with anyio.fail_after(20):
        async with owner.phone(era).attached() as phone:
            said = await say(phone, 0, 4)
            await phone.until(lambda: phone.screen.words == said)
            assert phone.screen.is_listening
            query = {"limit": 1, "offset": 0, "statuses": "in_progress"}
            [going_on] = await app.ask("GET /v1/conversations", query=query)
            assert words_of(going_on) == said
            [processing] = (await app.ask("GET /v1/processing-memories"))["result"]
            read = await app.ask("GET /v1/processing-memories/{memory_id}", memory_id=processing["id"])
            assert read["result"]["status"] == "capturing"


async def test_the_app_of_september_2024_says_where_it_is_when_a_conversation_begins(owner: Owner, app: Rest) -> None:
    with anyio.fail_after(20):
        async with owner.phone(SEPTEMBER_2024).attached() as phone:
            await say(phone, 0, 4)
            await phone.until(lambda: phone.screen.processing_memory is not None)
            name = phone.screen.processing_memory
            body = {"geolocation": {"latitude": 1, "longitude": -2.5}, "emotional_feedback": False}
            noted = await app.ask("PATCH /v1/processing-memories/{memory_id}", memory_id=name, body=body)
            assert noted["result"]["geolocation"]["latitude"] in {1.0, 52.0}
            await app.ask("POST /v2/memories")
            await phone.until(lambda: bool(phone.screen.memories))
    assert phone.screen.memories[0]["geolocation"] is not None


async def test_the_app_of_september_2024_goes_on_with_a_fresh_socket_after_each_memory(owner: Owner, app: Rest) -> None:
    with anyio.fail_after(20):
        async with owner.phone(SEPTEMBER_2024).attached() as phone:
            for number in range(3):
                await phone.until(lambda: phone.opened == number + 1 and phone.is_connected)  # noqa: B023
                said = await say(phone, 10 * number, 4)
                await phone.until(lambda: phone.screen.words == said)  # noqa: B023
                await app.ask("POST /v2/memories")
    assert [words_of(memory) for memory in phone.screen.memories] == [
        [watermark.text_of(number) for number in range(first, first + 4)] for first in (0, 10, 20)
    ]
    assert len(await app.ask("GET /v1/memories")) == 3


@pytest.mark.parametrize("era", [OCTOBER_2024, NOW], ids=name)
async def test_the_user_has_the_memory_made_now(owner: Owner, app: Rest, era: Era) -> None:
    with anyio.fail_after(20):
        async with owner.phone(era).attached() as phone:
            said = await say(phone, 0, 4)
            await phone.until(lambda: phone.screen.words == said)
            answered = await phone.process_now()
            await phone.until(lambda: bool(phone.screen.memories))
            assert phone.screen.words == []  # cleared, as the app clears it
    assert words_of(answered["memory"]) == said
    assert phone.screen.memories == [await app.ask("GET /v1/memories/{memory_id}", memory_id=answered["memory"]["id"])]


async def test_the_user_throws_away_what_was_said_so_far(owner: Owner, app: Rest) -> None:
    with anyio.fail_after(20):
        async with owner.phone(NOW).attached() as phone:
            said = await say(phone, 0, 4)
            await phone.until(lambda: phone.screen.words == said)
            await app.ask("DELETE /v1/conversations/in-progress/clear")
    assert await app.ask("GET /v1/conversations") == []


@pytest.mark.parametrize("route", ["POST /v2/memories", "POST /v1/conversations"])
async def test_no_memory_is_made_of_nothing(app: Rest, route: str) -> None:
    await app.ask(route, status_expected=404)


@every_year
async def test_a_phone_that_loses_its_network_goes_on_with_the_conversation(owner: Owner, app: Rest, era: Era) -> None:
    with anyio.fail_after(20):
        async with owner.phone(era).attached() as phone:
            said = await say(phone, 0, 4)
            await phone.until(lambda: phone.screen.words == said)
            await phone.lose_network()
            phone.regain_network(owner.network)
            said += await say(phone, 20, 4)
            await phone.until(lambda: phone.screen.words[-4:] == said[-4:])
            await app.ask("POST /v2/memories")
            await phone.until(lambda: bool(phone.screen.memories))
    assert [words_of(memory) for memory in await app.ask("GET /v1/memories")] == [said]


async def test_the_present_app_is_greeted_and_shows_that_it_listens_only_then(owner: Owner) -> None:
    with anyio.fail_after(20):
        async with owner.phone(NOW).attached() as phone:
            await phone.until(lambda: phone.screen.is_listening)
    kinds = [event.get("status") or event["type"] for event in phone.screen.events]
    statuses = ["initiating", "in_progress_conversations_processing", "stt_initiating"]
    assert kinds == [*statuses, "in_progress", "ready"]


async def test_who_comes_back_is_told_of_the_newest_memory(owner: Owner, app: Rest) -> None:
    with anyio.fail_after(20):
        async with owner.phone(NOW).attached() as phone:
            await say(phone, 0, 4)
            await phone.until(lambda: len(phone.screen.words) == 4)
            made = await app.ask("POST /v1/conversations")
        async with owner.phone(NOW).attached() as phone:
            await phone.until(lambda: phone.screen.is_listening)
    told = [event["memory_id"] for event in phone.screen.events if event["type"] == "last_memory"]
    assert told == [made["conversation"]["id"]]


async def test_a_camera_sends_photos_in_pieces_and_they_are_described(owner: Owner, app: Rest) -> None:
    with anyio.fail_after(20):
        async with owner.phone(NOW).attached() as phone:
            said = await say(phone, 0, 4)
            await phone.until(lambda: phone.screen.words == said)
            await phone.photograph("one", jpeg("green", size=900))
            await phone.photograph("two", jpeg("red", size=64))
            await phone.until(lambda: len([e for e in phone.screen.events if e["type"] == "photo_described"]) == 2)
            memory = (await phone.process_now())["conversation"]
    processing = [event["temp_id"] for event in phone.screen.events if event["type"] == "photo_processing"]
    assert processing == ["one", "two"]
    photos = await app.ask("GET /v1/conversations/{memory_id}/photos", memory_id=memory["id"])
    assert len(photos) == 2


async def test_whoever_is_named_while_it_goes_on_is_named_in_the_memory(owner: Owner, app: Rest) -> None:
    person = await app.ask("POST /v1/users/people", body={"name": "Bertha"})
    with anyio.fail_after(20):
        async with owner.phone(NOW).attached() as phone:
            await say(phone, 0, 12, pause=800)
            await phone.until(lambda: any(s["speaker_id"] for s in phone.screen.segments.values()))
            [segment] = phone.screen.segments.values()
            await phone.assign(segment["speaker_id"], person=person["id"], name="Bertha", segments=[segment["id"]])
            await phone.until(lambda: [s["person_id"] for s in phone.screen.segments.values()] == [person["id"]])
            memory = (await phone.process_now())["conversation"]
    assert {segment["person_id"] for segment in memory["transcript_segments"]} == {person["id"]}


@every_year
async def test_keep_alives_and_unknown_words_change_nothing(owner: Owner, era: Era) -> None:
    with anyio.fail_after(20):
        async with owner.phone(era).attached() as phone:
            await phone.until(lambda: phone.is_connected)
            await phone.hear(b"\x8a\x00")
            await phone._say({"type": "client_state", "foreground": False, "transcript_visible": False})
            await phone._say({"type": "start_onboarding"})
            said = await say(phone, 0, 4)
            await phone.until(lambda: phone.screen.words == said)


async def test_who_is_new_answers_questions_and_facts_are_made_of_the_answers(owner: Owner, app: Rest) -> None:
    new = structs.replace(NOW, parameters=NOW.parameters | {"onboarding": "enabled"})
    with anyio.fail_after(20):
        async with owner.phone(new).attached() as phone:
            await phone.until(lambda: "onboarding_question" in phone.screen.kinds())
            said = await say(phone, 0, 4)
            await phone.until(lambda: "question_answered" in phone.screen.kinds())
            await phone.lose_network()
            phone.regain_network(owner.network)
            await phone.until(lambda: phone.is_connected)
            for _ in range(4):
                await phone.skip_question()
            await phone.until(lambda: "onboarding_complete" in phone.screen.kinds())
    asked = [event["question_index"] for event in phone.screen.events if event["type"] == "onboarding_question"]
    answered = [event["answered"] for event in phone.screen.events if event["type"] == "question_answered"]
    assert (sorted(set(asked)), answered) == ([0, 1, 2, 3, 4], [True, False, False, False, False])
    [completed] = [event for event in phone.screen.events if event["type"] == "onboarding_complete"]
    facts = await app.ask("GET /v1/facts")
    assert (completed["memories_created"], completed["error"]) == (len(facts), None)
    assert any(said[0] in fact["content"] for fact in facts)
