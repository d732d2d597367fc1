"""Audio that comes late, or not at all, and where it lies."""

from adapters.inbound.listen.resumable.session import FUTURE_SECONDS
from adapters.outbound.clock.manual import settle
from domain import watermark
from domain.audio import SAMPLE_RATE
from ports.errors import StorageFull
from tests.support.resumable_phones import TAIL, WORDS, Scene, until


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
    [live] = scene.world.conversations.open
    await until(lambda: live.ledger.end == len(WORDS + TAIL) // 2)
    assert live.ledger.coverage().absences == ()
