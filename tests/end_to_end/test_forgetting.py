"""A memory that is deleted leaves no trace: every byte of every file is searched.

The program's own container over a data folder, with everything that it embeds. What was said is searched for in plain,
and so are the blobs that stores made of it: compressed, as vectors, as signs.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from dependency_injector import providers
from msgspec import structs

from adapters.outbound.clock.manual import START
from adapters.outbound.object_store.files import FileObjectStore
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from application.jobs.job_lease import LEASE
from application.memories.forget_citations import WITHDRAWN
from application.voices import voice_documents
from application.voices.voice_documents import Evidence, StoredExemplar, VoiceDocument
from benchmarks.memories.chaos import SteppedClock, let_time_pass
from benchmarks.memories.killed import open_jobs
from benchmarks.memories.life import HOOKS, Life
from benchmarks.memories.talks import Talk, record, talks
from domain.chat import Message, Sender
from domain.ids import MemoryId, PluginId, UserId
from domain.memory import FactDraft, Memory, MemoryDraft, Photo, Structure
from domain.plugin import Capability, Plugin
from domain.speaker import OWNER
from ports.errors import TemporarilyUnavailable
from ports.language_model import Answer, Capabilities, Task

ANNA = UserId("anna")
SECRET = ("Zanzibarquux", "Wobblefroth", "Plimsolltack", "Grommetwhistle", "Snarklebeam", "Quibblezest")
FACT = "Collects Wobblefroth teapots"
PICTURE = b"\xff\xd8\xff Snarklebeam as a picture"
SHORTEST_BLOB = 24
"""Bytes from which on it cannot be there by chance."""


class Scholar:
    """A model that understands everything, and repeats it."""

    name = "scholar"
    capabilities = Capabilities()

    async def generate(self, task: Task[Any]) -> Answer[Any]:
        await anyio.lowlevel.checkpoint()
        text = " ".join(segment.text for segment in task.segments)
        if task.output is not MemoryDraft:
            return Answer(value=f"A plugin says {text}", model=self.name)
        facts = (FactDraft(content=FACT),) if SECRET[0] in text else ()
        return Answer(value=MemoryDraft(structure=Structure(title=text, overview=text), facts=facts), model=self.name)


class Server:
    """A server with one user, who has one memory that stays and one that goes."""

    def __init__(self, folder: Path, **stores: Any) -> None:
        self.folder = folder
        self.clock = SteppedClock()
        [self.other, second] = talks(2, users=1, seed=1)
        self.other = structs.replace(self.other, user=ANNA)
        self.talk: Talk = structs.replace(second, user=ANNA, words=SECRET)
        self.memory = self.talk.memory
        clear = {"OMI_VAULT__NAME": "none"}  # what is sealed would not be found, deleted or not
        self.life = Life(
            folder, talks=[], clock=self.clock, seed=1, told=lambda *_: None, stores=stores, settings=clear
        )
        self.life.calm()
        self.container = self.life.container
        self.container.language_model.override(providers.Object(Scholar()))
        prompt = Plugin(
            id=PluginId("prompt"), name="Prompt", capabilities=frozenset({Capability.MEMORIES}), memory_prompt="Repeat"
        )
        self.container.plugin_catalog().content += (prompt,)
        self._blobs_of_others: set[bytes] = set()
        self._secret_blobs: set[bytes] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Server"]:
        with anyio.fail_after(30):
            async with self.life.running():
                for plugin in (*HOOKS, PluginId("prompt")):
                    await self.container.enabled_plugins().add(ANNA, plugin)
                await self.container.recordings().permit(ANNA)
                await self.has_ended(self.other)
                await self.settled()
                self._blobs_of_others = set(blobs(self.folder))
                yield self

    async def has_ended(self, talk: Talk) -> None:
        record(self.container.capture_journal(), talk, at=START)
        await self.container.finish_conversation().hand_in(talk.user, talk.conversation)

    async def settled(self) -> None:
        """All work is done that does not wait for tomorrow."""
        await self.passed(1.0)
        # workers of a server look for work every five seconds; those of these tests, every hour
        await self.container.job_queue().claim((), lease=LEASE)

    async def passed(self, seconds: float) -> None:
        """Time passes. It does only when nobody has anything to do."""
        end = self.clock.monotonic() + seconds
        await let_time_pass(self.clock, self.life.chaos, until=lambda: self.clock.monotonic() >= end)

    async def remembered(self) -> None:
        """The memory that goes: with a photo, an answer, a comment and a voice that rest on it."""
        await self.has_ended(self.talk)
        await self.passed(1.0)
        key = await self.container.keep_photos().put(ANNA, self.memory, 1, PICTURE)
        await self.container.keep_photos().note(ANNA, Photo(key=key, description=f"A {SECRET[4]}"))
        photo = Photo(key=key, description=f"A {SECRET[4]}")
        await self.container.memory_repository().update(
            ANNA, self.memory, lambda now: structs.replace(now, photos=(photo,))
        )
        await self.said("question", "What is with the teapots?", sender=Sender.HUMAN)
        await self.said("answer", f"You said: {' '.join(SECRET)}", sender=Sender.AI)
        sample = voice_documents.sample_key(OWNER, self.memory, 0)
        await self.container.object_store().put(ANNA, sample, b"RIFF Zanzibarquux, spoken")
        exemplar = StoredExemplar(
            source=f"{self.memory}:0",
            evidence=Evidence.TOLD,
            encoder="fake",
            embedding=b"\0\0\x80?" * 4,
            samples=32_000,
            added_at=START,
            audio=sample,
        )
        await voice_documents.write(self.container.object_store(), ANNA, OWNER, VoiceDocument(exemplars=(exemplar,)))

    async def said(self, name: str, text: str, *, sender: Sender) -> None:
        cited = (self.memory, self.other.memory)
        message = Message(id=name, text=text, created_at=self.clock.now(), sender=sender, memory_ids=cited)
        await self.container.chat_history().append(ANNA, message)

    async def deleted(self) -> None:
        done = anyio.Event()

        async def delete() -> None:
            await self.container.manage_memories().delete(ANNA, self.memory)
            done.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(delete)
            await let_time_pass(self.clock, self.life.chaos, until=done.is_set)

    def traces(self) -> list[str]:
        """Where anything is left of the memory."""
        sought = {word.lower().encode() for word in (*SECRET, FACT, self.memory)}
        # what the index of words makes of them: stems, in small letters
        sought |= {word.lower()[:8].encode() for word in SECRET}
        return [
            f"{path.relative_to(self.folder)}: {what!r}"
            for path in sorted(self.folder.rglob("*"))
            for what in found(path, sought, self.secret_blobs)
        ]

    @property
    def secret_blobs(self) -> set[bytes]:
        return self._secret_blobs - self._blobs_of_others

    def look(self) -> None:
        """Notes what the stores made of the memory."""
        self._secret_blobs = set(blobs(self.folder))


def found(path: Path, sought: set[bytes], secret_blobs: set[bytes]) -> Iterator[bytes]:
    content = path.read_bytes() if path.is_file() else b""
    small = path.name.lower().encode() + b"\n" + content.lower()
    yield from (word for word in sought if word in small)
    yield from (blob[:SHORTEST_BLOB] for blob in secret_blobs if blob in content)


def blobs(folder: Path) -> Iterator[bytes]:
    """All long values of all databases of users: what is in others is no blob and searched for as it is."""
    for path in folder.rglob("users/*/*.db"):
        with closing(sqlite3.connect(path)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                if table.endswith(("_docsize", "_config", "_idx", "stamp")):
                    continue
                for row in connection.execute(f'SELECT * FROM "{table}"').fetchall():  # noqa: S608
                    yield from (v for v in row if isinstance(v, bytes) and len(v) >= SHORTEST_BLOB)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def stays(server: Server) -> Callable[[], Any]:
    async def memory() -> Memory:
        found: Memory = await server.container.manage_memories().get(ANNA, server.other.memory)
        return found

    return memory


@pytest.mark.parametrize("hours", [0, 3], ids=["deliveries pending", "deliveries dead"])
async def test_a_deleted_memory_leaves_no_byte(folder: Path, hours: int) -> None:
    server = Server(folder)
    async with server.running():
        await server.remembered()
        await server.passed(hours * 3_600.0)
        server.look()
        before = server.traces()
        where = {line.partition(":")[0].rpartition("/")[2] for line in before}
        assert where >= {"memories.db-wal", "search.db-wal", "facts.db-wal", "chat.db-wal", "jobs.db"}
        assert server.secret_blobs
        if hours:
            assert len(await server.container.job_queue().dead_letters(ANNA)) == 2
        await server.deleted()
        await server.settled()
        assert server.traces() == []
        assert (await stays(server)()).id == server.other.memory
        await server.passed(30 * 86_400.0)
        assert server.traces() == []
        assert not open_jobs(folder)
    assert server.traces() == []


async def test_what_rested_on_it_in_the_chat_is_withdrawn_and_what_the_user_wrote_stays(folder: Path) -> None:
    server = Server(folder)
    async with server.running():
        await server.remembered()
        await server.deleted()
        messages = {message.id: message for message in await server.container.chat_history().recent(ANNA)}
    assert (messages["answer"].text, messages["answer"].memory_ids) == (WITHDRAWN, ())
    assert messages["question"].text == "What is with the teapots?"
    assert messages["question"].memory_ids == (server.other.memory,)


async def test_what_is_deleted_while_its_job_runs_leaves_no_byte(folder: Path) -> None:
    index = SlowIndex(folder)
    server = Server(folder, text_index=index)
    async with server.running():
        index.gate = anyio.Event()
        await server.has_ended(server.talk)
        with anyio.fail_after(5):
            await index.reached.wait()
        server.look()
        await server.deleted()
        index.gate.set()
        await server.settled()
        assert server.traces() == []
    assert server.traces() == []


async def test_a_store_that_fails_at_first_is_asked_again(folder: Path) -> None:
    objects = StubbornObjects(folder)
    server = Server(folder, object_store=objects)
    async with server.running():
        await server.remembered()
        server.look()
        objects.refusals = 4
        await server.deleted()
        assert server.traces()
        await server.passed(86_400.0)
        assert server.traces() == []


async def test_a_store_that_is_away_for_days_is_asked_until_it_is_back(folder: Path) -> None:
    objects = StubbornObjects(folder)
    server = Server(folder, object_store=objects)
    async with server.running():
        await server.remembered()
        server.look()
        objects.refusals = 1_000_000
        await server.deleted()
        await server.passed(5 * 86_400.0)
        assert server.traces()
        objects.refusals = 0
        await server.passed(86_400.0)
        assert server.traces() == []


class SlowIndex(SqliteTextIndex):
    """Takes its time, when told to."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.gate: anyio.Event | None = None
        self.reached = anyio.Event()

    async def put(self, user: UserId, memory_id: MemoryId, passages: Any) -> None:
        if self.gate is not None:
            self.reached.set()
            await self.gate.wait()
        await super().put(user, memory_id, passages)


class StubbornObjects(FileObjectStore):
    """Removes nothing, some times."""

    refusals = 0

    async def delete(self, user: UserId, key: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise TemporarilyUnavailable("nothing can be removed now")
        await super().delete(user, key)
