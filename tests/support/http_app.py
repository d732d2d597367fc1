"""The REST interface over stores in memory, for tests that talk to it in process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.inbound.http.application import create_application
from adapters.inbound.http.readiness import Readiness
from adapters.outbound.capture_journal.memory import InMemoryCaptureJournal
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.image_reader.fake import FakeImageReader
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from application.listening.finish_conversation import CREATE_MEMORY
from application.memories.create_memory import REPAIR_GAPS
from application.memories.deleted_memories import DeletedMemories
from application.memories.forget_memory import ForgetJournal, ForgetMemory
from application.memories.make_memory import MadeMemory, Telling
from application.memories.manage_memories import ManageMemories
from application.photos.keep_photos import KeepPhotos
from application.photos.see_photos import SeePhotos
from application.questions.recall import Recall
from application.users.accounts import Accounts
from domain.chat import Message, Sender
from domain.errors import Unauthenticated
from domain.ids import MemoryId, SegmentId, UserId
from domain.memory import Memory
from domain.transcript import TranscriptSegment
from ports.authenticator import Principal

ANNA, BERT = UserId("anna"), UserId("bert")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class NameIsToken:
    """Everybody's token is `token-<name>`."""

    async def authenticate(self, token: str) -> Principal:
        if not token.startswith("token-"):
            raise Unauthenticated("Invalid authorization token")
        return Principal(user=UserId(token.removeprefix("token-")))


class PlainMaker:
    """Keeps drafts as they come."""

    def __init__(self, memories: InMemoryMemoryRepository, recall: Recall) -> None:
        self._memories = memories
        self._recall = recall

    async def make(self, user: UserId, draft: Memory, *, telling: Telling = Telling.LATER) -> MadeMemory:
        await self._memories.save(user, draft)
        await self._recall.index(user, draft)
        message = Message(id="told", text="noted", created_at=NOON, sender=Sender.AI, memory_ids=(draft.id,))
        return MadeMemory(draft, (message,) if telling is Telling.NOW else ())

    async def reprocess(self, user: UserId, memory_id: MemoryId) -> Memory:
        return await self._memories.get(user, memory_id)


class Backend:
    """An application and what stands behind it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.memories = InMemoryMemoryRepository()
        self.recall = Recall(
            memories=self.memories,
            embedder=FakeTextEmbedder(),
            texts=InMemoryTextIndex(),
            vectors=InMemoryVectorIndex(),
        )
        self.journal = InMemoryCaptureJournal()
        self.jobs = InMemoryJobQueue(clock=self.clock)
        self.objects = InMemoryObjectStore()
        self.accounts = Accounts(store=InMemoryKeyValueStore(clock=self.clock))
        self.adapters: dict[str, Any] = {}
        self.is_draining = False

    def application(self, **more: Any) -> Litestar:
        maker = PlainMaker(self.memories, self.recall)
        return create_application(
            memories=ManageMemories(
                memories=self.memories,
                recall=self.recall,
                make_memory=maker,
                reprocess=maker.reprocess,
                accounts=self.accounts,
                forget=ForgetMemory(
                    jobs=self.jobs,
                    clock=self.clock,
                    stores={"journal": ForgetJournal(self.journal), "index": self.recall.forget},
                    derived=(CREATE_MEMORY, REPAIR_GAPS),
                ),
                deleted=DeletedMemories(InMemoryKeyValueStore(clock=self.clock)),
                see_photos=SeePhotos(
                    reader=FakeImageReader(),
                    model=FakeLanguageModel(),
                    keep=KeepPhotos(objects=self.objects),
                    accounts=self.accounts,
                ),
                clock=self.clock,
            ),
            readiness=Readiness(self.adapters, clock=self.clock, is_draining=lambda: self.is_draining),
            authenticator=NameIsToken(),
            **more,
        )

    @asynccontextmanager
    async def client(self, user: UserId | None = ANNA, **more: Any) -> AsyncIterator[AsyncTestClient[Litestar]]:
        headers = {"Authorization": f"Bearer token-{user}"} if user else {}
        async with AsyncTestClient(self.application(**more), raise_server_exceptions=False) as client:
            client.headers.update(headers)
            yield client


async def keep(backend: Backend, user: UserId, memory: Memory) -> None:
    """Stores a memory so that it can be found."""
    await backend.memories.save(user, memory)
    await backend.recall.index(user, memory)


def a_memory(name: str = "first", **more: Any) -> Memory:
    return Memory(id=MemoryId(name), created_at=NOON, **more)


def a_segment(text: str = "hello", **more: Any) -> TranscriptSegment:
    return TranscriptSegment(**{"id": SegmentId("s1"), "text": text, "start": 0, "end": 24_000, **more})
