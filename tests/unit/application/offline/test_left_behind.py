"""A server is killed before others saw all that it had; they go on without it, and it comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from adapters.outbound.capture_journal.left_behind import FileLeftJournals
from adapters.outbound.capture_journal.redis import RedisCaptureJournal, RedisCaptureJournalSettings
from adapters.outbound.conversation_leases.redis import RedisConversationLeases, RedisConversationLeasesSettings
from application.listening.conversation_records import Connected, Opened
from application.listening.live_conversation import LiveConversation
from application.offline.left_behind import HandInLeftBehind
from bootstrap.container import Container
from bootstrap.lifespan import running
from bootstrap.whole_users import eraser
from domain.conversation import CaptureEpoch
from domain.ids import ConversationId, MemoryId
from domain.late_speech import ABSENT
from domain.recognition import FinalWords
from domain.transcript import Word
from domain.watermark import SUB_BLOCK_SAMPLES, speech
from ports.memory_repository import MemoryQuery
from tests.support.program import ANNA, container_over
from tests.support.redis_server import shared_redis
from tests.support.talk import said, words
from tests.support.world import PACKET_BYTES, PCM

TALK = ConversationId("talk")
SHARED = ("CAPTURE_JOURNAL", "CONVERSATION_LEASES", "JOB_QUEUE", "EVENT_BUS", "KEY_VALUE_STORE")
PAUSE = 1_600
WORD = 2 * (3_200 + PAUSE)
"""Bytes of a word and the pause behind it."""
SUB_BLOCK = 2 * SUB_BLOCK_SAMPLES


class Disk:
    """A server that is killed, and what it finds on its disk when it comes back."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._url = url

    @asynccontextmanager
    async def started(self) -> AsyncIterator[tuple[RedisCaptureJournal, RedisConversationLeases]]:
        async with (
            RedisConversationLeases(
                settings=RedisConversationLeasesSettings(url=self._url), data_dir=self.folder
            ) as leases,
            RedisCaptureJournal(
                settings=RedisCaptureJournalSettings(url=self._url, interval=0.005), data_dir=self.folder, leases=leases
            ) as journal,
        ):
            yield journal, leases

    async def hears(self, pcm: bytes, *, shipped: int) -> None:
        """Hears speech; others see so many bytes of it when it is killed."""
        async with self.started() as (journal, leases):
            at = datetime.now(UTC) - timedelta(seconds=60)
            leases.begin(ANNA, TALK)
            opened = Opened(user=ANNA, epoch=CaptureEpoch(0, at))
            live = LiveConversation.begin(TALK, opened, journal=journal.open(TALK))
            live.note(Connected(audio=PCM, position=0))
            for start in range(0, len(pcm), PACKET_BYTES):
                if start == shipped:
                    await live.sync()
                    journal._journals[TALK].is_dirty = True  # nothing more of it is shipped, ...
                live.record(pcm[start : start + PACKET_BYTES])
            journal._journals[TALK].is_refused = True  # ... not even on leaving
            live.close()

    def files(self) -> list[str]:
        return sorted(path.suffix for path in (self.folder / "journal").glob("*"))


class Trial:
    """The server that goes on, and the disk of the one that was killed."""

    def __init__(self, container: Container, disk: Disk) -> None:
        self.container = container
        self.disk = disk
        parts = container.hand_in_left_behind()
        self.hand_in = HandInLeftBehind(
            left=FileLeftJournals(data_dir=disk.folder, vault=container.vault()),
            accept=parts._accept,
            audio_decoder=container.audio_decoder(),
            erased=container.erased_users(),
            deleted=container.deleted_memories(),
            clock=container.clock(),
        )

    async def go_on(self) -> LiveConversation:
        assert await self.container.conversation_leases().claim(ANNA, TALK) == (
            self.container.conversation_leases().server
        )
        await self.container.restore().take_up(ANNA, TALK)
        [live] = self.container.conversations().open
        return live

    async def finish(self, live: LiveConversation, *, count: int) -> None:
        self.container.conversations().end(live, at=live.ledger.end)
        await self.memory_of(count)
        with anyio.fail_after(10):
            while TALK in await self.container.capture_journal().conversations():
                await anyio.sleep(0.02)

    async def come_back(self) -> None:
        async with self.disk.started() as (journal, _):
            await journal._tidy_once()
        await self.hand_in.look()

    async def memories(self) -> list[list[str]]:
        page = await self.container.memory_repository().page(ANNA, MemoryQuery())
        return [said(memory) for memory in page.memories]

    async def memory_of(self, count: int) -> None:
        with anyio.fail_after(15):
            while sum(map(len, await self.memories())) < count:
                await anyio.sleep(0.02)

    async def all_heard(self) -> None:
        """No audio waits to be put in its place."""
        with anyio.fail_after(15):
            while await self.waiting():
                await anyio.sleep(0.02)

    async def waiting(self) -> list[str]:
        """Audio that was handed in and is in no memory yet."""
        return [name for name in await self.container.object_store().list(ANNA, "offline/") if name.endswith(".bin")]


@pytest.fixture
async def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trial]:
    monkeypatch.setattr("application.listening.recover.LOOK_SECONDS", 0.02)
    monkeypatch.setattr("application.listening.conversations.CHECK_SECONDS", 0.02)
    monkeypatch.setattr("application.users.erase_user.SETTLING", 0.02)
    async with shared_redis(tmp_path) as redis:
        container = container_over(
            tmp_path / "two",
            **{f"OMI_{port}__NAME": "redis" for port in SHARED},
            OMI_REDIS__URL=redis.url,
            OMI_SHARED_DATA_DIR="true",
            OMI_VAULT__NAME="none",
        )
        disk = Disk(tmp_path / "one", redis.url)
        async with running(container):
            yield Trial(container, disk)


@pytest.mark.parametrize("cut", [0, 4, 5, 6])
async def test_what_a_killed_server_had_alone_is_in_the_memory_once_wherever_the_cut_was(
    trial: Trial, cut: int
) -> None:
    await trial.disk.hears(speech(0, 10, pause=PAUSE), shipped=5 * WORD + cut * SUB_BLOCK)
    await trial.finish(await trial.go_on(), count=5 + (cut >= 5))
    await trial.come_back()
    await trial.memory_of(10)
    await trial.all_heard()
    assert await trial.memories() == [words(0, 10)]
    assert trial.disk.files() == []


@pytest.mark.parametrize("cut", [0, 5])
async def test_what_a_killed_server_had_alone_stands_before_what_was_said_next(trial: Trial, cut: int) -> None:
    await trial.disk.hears(speech(0, 10, pause=PAUSE), shipped=5 * WORD + cut * SUB_BLOCK)
    live = await trial.go_on()
    with anyio.fail_after(5):
        while live.transcript.word_count < 5 + (cut >= 5):
            await anyio.sleep(0.01)
    begin, step = 10 * WORD // 2, WORD // 2
    live.note(Connected(audio=PCM, position=begin))
    live.ledger.skip(begin, ABSENT)
    pcm = speech(10, 5, pause=PAUSE)
    for start in range(0, len(pcm), PACKET_BYTES):
        live.record(pcm[start : start + PACKET_BYTES])
    live.ledger.capture(begin + 5 * step)
    live.ledger.send(begin, begin + 5 * step)
    said_next = [Word(word, begin + at * step, begin + at * step + 3_200) for at, word in enumerate(words(10, 5))]
    live.hear(FinalWords(tuple(said_next), through=begin + 5 * step, recognizer="fake"))
    await live.sync()
    await trial.finish(live, count=10 + (cut >= 5))
    await trial.come_back()
    await trial.memory_of(15)
    await trial.all_heard()
    assert await trial.memories() == [words(0, 15)]


async def test_all_that_a_server_had_is_handed_in_when_nobody_saw_any_of_its_words(trial: Trial) -> None:
    await trial.disk.hears(bytes(20 * PACKET_BYTES) + speech(0, 4, pause=PAUSE), shipped=20 * PACKET_BYTES)
    live = await trial.go_on()
    await trial.container.conversations().discard(live)
    await trial.come_back()
    await trial.memory_of(4)
    assert await trial.memories() == [words(0, 4)]


async def test_what_others_have_is_not_handed_in(trial: Trial) -> None:
    await trial.disk.hears(speech(0, 5, pause=PAUSE), shipped=5 * WORD - PACKET_BYTES)
    live = await trial.go_on()
    await trial.finish(live, count=5)
    await trial.come_back()
    await trial.all_heard()
    assert await trial.memories() == [words(0, 5)]
    await trial.come_back()
    assert (await trial.waiting(), trial.disk.files()) == ([], [])


async def test_a_tail_without_a_word_of_its_own_is_done_with(trial: Trial) -> None:
    await trial.disk.hears(speech(0, 5, pause=PAUSE)[: -2 * PAUSE], shipped=4 * WORD + 6 * SUB_BLOCK)
    await trial.finish(await trial.go_on(), count=5)
    await trial.come_back()
    await trial.all_heard()
    assert await trial.memories() == [words(0, 5)]


async def test_a_tail_is_found_by_who_takes_the_conversation_back(trial: Trial) -> None:
    await trial.disk.hears(speech(0, 10, pause=PAUSE), shipped=5 * WORD)
    live = await trial.go_on()
    live.note(Connected(audio=PCM, position=live.ledger.end))
    await live.sync()
    async with trial.disk.started() as (journal, _):
        await journal.bring(TALK)
    assert trial.disk.files() == [".behind", ".journal"]
    await trial.finish(live, count=5)
    await trial.come_back()
    await trial.memory_of(10)
    await trial.all_heard()
    assert await trial.memories() == [words(0, 10)]
    assert trial.disk.files() == []


async def test_what_belongs_to_a_memory_that_its_user_deleted_goes_with_it(trial: Trial) -> None:
    await trial.disk.hears(speech(0, 10, pause=PAUSE), shipped=5 * WORD)
    await trial.finish(await trial.go_on(), count=5)
    await trial.container.manage_memories().delete(ANNA, MemoryId(TALK))
    await trial.come_back()
    assert (await trial.waiting(), await trial.memories(), trial.disk.files()) == ([], [], [])


async def test_what_waits_for_a_memory_that_its_user_deletes_goes_with_it(trial: Trial) -> None:
    await trial.disk.hears(speech(0, 10, pause=PAUSE), shipped=5 * WORD)
    live = await trial.go_on()
    live.note(Connected(audio=PCM, position=live.ledger.end))
    await live.sync()
    async with trial.disk.started() as (journal, _):
        await journal.bring(TALK)
    await trial.hand_in.look()
    assert len(await trial.waiting()) == 1
    await trial.container.deleted_memories().note(ANNA, MemoryId(TALK))
    await trial.container.conversations().discard(live)
    for job in await trial.container.job_queue().ids_of(ANNA):
        await trial.container.job_queue().revive(job)
    await trial.all_heard()
    assert await trial.memories() == []


async def test_nothing_is_handed_in_of_a_user_who_was_erased_meanwhile(trial: Trial) -> None:
    await trial.disk.hears(speech(0, 10, pause=PAUSE), shipped=5 * WORD)
    await trial.finish(await trial.go_on(), count=5)
    await eraser(trial.container).at_once(ANNA)
    await trial.come_back()
    assert (await trial.waiting(), await trial.memories(), trial.disk.files()) == ([], [], [])


async def test_who_was_erased_before_is_a_user_like_others(trial: Trial) -> None:
    await eraser(trial.container).at_once(ANNA)
    erased = trial.container.erased_users()
    assert await erased.since(ANNA, datetime.now(UTC) - timedelta(seconds=60))
    assert not await erased.since(ANNA, datetime.now(UTC) + timedelta(seconds=1))
