"""A session whose process is gone, or whose client comes to another server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from adapters.inbound.listen.resumable.sessions import ResumableSessions
from adapters.outbound.clock.manual import settle
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.listening.known_streams import KnownStreams
from domain import watermark
from domain.audio import AudioFormat, Codec
from domain.errors import InvalidRequest
from domain.session import SessionRequest
from ports.errors import TemporarilyUnavailable
from tests.support.resumable_phones import PACKET, TAIL, WORDS, Scene, a_scene, until
from tests.support.world import ANNA, World

SLOW = SessionRequest(user=ANNA, audio=AudioFormat(codec=Codec.PCM16, sample_rate=8_000))
STEREO = SessionRequest(user=ANNA, audio=AudioFormat(codec=Codec.PCM16, sample_rate=16_000, channels=2))
ALL = WORDS + TAIL


@asynccontextmanager
async def two_servers() -> AsyncIterator[tuple[Scene, Scene]]:
    world = World()
    async with a_scene(world) as one, a_scene(world.beside()) as two:
        yield one, two


class Away(InMemoryKeyValueStore):
    """Cannot be reached."""

    async def get(self, key: str) -> bytes | None:
        raise TemporarilyUnavailable(f"not now: {key}")

    async def put(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> None:  # noqa: ARG002
        raise TemporarilyUnavailable(f"not now: {key}")


async def test_a_client_that_is_cut_off_goes_on_at_once_at_another_server() -> None:
    async with two_servers() as (one, two):
        phone = await one.phone()
        middle = phone.send(WORDS[:12_800], position=0)
        await settle(200)
        phone.leave()
        again = await two.again(phone, now=middle)
        await until(lambda: again.told("session"))
        [session], [before] = again.told("session"), phone.told("session")
        assert (session["resumed"], session["durable"]) == (True, middle)
        assert session["conversation"] == before["conversation"]
        again.send(ALL[2 * middle :], position=middle)
        [live] = two.world.conversations.open
        await until(lambda: live.transcript.word_count == 3)
        assert live.ledger.coverage().absences == ()
        assert one.world.conversations.open == ()
        assert one.sessions.live_sessions == 0


async def test_a_word_that_is_cut_into_thirds_between_servers_is_heard_as_one() -> None:
    async with two_servers() as (one, two):
        phone = await one.phone()
        sent = phone.send(ALL[: 2 * 8_320], position=0)  # the second word lasts from 7,200 to 10,400
        await settle(300)
        for scene, end in ((two, 9_280), (one, len(ALL) // 2)):
            phone.leave()
            last = phone.told("event")[-1]["number"] if phone.told("event") else 0
            phone = await scene.again(phone, now=sent, last_event=last)
            await until(lambda phone=phone: phone.told("session"))
            sent = phone.send(ALL[2 * sent : 2 * end], position=sent)
            await settle(300)
        [live] = one.world.conversations.open
        await until(lambda: live.transcript.word_count == 3)
        assert [segment.text for segment in live.transcript.segments] == ["word0 word1 word2"]


async def test_a_word_that_a_crash_falls_into_is_heard_as_one() -> None:
    async with a_scene() as before:
        phone = await before.phone()
        sent = phone.send(ALL[: 2 * 8_800], position=0)  # half of the second word
        await settle(300)
        async with a_scene(before.world.restarted()) as after:
            await after.world.clock.advance(3)
            again = await after.again(phone, now=sent)
            again.send(ALL[2 * sent :], position=sent)
            [live] = after.world.conversations.open
            await until(lambda: live.transcript.word_count == 3)
            await settle(200)
            assert [segment.text for segment in live.transcript.segments] == ["word0 word1 word2"]
            assert live.ledger.watermark >= len(WORDS) // 2


async def test_what_a_crash_left_unheard_is_heard_also_if_its_client_stays_away() -> None:
    async with a_scene() as before:
        phone = await before.phone()
        phone.send(ALL[: 2 * 10_400], position=0)
        await settle(300)
        async with a_scene(before.world.restarted()) as after:
            await after.world.clock.advance(8)
            [live] = after.world.conversations.open
            await until(lambda: live.is_heard)
            assert live.transcript.word_count == 2


async def test_a_client_whose_socket_seems_open_elsewhere_goes_on_here() -> None:
    async with two_servers() as (one, two):
        phone = await one.phone()
        middle = phone.send(WORDS[:12_800], position=0)
        await settle(200)
        again = await two.again(phone, now=middle)
        await until(lambda: again.told("session"))
        assert again.told("session")[0]["durable"] == middle
        assert phone.code == 4409


async def test_of_two_devices_each_goes_on_with_its_own_conversation_after_a_crash() -> None:
    async with a_scene() as before:
        phones = [await before.phone(stream=f"capture {number}") for number in range(2)]
        for phone in phones:
            phone.send(WORDS, position=0)
        await settle(300)
        told = [phone.told("session")[0]["conversation"] for phone in phones]
        async with a_scene(before.world.restarted()) as after:
            again = [await after.again(phone, stream=f"capture {number}") for number, phone in enumerate(phones)]
            assert [phone.told("session")[0]["conversation"] for phone in again] == told
            assert len(set(told)) == 2


async def test_a_message_that_was_acknowledged_is_not_heeded_again_after_a_crash() -> None:
    async with a_scene() as before:
        phone = await before.phone()
        phone.send(ALL, position=0)
        await until(lambda: len(phone.words) == 3)
        phone.text('{"number":1,"message":{"type":"end_conversation"}}')
        await until(lambda: any("new_memory_created" in str(event) for event in phone.told("event")))
        await before.world.clock.advance(0.25)
        assert phone.told("ack")[-1]["messages"] == 1
        async with a_scene(before.world.restarted()) as after:
            again = await after.again(phone, last_event=9)
            assert again.told("session")[0]["messages"] == 1
            [live] = after.world.conversations.open
            again.text('{"number":1,"message":{"type":"end_conversation"}}')
            await settle(200)
            assert [live.id for live in after.world.conversations.open] == [live.id]


async def test_a_memory_that_was_made_meanwhile_is_told_once() -> None:
    async with a_scene() as before:
        phone = await before.phone(path="/v4/listen")
        end = phone.send(ALL, position=0)
        await until(lambda: phone.words)
        await settle(300)
        has = phone.told("event")[-1]["number"]
        async with a_scene(before.world.restarted()) as after:
            for _ in range(8):
                await after.world.clock.advance(20)
            await settle(400)
            again = await after.again(phone, path="/v4/listen", now=end, last_event=has)
            created = [event for event in again.told("event") if "memory_created" in str(event)]
            assert len(created) == 1
            assert again.told("session")[0]["durable"] == end
            await after.world.clock.advance(0.25)
            async with a_scene(after.world.restarted()) as later:
                once_more = await later.again(phone, path="/v4/listen", now=end, last_event=created[0]["number"])
                assert once_more.told("session")[0]["resumed"]
                assert [event for event in once_more.told("event") if "memory_created" in str(event)] == []


@pytest.mark.parametrize("request_", [SLOW, STEREO], ids=["resampled", "two channels"])
async def test_where_samples_do_not_tell_what_was_taken_the_journal_does(request_: SessionRequest) -> None:
    channels = request_.audio.channels
    async with a_scene() as before:
        phone = await before.phone(request=request_)
        for number in range(50):
            for channel in range(channels):
                named = bytes((channel,)) if channels > 1 else b""
                phone.packet(named + bytes(2 * PACKET), position=number * PACKET)
        await settle(300)
        async with a_scene(before.world.restarted()) as after:
            again = await after.again(phone, request=request_, now=50 * PACKET)
            durable = again.told("session")[0]["durable"]
            assert durable == (50 * PACKET if channels == 1 else 49 * PACKET + 1)


async def test_two_channels_are_heard_as_one() -> None:
    async with a_scene() as scene:
        phone = await scene.phone(request=STEREO)
        both = watermark.speech(0, 3, pause=4_000) + TAIL
        for start in range(0, len(both), 2 * PACKET):
            piece = both[start : start + 2 * PACKET]
            phone.packet(b"\0" + piece, position=start // 2)
            phone.packet(b"\1" + bytes(len(piece)), position=start // 2)
            phone.packet(b"\0" + piece, position=start // 2)
        await until(lambda: len(phone.words) == 3)
        [live] = scene.world.conversations.open
        assert live.ledger.coverage().absences == ()


async def test_what_others_cannot_see_yet_is_not_acknowledged() -> None:
    async with a_scene() as scene:
        scene.world.journal.unshared = TemporarilyUnavailable("Redis is away")
        phone = await scene.phone()
        end = phone.send(ALL, position=0)
        await settle(200)
        await scene.world.clock.advance(0.25)
        assert {ack["durable"] for ack in phone.told("ack")} <= {0}
        scene.world.journal.unshared = None
        await scene.world.clock.advance(0.25)
        assert phone.told("ack")[-1]["durable"] == end


async def test_a_socket_that_must_not_last_is_closed_and_its_session_goes_on() -> None:
    async with a_scene(longest_socket=100) as scene:
        phone = await scene.phone()
        end = phone.send(ALL, position=0)
        await settle(300)
        await scene.world.clock.advance(49)
        assert phone.code is None
        await scene.world.clock.advance(2)
        assert phone.code == 1012
        again = await scene.again(phone, now=end)
        assert again.told("snapshot") == []
        assert again.told("session")[0]["durable"] == end


async def test_a_client_whose_clock_is_wrong_does_not_carry_a_conversation_into_the_future() -> None:
    async with a_scene() as scene:
        phone = await scene.phone()
        end = phone.send(ALL, position=0)
        await settle(300)
        phone.leave()
        again = await scene.again(phone, now=2**50)
        again.send(WORDS, position=2**50 - 16_000)
        await settle(200)
        assert again.code == 1008
        [live] = scene.world.conversations.open
        assert live.ledger.end == end


async def test_nobody_is_refused_while_it_cannot_be_known_what_a_token_opens() -> None:
    async with a_scene() as scene:
        world = scene.world
        away = KnownStreams(values=Away(clock=world.clock), memories=world.memories)
        scene.sessions = ResumableSessions(world.listen, streams=away, clock=world.clock)
        phone = await scene.phone(token="of yesterday")  # noqa: S106 - a word
        assert isinstance(phone.failure, TemporarilyUnavailable)
        assert phone.told("refused") == []
        anew = await scene.phone()
        end = anew.send(ALL, position=0)
        await settle(200)
        await world.clock.advance(0.25)
        assert anew.told("ack")[-1]["durable"] == end


async def test_another_format_does_not_go_on_after_a_crash() -> None:
    async with a_scene() as before:
        phone = await before.phone()
        async with a_scene(before.world.restarted()) as after:
            again = await after.again(phone, request=SLOW)
            assert isinstance(again.failure, InvalidRequest)
