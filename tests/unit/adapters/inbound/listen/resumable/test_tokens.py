"""Whose session goes on, and for how long."""

from typing import Any

import pytest

from adapters.inbound.listen.resumable.sessions import GRACE_SECONDS
from adapters.outbound.clock.manual import settle
from domain.audio import SAMPLE_RATE, AudioFormat, Codec
from domain.ids import UserId
from domain.session import SessionRequest
from tests.support.resumable_phones import TAIL, WORDS, Phone, Scene, until
from tests.support.world import ANNA, REQUEST


async def test_the_token_of_another_user_opens_nothing(scene: Scene) -> None:
    phone = await scene.phone()
    bert = await scene.again(phone, request=SessionRequest(user=UserId("bert"), audio=REQUEST.audio))
    [refused] = bert.told("refused")
    assert refused["code"] == "unknown"
    assert bert.code == 4410
    phone.send(WORDS + TAIL, position=0)
    await until(lambda: len(phone.words) == 3)
    assert bert.words == []


async def test_the_former_token_of_another_user_opens_nothing_either(scene: Scene) -> None:
    phone = await scene.phone()
    phone.leave()
    await scene.world.clock.advance(GRACE_SECONDS + 2)
    bert = await scene.again(phone, request=SessionRequest(user=UserId("bert"), audio=REQUEST.audio))
    assert bert.told("refused")[0]["code"] == "unknown"


@pytest.mark.parametrize("token", ["garbage", "x" * 128, "\u2603", "../../etc"])
async def test_garbage_for_a_token_opens_nothing(scene: Scene, token: str) -> None:
    phone = await scene.phone(token=token)
    assert phone.told("refused")[0]["code"] == "unknown"
    assert phone.code == 4410


async def test_a_token_is_good_when_its_client_was_away_for_long(scene: Scene) -> None:
    phone = await scene.phone(path="/v4/listen")
    middle = phone.send(WORDS, position=0)
    await settle(300)
    phone.leave()
    await settle(50)
    await scene.world.clock.advance(GRACE_SECONDS - 2)
    assert scene.sessions.live_sessions == 1
    await scene.world.clock.advance(4)
    await until(lambda: scene.sessions.live_sessions == 0)
    has = phone.told("event")[-1]["number"]
    await scene.world.clock.advance(3_600)
    late = middle + 3_600 * SAMPLE_RATE
    again = await scene.again(phone, path="/v4/listen", now=late, last_event=has)
    [session] = again.told("session")
    assert (session["resumed"], session["durable"]) == (True, middle)
    assert again.told("snapshot")[0]["number"] == has + 1
    [told] = [event for event in again.told("event") if event["message"]["type"] == "memory_created"]
    assert told["number"] == has + 2
    assert told["message"]["memory"]["transcript_segments"][0]["text"] == "word0 word1 word2"


async def test_a_new_session_knows_what_of_the_stream_an_expired_one_has(scene: Scene) -> None:
    phone = await scene.phone()
    middle = phone.send(WORDS, position=0)
    await settle(300)
    phone.leave()
    await settle(50)
    await scene.world.clock.advance(GRACE_SECONDS + 4)
    await until(lambda: scene.sessions.live_sessions == 0)
    anew = await scene.phone(position=middle - 960, now=middle + 120 * SAMPLE_RATE)
    assert anew.told("session")[0]["durable"] == middle


@pytest.mark.parametrize(
    "said",
    [
        {"stream": ""},
        {"stream": "x" * 65},
        {"position": -1},
        {"position": 10, "now": 9},
        {"now": 2**53},
        {"position": "0"},
        {"token": "x" * 129},
        {"last_event": -1},
        {"type": "hello"},
        {"now": 40 * 86_400 * SAMPLE_RATE},
    ],
)
async def test_a_first_message_that_makes_no_sense_is_refused(scene: Scene, said: dict[str, Any]) -> None:
    phone = await scene.phone(**({"now": 0} | said))
    assert phone.failure is not None
    assert scene.sessions.live_sessions == 0


async def test_a_client_that_says_nothing_first_is_refused(scene: Scene) -> None:
    phone = Phone(scene.sessions, path="/listen")
    scene.phones.append(phone)
    phone.send(WORDS, position=0)
    await phone.serve()
    assert phone.failure is not None


async def test_a_client_that_goes_before_it_says_anything_is_forgotten(scene: Scene) -> None:
    phone = Phone(scene.sessions, path="/listen")
    scene.phones.append(phone)
    phone.leave()
    await phone.serve()
    assert phone.failure is None
    assert phone.received == []


async def test_another_audio_format_does_not_go_on_with_a_session(scene: Scene) -> None:
    phone = await scene.phone()
    opus = SessionRequest(user=ANNA, audio=AudioFormat(codec=Codec.OPUS, sample_rate=16_000))
    again = await scene.again(phone, request=opus)
    assert "audio format" in str(again.failure)


async def test_a_newer_socket_fences_the_older_one(scene: Scene) -> None:
    phone = await scene.phone()
    middle = phone.send(WORDS[:12_800], position=0)
    await settle(100)
    again = await scene.again(phone, now=middle)
    assert phone.code == 4409
    phone.send(WORDS[2 * middle :], position=middle)
    await settle(100)
    await scene.world.clock.advance(0.25)
    assert again.told("session")[0]["durable"] == middle
    assert {ack["durable"] for ack in again.told("ack")} <= {middle}


async def test_a_client_that_lost_its_token_ends_what_it_left_behind(scene: Scene) -> None:
    phone = await scene.phone()
    middle = phone.send(WORDS[:12_800], position=0)
    await settle(100)
    anew = await scene.phone(now=middle)
    assert phone.code == 4409
    assert anew.told("session")[0]["durable"] == middle
    anew.send((WORDS + TAIL)[2 * middle :], position=middle)
    await until(lambda: "word2" in anew.words)
    assert len(scene.world.conversations.open) == 1
    assert scene.sessions.live_sessions == 1


async def test_the_last_events_of_a_finished_session_can_be_fetched_for_a_while(scene: Scene) -> None:
    phone = await scene.phone()
    phone.send(WORDS, position=0)
    await settle(100)
    phone.text('{"number":1,"message":{"type":"finish"}}')
    await until(lambda: phone.code is not None)
    again = await scene.again(phone)
    await until(lambda: again.code is not None)
    assert (again.code, again.words) == (1000, ["word0", "word1", "word2"])
    await scene.world.clock.advance(GRACE_SECONDS + 1)
    late = await scene.again(phone)
    await until(lambda: late.code is not None)
    assert late.told("session")[0]["messages"] == 1
    assert late.code == 1000


async def test_another_device_takes_a_conversation_over_from_a_client_that_is_away(scene: Scene) -> None:
    phone = await scene.phone()
    phone.send(WORDS, position=0)
    await settle(300)
    phone.leave()
    await settle(50)
    await scene.world.clock.advance(5)
    async with scene.world.listen.open(REQUEST) as session:
        assert session.conversation.transcript.word_count >= 2
    again = await scene.again(phone)
    assert again.told("session")[0]["durable"] == len(WORDS) // 2


async def test_a_user_has_only_so_many_sessions(scene: Scene) -> None:
    phones = [await scene.phone(stream=f"capture {number}") for number in range(9)]
    assert phones[0].code == 4409
    assert scene.sessions.live_sessions == 8


async def test_a_connection_without_life_is_given_up_and_its_session_goes_on(scene: Scene) -> None:
    phone = await scene.phone(path="/v4/listen")
    await scene.world.clock.advance(100)
    assert phone.code == 1001
    again = await scene.again(phone, path="/v4/listen")
    assert again.told("session")[0]["resumed"]
