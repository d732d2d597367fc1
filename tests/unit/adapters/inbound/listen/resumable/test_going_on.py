"""What a client that comes back is told and what is taken of it."""

from adapters.inbound.listen.resumable.sessions import GRACE_SECONDS
from adapters.outbound.clock.manual import settle
from domain.session import StatusChanged
from tests.support.resumable_phones import TAIL, WORDS, Scene, a_scene, until
from tests.support.world import ANNA


async def test_a_client_is_told_what_its_session_is_called_and_what_it_has(scene: Scene) -> None:
    phone = await scene.phone()
    [session] = phone.told("session")
    assert not session["resumed"]
    assert len(session["token"]) >= 32
    assert (session["durable"], session["transcribed"], session["last_event"], session["messages"]) == (0, 0, 0, 0)
    assert session["grace"] == GRACE_SECONDS


async def test_what_is_stored_and_what_was_heard_is_acknowledged(scene: Scene) -> None:
    phone = await scene.phone()
    end = phone.send(WORDS + TAIL, position=0)
    await settle(300)
    await until(lambda: len(phone.words) == 3)
    await scene.world.clock.advance(0.25)
    ack = phone.told("ack")[-1]
    assert ack["durable"] == end
    assert len(WORDS) // 2 <= ack["transcribed"] <= end  # the last silence may still turn out to begin a word


async def test_nothing_is_acknowledged_twice(scene: Scene) -> None:
    phone = await scene.phone()
    phone.send(WORDS, position=0)
    await settle(300)
    await until(lambda: len(phone.words) >= 2)
    await scene.world.clock.advance(3)
    acks = phone.told("ack")
    assert len(acks) == len({tuple(ack.items()) for ack in acks})


async def test_a_session_goes_on_after_a_cut_in_the_middle_of_a_word(scene: Scene) -> None:
    phone = await scene.phone()
    middle = phone.send(WORDS[:6_400], position=0)
    await settle(100)
    phone.leave()
    await settle(100)
    again = await scene.again(phone, now=middle)
    [session] = again.told("session")
    assert session["resumed"]
    assert session["durable"] == middle
    again.send((WORDS + TAIL)[2 * middle :], position=middle)
    await until(lambda: len(again.words) == 3)
    assert phone.words + again.words[len(phone.words) :] == ["word0", "word1", "word2"]
    [live] = scene.world.conversations.open
    assert live.ledger.coverage().absences == ()


async def test_packets_that_are_sent_again_are_taken_once(scene: Scene) -> None:
    phone = await scene.phone()
    for start in (0, 0, 640, 3_200):
        phone.send((WORDS + TAIL)[2 * start :], position=start)
    await until(lambda: len(phone.words) == 3)
    await settle(500)
    [live] = scene.world.conversations.open
    assert live.ledger.end == len(WORDS + TAIL) // 2


async def test_events_that_were_missed_are_told_once_in_order(scene: Scene) -> None:
    phone = await scene.phone()
    phone.send(WORDS + TAIL, position=0)
    await settle(300)
    await until(lambda: len(phone.words) == 3)
    has = phone.told("event")[0]["number"]
    phone.leave()
    await settle(100)
    await scene.world.events.publish(ANNA, StatusChanged("while", "away"))
    await settle(100)
    again = await scene.again(phone, last_event=has)
    await settle(100)
    numbers = [event["number"] for event in again.told("event")]
    assert numbers == list(range(has + 1, again.told("session")[0]["last_event"] + 1))
    assert again.told("event")[-1]["message"]["status"] == "while"


async def test_who_comes_too_late_for_events_gets_the_conversation_as_it_stands(scene: Scene) -> None:
    phone = await scene.phone()
    phone.send(WORDS + TAIL, position=0)
    await settle(300)
    await until(lambda: len(phone.words) == 3)
    phone.leave()
    for number in range(1_100):
        await scene.world.events.publish(ANNA, StatusChanged("news", str(number)))
        await settle(1)
    again = await scene.again(phone, last_event=1)
    await settle(100)
    [snapshot] = again.told("snapshot")
    assert [segment["text"] for segment in snapshot["message"]] == ["word0 word1 word2"]
    assert snapshot["number"] == again.told("session")[0]["last_event"]
    assert again.told("event") == []


async def test_a_number_of_an_event_that_never_was_gets_the_conversation_as_it_stands(scene: Scene) -> None:
    phone = await scene.phone()
    phone.leave()
    again = await scene.again(phone, last_event=99)
    assert again.told("snapshot")[0]["message"] == []


async def test_a_numbered_message_is_heeded_once(scene: Scene) -> None:
    phone = await scene.phone()
    phone.send(WORDS + TAIL, position=0)
    await settle(300)
    await until(lambda: len(phone.words) == 3)
    phone.text('{"number":1,"message":{"type":"end_conversation"}}')
    await until(lambda: any("new_memory_created" in str(event) for event in phone.told("event")))
    phone.leave()
    await settle(50)
    again = await scene.again(phone, last_event=1)
    assert again.told("session")[0]["messages"] == 1
    [live] = scene.world.conversations.open
    again.text('{"number":1,"message":{"type":"end_conversation"}}')
    await settle(200)
    assert [live.id for live in scene.world.conversations.open] == [live.id]


async def test_a_session_that_is_finished_says_all_it_has_to_say(scene: Scene) -> None:
    phone = await scene.phone()
    end = phone.send(WORDS, position=0)
    phone.text('{"number":1,"message":{"type":"finish"}}')
    await until(lambda: phone.code is not None)
    assert phone.code == 1000
    assert phone.words == ["word0", "word1", "word2"]
    assert phone.told("ack")[-1] == {"type": "ack", "durable": end, "transcribed": end, "messages": 1}


async def test_a_stop_of_the_server_acknowledges_and_tells_all(scene: Scene) -> None:
    phone = await scene.phone()
    end = phone.send(WORDS, position=0)
    await settle(100)
    scene.sessions.go_away()
    await until(lambda: phone.code is not None)
    assert phone.code == 1012
    assert phone.words == ["word0", "word1", "word2"]
    assert phone.told("ack")[-1]["durable"] == end
    await until(lambda: scene.sessions.live_sessions == 0)


async def test_a_stream_goes_on_to_the_sample_after_a_crash_of_the_server() -> None:
    async with a_scene() as before:
        phone = await before.phone()
        middle = phone.send((WORDS + TAIL)[: 2 * 14_400], position=0)
        await until(lambda: phone.words)
        await settle(200)
        world = before.world.restarted()
        async with a_scene(world) as after:
            has = phone.told("event")[-1]["number"]
            anew = await after.again(phone, position=middle - 3_200, now=middle, last_event=has)
            [session] = anew.told("session")
            assert (session["resumed"], session["durable"]) == (True, middle)
            [snapshot] = anew.told("snapshot")
            assert snapshot["number"] == has + 1
            assert snapshot["message"][0]["text"].startswith("word0")
            anew.send((WORDS + TAIL)[2 * (middle - 3_200) :], position=middle - 3_200)
            [live] = world.conversations.open
            await until(lambda: live.ledger.end == len(WORDS + TAIL) // 2)
            await until(lambda: live.transcript.word_count == 3)
            assert live.ledger.coverage().absences == ()


async def test_another_stream_of_the_same_user_does_not_go_on_where_the_first_broke_off(scene: Scene) -> None:
    phone = await scene.phone()
    phone.send(WORDS, position=0)
    await settle(300)
    phone.leave()
    await settle(50)
    await scene.world.clock.advance(125)
    other = await scene.phone(stream="another capture")
    assert other.told("session")[0]["durable"] == 0
