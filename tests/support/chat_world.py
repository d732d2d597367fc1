"""The chat over stores in memory, with a model that writes what a test says."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from adapters.outbound.chat_history.memory import InMemoryChatHistory
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.facts.memory import InMemoryFacts
from adapters.outbound.image_reader.fake import FakeImageReader
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from application.questions.answer_model import AnswerModel, AnswerPrompt
from application.questions.answer_question import AnswerQuestion
from application.questions.chat import Chat
from application.questions.chat_files import ChatFiles
from application.questions.chat_sessions import ChatSessions
from application.questions.recall import Recall
from application.users.accounts import Accounts
from domain.ids import PluginId, UserId
from domain.memory import Memory, Structure
from domain.plugin import Plugin
from ports.errors import TemporarilyUnavailable
from tests.support.memories import a_memory, a_segment

ANN = UserId("ann")
PIRATE = Plugin(id=PluginId("pirate"), name="Pirate", description="A sailor.", chat_prompt="Talk like a pirate.")


class ScriptedModel:
    """Writes given pieces; keeps what it was asked. Fails after `breaks_after` pieces, where that is given."""

    def __init__(self, *pieces: str, breaks_after: int | None = None) -> None:
        self.pieces = pieces
        self.prompts: list[AnswerPrompt] = []
        self._breaks_after = breaks_after

    @asynccontextmanager
    async def stream(self, prompt: AnswerPrompt) -> AsyncIterator[AsyncIterator[str]]:
        self.prompts.append(prompt)
        if self._breaks_after == 0:
            raise TemporarilyUnavailable("out of order")
        yield self._written()

    async def _written(self) -> AsyncIterator[str]:
        for number, piece in enumerate(self.pieces):
            if number == self._breaks_after:
                raise TemporarilyUnavailable("broke off")
            yield piece


class OnePlugin:
    async def plugins(self) -> tuple[Plugin, ...]:
        return (PIRATE,)

    async def find(self, plugin_id: PluginId) -> Plugin | None:
        return PIRATE if plugin_id == PIRATE.id else None


class ChatWorld:
    """A chat and what it stands on."""

    def __init__(self, model: AnswerModel | None = None) -> None:
        self.memories, self.facts, self.history = InMemoryMemoryRepository(), InMemoryFacts(), InMemoryChatHistory()
        self.clock = ManualClock()
        values = InMemoryKeyValueStore(clock=self.clock)
        self.accounts = Accounts(store=values)
        self.objects = InMemoryObjectStore()
        self.files = ChatFiles(
            objects=self.objects,
            images=FakeImageReader(),
            language_model=FakeLanguageModel(),
            accounts=self.accounts,
            clock=self.clock,
        )
        self.recall = Recall(
            memories=self.memories,
            embedder=FakeTextEmbedder(),
            texts=InMemoryTextIndex(),
            vectors=InMemoryVectorIndex(),
        )
        self.answers = AnswerQuestion(recall=self.recall, model=model)
        self.chat = Chat(
            history=self.history,
            answers=self.answers,
            memories=self.memories,
            facts=self.facts,
            accounts=self.accounts,
            files=self.files,
            sessions=ChatSessions(values=values),
            clock=self.clock,
            plugins=OnePlugin(),
        )

    async def keep(self, *memories: Memory, user: UserId = ANN) -> None:
        for memory in memories:
            await self.memories.save(user, memory)
            await self.recall.index(user, memory)


def talk(name: str, turns: Sequence[str]) -> Memory:
    segments = tuple(a_segment(turn, at=place) for place, turn in enumerate(turns))
    return a_memory(name, structure=Structure(title=name.title()), segments=segments)


DENTIST = talk("dentist", ["My molar hurts.", "Call the dentist.", "The dentist has time on Thursday.", "Good."])
ROOF = talk("roof", ["The roof leaks.", "The roofer wants two thousand.", "That is a lot."])
