"""What is on the card of a device, over watermarked speech: what is lost and doubled can be counted."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from application.jobs.job_lease import LEASE
from application.jobs.run_jobs import JobRun
from application.offline.accept_card import HEAR_CARD
from bootstrap.container import Container
from bootstrap.lifespan import opened
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.ids import UserId
from domain.memory import Memory, Source
from domain.offline_errors import NotACaptureFile
from domain.voice_errors import NotARecording, RecordingTooLarge
from domain.watermark import speech
from ports.errors import TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from tests.support.program import ANNA, BERT, container_over
from tests.support.voices import wav
from tests.unit.application.offline.test_sync_files import PAUSE, THEN, Crashing, Server, live, numbered, words


class Cards(Server):
    """A server that hears recordings when it is told to."""

    def __init__(self, container: Container) -> None:
        super().__init__(container)
        container.accept_card()._patience = 0

    async def hear(self) -> None:
        while (claim := await self.queue.claim([HEAR_CARD], lease=LEASE)) is not None:
            run = JobRun(claim, queue=self.queue, steps=await self.queue.recall(claim))
            await self.container.hear_card().hear(run)
            await self.queue.complete(claim)

    async def heard(self, content: bytes) -> list[Memory]:
        await self.accept(content)
        await self.hear()
        return await self.accept(content)

    async def accept(self, content: bytes, user: UserId = ANNA) -> list[Memory]:
        return list(await self.container.accept_card().accept(user, content, started_at=THEN))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Cards]:
    container = container_over(tmp_path)
    async with opened(container):
        yield Cards(container)


def silence(seconds: float) -> bytes:
    return bytes(int(seconds * SAMPLE_RATE) * SAMPLE_BYTES)


CARD = wav(speech(0, 10, pause=PAUSE) + silence(31) + speech(10, 12, pause=PAUSE))


async def test_more_than_half_a_minute_of_silence_parts_memories_of_their_own_times(server: Cards) -> None:
    first, second = await server.heard(CARD)
    assert (words(first), words(second)) == (numbered(0, 10), numbered(10, 12))
    assert (first.started_at, second.started_at) == (THEN, THEN + timedelta(seconds=36))
    assert (second.segments[0].start, second.source) == (0, Source.SDCARD)
    assert [one.id for one in await server.memories()] == [first.id, second.id]


async def test_half_a_minute_of_silence_parts_nothing(server: Cards) -> None:
    (memory,) = await server.heard(wav(speech(0, 10, pause=PAUSE) + silence(29.5) + speech(10, 10, pause=PAUSE)))
    assert words(memory) == numbered(0, 20)


async def test_fewer_than_eight_words_become_nothing(server: Cards) -> None:
    few = speech(0, 7, pause=PAUSE) + silence(31)
    (memory,) = await server.heard(wav(few + speech(7, 8, pause=PAUSE) + silence(31) + speech(15, 7, pause=PAUSE)))
    assert words(memory) == numbered(7, 8)


async def test_the_same_recording_again_makes_no_second_memory(server: Cards) -> None:
    first = await server.heard(CARD)
    assert await server.heard(CARD) == first
    assert len(await server.memories()) == 2


async def test_a_memory_that_was_deleted_does_not_come_back(server: Cards) -> None:
    first, second = await server.heard(CARD)
    await server.container.memory_repository().delete(ANNA, first.id)
    assert await server.heard(CARD) == [second]


async def test_a_memory_beside_it_is_left_alone(server: Cards) -> None:
    await server.container.memory_repository().save(ANNA, live(50, 10))
    assert len(await server.heard(CARD)) == 2
    assert len(await server.memories()) == 3


async def test_the_recording_of_another_user_is_another(server: Cards) -> None:
    await server.heard(CARD)
    assert await server.accept(CARD, user=BERT) == []
    assert (await server.container.memory_repository().page(BERT, MemoryQuery())).memories == ()


async def test_memories_that_are_there_are_told_before_all_are(server: Cards) -> None:
    await server.accept(CARD)
    claim = await server.queue.claim([HEAR_CARD], lease=LEASE)
    assert claim is not None
    with pytest.raises(TemporarilyUnavailable):
        await server.container.hear_card().hear(Crashing(claim, queue=server.queue, left=5))
    (memory,) = await server.accept(CARD)
    assert words(memory) == numbered(0, 10)


async def test_silence_becomes_nothing(server: Cards) -> None:
    assert await server.heard(wav(silence(20))) == []
    assert [key.endswith(".json") for key in await server.container.object_store().list(ANNA, "offline/")] == [True]


@pytest.mark.parametrize("crash", range(1, 8))
async def test_a_crash_after_any_step_loses_and_doubles_nothing(server: Cards, crash: int) -> None:
    await server.accept(CARD)
    claim = await server.queue.claim([HEAR_CARD], lease=LEASE)
    assert claim is not None
    with pytest.raises(TemporarilyUnavailable):
        await server.container.hear_card().hear(Crashing(claim, queue=server.queue, left=crash))
    again = JobRun(claim, queue=server.queue, steps=await server.queue.recall(claim))
    await server.container.hear_card().hear(again)
    assert [words(memory) for memory in await server.memories()] == [numbered(0, 10), numbered(10, 12)]
    assert await server.accept(CARD) == await server.memories()


async def test_a_recording_is_kept_where_that_is_permitted(server: Cards) -> None:
    await server.container.recordings().permit(ANNA)
    first, _ = await server.heard(CARD)
    assert first.has_recording
    assert await server.container.recordings().has(ANNA, first.id)


async def test_what_cannot_be_heard_is_not_taken(server: Cards) -> None:
    accept = server.container.accept_card().accept
    with pytest.raises(NotARecording):
        await accept(ANNA, b"no audio", started_at=THEN)
    with pytest.raises(RecordingTooLarge):
        await accept(ANNA, wav(bytes(8_000 * 7_201 * SAMPLE_BYTES), rate=8_000, form="FLAC"), started_at=THEN)
    for moment in (THEN.replace(year=1970), THEN + timedelta(days=2)):
        with pytest.raises(NotACaptureFile):
            await accept(ANNA, CARD, started_at=moment)
    assert await server.container.object_store().list(ANNA, "offline/") == ()
