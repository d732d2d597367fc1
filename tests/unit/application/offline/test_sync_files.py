"""What was recorded while nobody listened, over watermarked speech: what is lost and doubled can be counted."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from msgspec import structs

from application.jobs.job_lease import LEASE
from application.jobs.run_jobs import JobRun
from application.listening.conversation_records import Opened
from application.offline.accept_files import SYNC_FILES, OfflineFile, Synced
from bootstrap.container import Container
from bootstrap.lifespan import opened
from domain.audio import SAMPLE_RATE, AudioFormat, Codec
from domain.conversation import CaptureEpoch
from domain.coverage import Coverage, Gap
from domain.ids import ConversationId, MemoryId, SegmentId, UserId
from domain.memory import Memory
from domain.session import FileSynced
from domain.transcript import TranscriptSegment
from domain.watermark import WORD_SAMPLES, speech, text_of
from ports.capture_journal import RecordKind
from ports.errors import TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from tests.support.offline import framed, framed_pcm
from tests.support.program import ANNA, BERT, container_over

NOW = datetime.now(UTC).replace(microsecond=0)
THEN = NOW - timedelta(hours=2)
PAUSE = 4_800
EACH = WORD_SAMPLES + PAUSE
"""Half a second."""
PCM = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)


class Server:
    """A server that hears files when it is told to."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.queue = container.job_queue()
        container.accept_files()._patience = 0

    async def work(self) -> None:
        """Hears what was sent. A crash leaves the job to be claimed again."""
        while (claim := await self.queue.claim([SYNC_FILES], lease=LEASE)) is not None:
            run = JobRun(claim, queue=self.queue, steps=await self.queue.recall(claim))
            await self.container.sync_files().sync(run)
            await self.queue.complete(claim)

    async def sent(self, *files: OfflineFile, user: UserId = ANNA) -> Synced:
        await self.container.accept_files().accept(user, files)
        await self.work()
        return await self.container.accept_files().accept(user, files)

    async def keep(self, memory: Memory) -> None:
        await self.container.memory_repository().save(ANNA, memory)

    async def memories(self) -> list[Memory]:
        found = (await self.container.memory_repository().page(ANNA, MemoryQuery())).memories
        return sorted(found, key=lambda memory: memory.started_at or memory.created_at)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    container = container_over(tmp_path)
    async with opened(container):
        yield Server(container)


def after(seconds: float) -> datetime:
    return THEN + timedelta(seconds=seconds)


def file(at: datetime, first: int, count: int) -> OfflineFile:
    return OfflineFile(started_at=at, audio=PCM, content=framed_pcm(speech(first, count, pause=PAUSE)))


def words(memory: Memory) -> list[str]:
    return [word for segment in memory.segments for word in segment.text.split()]


def numbered(first: int, count: int) -> list[str]:
    return [text_of(number) for number in range(first, first + count)]


def segment(first: int, count: int, *, start: int = 0) -> TranscriptSegment:
    name, text = SegmentId(f"live{first}"), " ".join(numbered(first, count))
    return TranscriptSegment(id=name, text=text, start=start, end=start + count * EACH - PAUSE, speaker=1)


def live(first: int, count: int, *, at: float = 0.0, **more: Any) -> Memory:
    """A memory that was captured while somebody listened."""
    said = segment(first, count)
    given = {"started_at": after(at), "finished_at": after(at + said.end / SAMPLE_RATE), "segments": (said,)}
    memory = Memory(id=MemoryId("live"), created_at=NOW, coverage=Coverage(captured=said.end), **given)
    return structs.replace(memory, **more)


async def test_sockets_are_told_which_files_are_in_a_memory(server: Server) -> None:
    spoken, silent = structs.replace(file(THEN, 0, 20), name="a.bin"), framed_pcm(bytes(SAMPLE_RATE * 8))
    async with server.container.event_bus().subscribe(ANNA) as news:
        await server.sent(OfflineFile(started_at=after(3_000), audio=PCM, content=silent, name="silent.bin"))
        await server.sent(spoken, file(after(10), 20, 20))
        told: list[str] = []
        with anyio.move_on_after(0.1):
            async for event in news:
                told += [event.name] if isinstance(event, FileSynced) else []
    assert told == ["a.bin"]


async def test_files_become_a_memory_of_their_own_time(server: Server) -> None:
    result = await server.sent(file(THEN, 0, 20), file(after(10), 20, 20))
    (memory,) = await server.memories()
    assert result == Synced(created=(memory.id,))
    assert words(memory) == numbered(0, 40)
    assert (memory.started_at, memory.finished_at) == (THEN, after(19.7))
    assert memory.coverage is not None
    assert (memory.coverage.captured, memory.coverage.absences) == (40 * EACH, ())


async def test_the_same_files_again_change_nothing(server: Server) -> None:
    first = await server.sent(file(THEN, 0, 20), file(after(10), 20, 20))
    assert await server.sent(file(after(10), 20, 20), file(THEN, 0, 20)) == first
    assert await server.sent(file(after(10), 20, 20)) == Synced()
    (memory,) = await server.memories()
    assert words(memory) == numbered(0, 40)


async def test_of_files_that_overlap_each_word_is_heard_once(server: Server) -> None:
    await server.sent(file(THEN, 0, 20), file(after(5), 10, 20))
    (memory,) = await server.memories()
    assert words(memory) == numbered(0, 30)


async def test_files_that_seem_to_overlap_because_names_tell_whole_seconds_lose_nothing(server: Server) -> None:
    await server.sent(file(THEN, 0, 20), file(after(9), 20, 20), file(after(19), 40, 20))
    (memory,) = await server.memories()
    assert words(memory) == numbered(0, 60)


async def test_of_uploads_that_overlap_each_word_is_heard_once(server: Server) -> None:
    first = await server.sent(file(THEN, 0, 20))
    assert await server.sent(file(after(5), 10, 20)) == Synced(updated=first.created)
    (memory,) = await server.memories()
    assert words(memory) == numbered(0, 30)


async def test_two_minutes_of_silence_part_conversations(server: Server) -> None:
    result = await server.sent(file(THEN, 0, 10), file(after(124), 10, 10), file(after(300), 20, 10))
    assert [words(memory) for memory in await server.memories()] == [numbered(0, 20), numbered(20, 10)]
    assert len(result.created) == 2


async def test_an_absence_of_a_live_conversation_is_filled_in(server: Server) -> None:
    away = Coverage(captured=20 * EACH, absences=(Gap(10 * EACH, 30 * EACH, "away"),))
    both = (segment(0, 10), segment(30, 10, start=30 * EACH))
    await server.keep(live(0, 10, finished_at=after(19.7), coverage=away, segments=both))
    assert await server.sent(file(after(4), 8, 24)) == Synced(updated=(MemoryId("live"),))
    (memory,) = await server.memories()
    assert words(memory) == numbered(0, 40)
    assert memory.coverage is not None
    assert memory.coverage.absences == ()
    assert memory.coverage.captured == 40 * EACH


async def test_what_a_conversation_that_goes_on_has_already_is_not_heard_again(server: Server) -> None:
    journal = server.container.capture_journal()
    writer = journal.open(ConversationId("live"))
    opened = Opened(user=ANNA, epoch=CaptureEpoch(0, THEN))
    await server.container.vault().keys(ANNA)
    writer.append(RecordKind.OPENED, msgspec.json.encode(opened))
    await server.container.accept_files().accept(ANNA, [file(after(4), 8, 24)])
    claim = await server.queue.claim([SYNC_FILES], lease=LEASE)
    assert claim is not None
    with pytest.raises(TemporarilyUnavailable):
        await server.container.sync_files().sync(JobRun(claim, queue=server.queue, steps={}))
    await server.keep(live(0, 20))
    writer.close()
    await journal.remove(ConversationId("live"))
    again = JobRun(claim, queue=server.queue, steps=await server.queue.recall(claim))
    await server.container.sync_files().sync(again)
    (memory,) = await server.memories()
    assert words(memory) == numbered(0, 32)


async def test_speech_behind_a_conversation_continues_it(server: Server) -> None:
    await server.keep(live(0, 10))
    assert await server.sent(file(after(60), 10, 10)) == Synced(updated=(MemoryId("live"),))
    (memory,) = await server.memories()
    assert words(memory) == numbered(0, 20)
    assert memory.segments[-1].start == 60 * SAMPLE_RATE
    assert memory.segments[-1].speaker != 1  # nobody knows that it is the same voice


async def test_speech_in_front_of_a_conversation_begins_it_earlier(server: Server) -> None:
    await server.keep(live(10, 10, at=60))
    assert await server.sent(file(THEN, 0, 10)) == Synced(updated=(MemoryId("live"),))
    (memory,) = await server.memories()
    assert words(memory) == numbered(0, 20)
    assert (memory.started_at, memory.segments[-1].start) == (THEN, 60 * SAMPLE_RATE)
    assert memory.coverage is not None
    assert [(gap.start, gap.end) for gap in memory.coverage.absences] == [(10 * EACH, 60 * SAMPLE_RATE)]


async def test_a_conversation_whose_recording_is_kept_keeps_its_beginning(server: Server) -> None:
    await server.keep(live(10, 10, at=60, has_recording=True))
    assert len((await server.sent(file(THEN, 0, 10))).created) == 1
    assert [words(memory) for memory in await server.memories()] == [numbered(0, 10), numbered(10, 10)]


async def test_speech_of_another_time_or_user_is_left_alone(server: Server) -> None:
    await server.keep(live(0, 10))
    assert len((await server.sent(file(after(6), 50, 10), user=BERT)).created) == 1
    assert len((await server.sent(file(after(600), 10, 10))).created) == 1
    assert [words(memory) for memory in await server.memories()] == [numbered(0, 10), numbered(10, 10)]


@pytest.mark.parametrize("content", [framed_pcm(bytes(320_000)), framed([b"\xff" * 40] * 200)], ids=["silence", "junk"])
async def test_what_is_no_speech_becomes_nothing(server: Server, content: bytes) -> None:
    opus = AudioFormat(codec=Codec.OPUS, sample_rate=SAMPLE_RATE)
    audio = PCM if len(content) > 100_000 else opus
    assert await server.sent(OfflineFile(started_at=THEN, audio=audio, content=content)) == Synced()
    assert await server.memories() == []


async def test_a_recording_is_kept_where_that_is_permitted(server: Server) -> None:
    recordings = server.container.recordings()
    await recordings.permit(ANNA)
    (name,) = (await server.sent(file(THEN, 0, 20))).created
    kept = await recordings.read(ANNA, name, start=0, end=SAMPLE_RATE)
    assert kept is not None
    assert len(kept.pcm) == 2 * SAMPLE_RATE
    assert (await server.memories())[0].has_recording


@pytest.mark.parametrize("crash", range(1, 9))
async def test_a_crash_after_any_step_loses_and_doubles_nothing(server: Server, crash: int) -> None:
    await server.keep(live(0, 10))
    sent = [file(after(4), 8, 12), file(after(300), 20, 20)]
    await server.container.accept_files().accept(ANNA, sent)
    claim = await server.queue.claim([SYNC_FILES], lease=LEASE)
    assert claim is not None
    run = Crashing(claim, queue=server.queue, left=crash)
    try:
        await server.container.sync_files().sync(run)
    except TemporarilyUnavailable:
        again = JobRun(claim, queue=server.queue, steps=await server.queue.recall(claim))
        await server.container.sync_files().sync(again)
    first, second = await server.memories()
    assert (words(first), words(second)) == (numbered(0, 20), numbered(20, 20))
    result = await server.container.accept_files().accept(ANNA, sent)
    assert result == Synced(created=(second.id,), updated=(first.id,))


class Crashing(JobRun):
    """The process ends when a step was done, before that is noted."""

    def __init__(self, claim: Any, *, queue: Any, left: int) -> None:
        super().__init__(claim, queue=queue, steps={})
        self._left = left

    async def step(self, name: str, function: Any, *, returns: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            await function()
            raise TemporarilyUnavailable("crashed")
        return await super().step(name, function, returns=returns)
