"""Sessions whose sockets come and go, told message by message, on a clock set by hand."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from adapters.inbound.listen.generations import GENERATIONS
from adapters.inbound.listen.resumable.session import FUTURE_SECONDS
from adapters.inbound.listen.resumable.sessions import GRACE_SECONDS, ResumableClient, ResumableSessions
from adapters.inbound.listen.resumable.wire import HEADER
from adapters.outbound.clock.manual import settle
from domain import watermark
from domain.audio import SAMPLE_RATE, AudioFormat, Codec
from domain.errors import InvalidRequest
from domain.ids import UserId
from domain.session import SessionRequest, StatusChanged
from ports.errors import StorageFull
from tests.support.world import ANNA, REQUEST, World

PACKET = 320
"""Samples: 20 ms."""
WORDS = watermark.speech(0, 3, pause=4_000)
TAIL = bytes(2 * 24_000)


class Phone:
    """The client's side of one socket, without a network."""

    def __init__(self, sessions: ResumableSessions, *, request: SessionRequest = REQUEST, path: str) -> None:
        self._to_server, self._receive = anyio.create_memory_object_stream[dict[str, Any]](10_000)
        self._sessions = sessions
        self._request = request
        self._generation = GENERATIONS[path]
        self.received: list[dict[str, Any]] = []
        self.failure: Exception | None = None

    async def serve(self) -> None:
        client = ResumableClient(self._receive.receive, self._send, self._generation, None)
        try:
            await self._sessions.serve(self._request, client)
        except InvalidRequest as error:
            self.failure = error

    async def _send(self, message: dict[str, Any]) -> None:
        self.received.append(message)

    def text(self, text: str) -> None:
        self._to_server.send_nowait({"type": "websocket.receive", "text": text})

    def send(self, pcm: bytes, *, position: int) -> int:
        """Sends packets; gives the position behind them."""
        for start in range(0, len(pcm), 2 * PACKET):
            piece = pcm[start : start + 2 * PACKET]
            self._to_server.send_nowait({"type": "websocket.receive", "bytes": HEADER.pack(position) + piece})
            position += len(piece) // 2
        return position

    def leave(self) -> None:
        self._to_server.send_nowait({"type": "websocket.disconnect", "code": 1006})

    def close(self) -> None:
        self._to_server.close()
        self._receive.close()

    def told(self, kind: str) -> list[dict[str, Any]]:
        texts = [message["text"] for message in self.received if "text" in message]
        return [message for message in map(json.loads, texts) if message["type"] == kind]

    @property
    def words(self) -> list[str]:
        arrays = [event["message"] for event in self.told("event") if isinstance(event["message"], list)]
        return [word for array in arrays for segment in array for word in segment["text"].split()]

    @property
    def code(self) -> int | None:
        return next((message["code"] for message in self.received if message["type"] == "websocket.close"), None)


class Scene:
    """A server without a network, and phones that connect to it."""

    def __init__(self, world: World, connect: Callable[[Phone], None], **settings: Any) -> None:
        self.world = world
        self.sessions = ResumableSessions(world.listen, clock=world.clock, **settings)
        self.phones: list[Phone] = []
        self._connect = connect

    async def phone(
        self, *, request: SessionRequest = REQUEST, path: str = "/listen", now: int = 0, position: int = 0, **said: Any
    ) -> Phone:
        phone = Phone(self.sessions, request=request, path=path)
        self.phones.append(phone)
        said = {"type": "resume", "stream": "capture", "position": position, "now": now} | said
        phone.text(json.dumps(said))
        self._connect(phone)
        await settle(100)
        return phone

    async def again(self, former: Phone, *, last_event: int = 0, **more: Any) -> Phone:
        """Comes back to the session of another socket."""
        [session] = former.told("session")
        return await self.phone(token=session["token"], last_event=last_event, **more)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with a_scene() as scene:
        yield scene


@asynccontextmanager
async def a_scene() -> AsyncIterator[Scene]:
    world = World()
    async with world.running(), anyio.create_task_group() as tasks:
        scene = Scene(world, lambda phone: tasks.start_soon(phone.serve))
        try:
            yield scene
        finally:
            tasks.cancel_scope.cancel()
    for phone in scene.phones:
        phone.close()


async def until(condition: Callable[[], Any]) -> None:
    with anyio.fail_after(5):
        while not condition():
            await anyio.sleep(0.01)


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
    await settle(500)
    await until(lambda: len(phone.words) == 3)
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


async def test_the_token_of_another_user_opens_nothing(scene: Scene) -> None:
    phone = await scene.phone()
    bert = await scene.again(phone, request=SessionRequest(user=UserId("bert"), audio=REQUEST.audio))
    [refused] = bert.told("refused")
    assert refused["code"] == "not_yours"
    assert bert.code == 4410
    phone.send(WORDS + TAIL, position=0)
    await until(lambda: len(phone.words) == 3)
    assert bert.words == []


async def test_the_former_token_of_another_user_opens_nothing_either(scene: Scene) -> None:
    phone = await scene.phone()
    phone.leave()
    await scene.world.clock.advance(GRACE_SECONDS + 2)
    bert = await scene.again(phone, request=SessionRequest(user=UserId("bert"), audio=REQUEST.audio))
    assert bert.told("refused")[0]["code"] == "not_yours"


@pytest.mark.parametrize("token", ["garbage", "x" * 128, "\u2603", "../../etc"])
async def test_garbage_for_a_token_opens_nothing(scene: Scene, token: str) -> None:
    phone = await scene.phone(token=token)
    assert phone.told("refused")[0]["code"] == "unknown"
    assert phone.code == 4410


async def test_a_token_has_expired_when_its_client_was_away_for_too_long(scene: Scene) -> None:
    phone = await scene.phone()
    middle = phone.send(WORDS, position=0)
    await settle(300)
    phone.leave()
    await settle(50)
    await scene.world.clock.advance(GRACE_SECONDS - 2)
    assert scene.sessions.live_sessions == 1
    await scene.world.clock.advance(4)
    await until(lambda: scene.sessions.live_sessions == 0)
    again = await scene.again(phone, now=middle)
    [refused] = again.told("refused")
    assert refused["code"] == "expired"
    assert again.code == 4410


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


async def test_audio_that_comes_after_an_outage_lies_where_it_was_captured(scene: Scene) -> None:
    began = scene.world.clock.now()
    phone = await scene.phone()
    middle = phone.send(WORDS + TAIL, position=0)
    await settle(300)
    phone.leave()
    await settle(50)
    await scene.world.clock.advance(100)
    again = await scene.again(phone, now=100 * SAMPLE_RATE)
    late = bytes(2 * 60 * SAMPLE_RATE) + watermark.speech(7, 1, pause=4_000) + TAIL
    again.send(late, position=middle)
    await until(lambda: "word7" in again.words)
    [live] = scene.world.conversations.open
    word = live.transcript.segments[-1]
    assert live.opened.epoch.at == began
    assert word.end == middle + 60 * SAMPLE_RATE + watermark.WORD_SAMPLES
    assert live.ledger.coverage().absences == ()


async def test_audio_from_before_the_first_connection_lies_where_it_was_captured(scene: Scene) -> None:
    now = scene.world.clock.now()
    await scene.phone(now=600 * SAMPLE_RATE)
    [live] = scene.world.conversations.open
    assert (now - live.opened.epoch.at).total_seconds() == 600


async def test_an_outage_is_no_silence(scene: Scene) -> None:
    phone = await scene.phone()
    end = phone.send(WORDS + TAIL, position=0)
    await settle(300)
    await scene.world.clock.advance(60)
    phone.leave()
    await settle(50)
    await scene.world.clock.advance(100)
    again = await scene.again(phone, now=160 * SAMPLE_RATE)
    again.send(watermark.speech(3, 2, pause=4_000) + TAIL, position=end)
    await until(lambda: "word4" in again.words)
    [live] = scene.world.conversations.open
    assert live.transcript.word_count == 5


async def test_silence_of_a_client_that_is_there_ends_the_conversation(scene: Scene) -> None:
    phone = await scene.phone(path="/v4/listen")
    phone.send(WORDS + TAIL, position=0)
    await settle(300)
    for _ in range(13):
        phone.text("{}")  # a sign of life
        await scene.world.clock.advance(10)
    await until(lambda: any("memory_created" in str(event) for event in phone.told("event")))


async def test_a_stretch_that_the_client_leaves_out_is_named(scene: Scene) -> None:
    phone = await scene.phone()
    phone.send(WORDS[:6_400], position=0)
    phone.send(WORDS[:6_400], position=48_000)
    await settle(200)
    gaps = [event["message"] for event in phone.told("event") if "gap" in str(event["message"])]
    assert gaps == [{"type": "gap", "start": 3_200, "end": 48_000}]
    [live] = scene.world.conversations.open
    [absence] = live.ledger.coverage().absences
    assert (absence.start, absence.end) == (3_200, 48_000)


async def test_a_packet_from_the_future_ends_the_connection(scene: Scene) -> None:
    phone = await scene.phone()
    phone.send(bytes(640), position=round((FUTURE_SECONDS + 1) * SAMPLE_RATE))
    await settle(100)
    assert phone.code == 1008


async def test_what_cannot_be_stored_is_not_acknowledged_and_stored_later(scene: Scene) -> None:
    phone = await scene.phone()
    middle = phone.send(WORDS[:6_400], position=0)
    await settle(100)
    scene.world.journal.failure = StorageFull("no space left")
    phone.send((WORDS + TAIL)[2 * middle :], position=middle)
    await settle(100)
    assert phone.code == 1013
    scene.world.journal.failure = None
    again = await scene.again(phone, now=middle)
    assert again.told("session")[0]["durable"] == middle
    again.send((WORDS + TAIL)[2 * middle :], position=middle)
    await until(lambda: "word2" in again.words)
    [live] = scene.world.conversations.open
    assert live.ledger.end == len(WORDS + TAIL) // 2
    assert live.ledger.coverage().absences == ()


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
    assert late.told("refused")[0]["code"] == "finished"


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
    assert again.told("refused")[0]["code"] == "taken_over"


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
