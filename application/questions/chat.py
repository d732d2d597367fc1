"""The chat: messages of the user and answers to them, kept; a greeting where there are none."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec import Struct, structs

from application.plugins.count_uses import CountUses
from application.questions.answer_question import Answered, AnswerQuestion, Asked, Say
from application.questions.chat_files import MOST_AT_ONCE, ChatFiles, ShownFile
from application.questions.chat_sessions import ChatSessions
from application.questions.talk_so_far import HISTORY, dated, history_for, persona_of, told
from application.tasks.initial_message import initial_message
from application.users.accounts import Accounts
from domain.chat import FileText, Message, Sender
from domain.chat_errors import ChatFileNotFound, MessageNotFound
from domain.errors import InvalidRequest
from domain.ids import PluginId, UserId, new_id
from domain.material import Background
from domain.memory import Memory
from domain.plugin_use import UseKind
from ports.chat_history import ChatHistory
from ports.clock import Clock
from ports.errors import AdapterError
from ports.facts import Facts
from ports.language_model import LanguageModel
from ports.memory_repository import MemoryRepository
from ports.plugin_catalog import PluginCatalog

MOST_MEMORIES = 5
"""That an answer names."""
SHOWN = 100
"""Newest messages that are listed."""
_AFTER = timedelta(microseconds=1)
"""An answer is newer than its question, even by a clock that stands."""
_FACTS = 100
_ALL = 1_000_000
_LONGEST_MESSAGE = 10_000
_LANGUAGE = "en"


class ChatMessage(Struct, frozen=True, kw_only=True):
    """A message with the memories it rests on and the files that came with it, as far as there still are."""

    message: Message
    memories: tuple[Memory, ...] = ()
    files: tuple[ShownFile, ...] = ()
    answered: Answered | None = None
    """What the message says and where from; for one that was just written."""


class Question(Struct, frozen=True, kw_only=True):
    """A message of the user that is kept, and what it takes to answer it."""

    message: Message
    before: tuple[Message, ...]
    """Of the same talk, newest first."""
    files: tuple[FileText, ...] = ()


async def _nobody_listens(_piece: str) -> None:
    return


class Chat:
    """The conversation of one user at a time with the assistant, or with a plugin that has a persona."""

    def __init__(
        self,
        *,
        history: ChatHistory,
        answers: AnswerQuestion,
        memories: MemoryRepository,
        facts: Facts,
        accounts: Accounts,
        files: ChatFiles,
        sessions: ChatSessions,
        clock: Clock,
        language_model: LanguageModel | None = None,
        plugins: PluginCatalog | None = None,
        uses: CountUses | None = None,
    ) -> None:
        """Keeps what it works with. `language_model` writes greetings; without it they are a template."""
        self._history = history
        self._answers = answers
        self._memories = memories
        self._facts = facts
        self._accounts = accounts
        self._files = files
        self._sessions = sessions
        self._clock = clock
        self._model = language_model
        self._plugins = plugins
        self._uses = uses

    async def send(
        self,
        user: UserId,
        text: str,
        *,
        plugin_id: PluginId | None = None,
        file_ids: Sequence[str] = (),
        say: Say = _nobody_listens,
    ) -> ChatMessage:
        """Takes a message and answers it. Raises as `take` and `answer`."""
        question = await self.take(user, text, plugin_id=plugin_id, file_ids=file_ids)
        return await self.answer(user, question, say=say)

    async def take(
        self, user: UserId, text: str, *, plugin_id: PluginId | None = None, file_ids: Sequence[str] = ()
    ) -> Question:
        """Takes a message and keeps it.

        Args:
            user: who writes.
            text: any words.
            plugin_id: who is asked; None: nobody in particular.
            file_ids: what the question is about.

        Raises:
            InvalidRequest: the message is empty or too long, or comes with too many files.
            ChatFileNotFound: there is no such file.
            TemporarilyUnavailable: a store failed.
        """
        if not text.strip() or len(text) > _LONGEST_MESSAGE:
            raise InvalidRequest(f"text: expected 1 to {_LONGEST_MESSAGE:,} characters")
        if len(file_ids) > MOST_AT_ONCE:
            raise InvalidRequest(f"file_ids: expected at most {MOST_AT_ONCE}")
        files = tuple([await self._files.read(user, one) for one in dict.fromkeys(file_ids)])
        before = history_for(plugin_id, await self._history.recent(user, limit=HISTORY))
        message = Message(
            id=new_id(),
            text=text,
            created_at=self._clock.now(),
            sender=Sender.HUMAN,
            plugin_id=plugin_id,
            file_ids=tuple(one.file.id for one in files),
            session_id=await self._sessions.of(user, plugin_id),
        )
        await self._history.append(user, message)
        return Question(message=message, before=before, files=files)

    async def answer(self, user: UserId, question: Question, *, say: Say = _nobody_listens) -> ChatMessage:
        """Answers a message, and keeps the answer. Pieces of it are said while they come.

        Raises:
            TemporarilyUnavailable: it cannot be answered now; the user's message is kept.
        """
        message, before = question.message, question.before
        asked = Asked(
            question=message.text,
            before=next((message.text for message in before if message.sender is Sender.HUMAN), ""),
            history=told(before),
            background=await self._background(user, message.created_at),
            persona=await self._persona(message.plugin_id),
            language=(await self._accounts.get(user)).language or _LANGUAGE,
            files=question.files,
            earlier_files=() if question.files else await self._last_files(user, before),
        )
        return await self._keep_answer(user, await self._answers.answer(user, asked, say=say), message)

    async def shown(self, user: UserId, message: Message, *, answered: Answered | None = None) -> ChatMessage:
        """A message with what belongs to it. Raises TemporarilyUnavailable."""
        return ChatMessage(
            message=message,
            memories=await self._memories.several(user, message.memory_ids),
            files=await self._shown_files(user, message),
            answered=answered,
        )

    async def report(self, user: UserId, message_id: str) -> None:
        """Marks a message as one that something is wrong with; again does nothing.

        Raises:
            MessageNotFound: the user has no such message.
            TemporarilyUnavailable: a store failed.
        """
        for message in await self._history.recent(user, limit=_ALL):
            if message.id == message_id:
                await self._history.append(user, structs.replace(message, reported=True))
                return
        raise MessageNotFound("there is no such message")

    async def list(self, user: UserId) -> tuple[ChatMessage, ...]:
        """The newest messages, newest first. In an empty chat the greeting is made.

        Raises:
            TemporarilyUnavailable: a store failed.
        """
        messages = await self._history.recent(user, limit=SHOWN)
        if not messages:
            return (await self.greet(user),)
        cited = [memory_id for message in messages for memory_id in message.memory_ids]
        memories = {memory.id: memory for memory in await self._memories.several(user, cited)}
        shown = [(message, await self._shown_files(user, message)) for message in messages]
        return tuple(
            ChatMessage(
                message=message,
                memories=tuple(memories[one] for one in message.memory_ids if one in memories),
                files=files,
            )
            for message, files in shown
        )

    async def clear(self, user: UserId, *, plugin_id: PluginId | None = None) -> ChatMessage:
        """Removes all messages and files for good; gives the greeting of the chat that begins.

        Raises:
            TemporarilyUnavailable: a store failed.
        """
        await self._history.clear(user)
        await self._files.forget_all(user)
        await self._sessions.end(user)
        return await self.greet(user, plugin_id=plugin_id)

    async def greet(self, user: UserId, *, plugin_id: PluginId | None = None) -> ChatMessage:
        """Begins a chat, in the manner of a plugin where one is named; keeps the greeting.

        Raises:
            TemporarilyUnavailable: a store failed.
        """
        now = self._clock.now()
        background = await self._background(user, now)
        task = initial_message(background=background, persona=await self._persona(plugin_id))
        text = task.fallback or ""
        if self._model is not None:
            with suppress(AdapterError):  # the template is as good a beginning
                text = (await self._model.generate(task)).value
        message = Message(
            id=new_id(),
            text=text,
            created_at=now,
            sender=Sender.AI,
            plugin_id=plugin_id,
            session_id=await self._sessions.of(user, plugin_id),
        )
        await self._history.append(user, message)
        return ChatMessage(message=message)

    async def _keep_answer(self, user: UserId, answered: Answered, question: Message) -> ChatMessage:
        message = Message(
            id=new_id(),
            text=answered.text,
            created_at=max(self._clock.now(), question.created_at + _AFTER),
            sender=Sender.AI,
            plugin_id=question.plugin_id,
            memory_ids=answered.memory_ids[:MOST_MEMORIES],
            session_id=question.session_id,
        )
        await self._history.append(user, message)
        await self._count(message)
        return await self.shown(user, message, answered=answered)

    async def _last_files(self, user: UserId, before: Sequence[Message]) -> tuple[FileText, ...]:
        """What came with the last message that something came with."""
        file_ids = next((message.file_ids for message in before if message.file_ids), ())
        files: list[FileText] = []
        for file_id in file_ids:
            with suppress(ChatFileNotFound):
                files.append(await self._files.read(user, file_id))
        return tuple(files)

    async def _shown_files(self, user: UserId, message: Message) -> tuple[ShownFile, ...]:
        files: list[ShownFile] = []
        for file_id in message.file_ids:
            with suppress(ChatFileNotFound):
                files.append(await self._files.shown(user, await self._files.get(user, file_id)))
        return tuple(files)

    async def _count(self, answer: Message) -> None:
        """No answer fails because it was not counted."""
        if self._uses is not None and answer.plugin_id is not None:
            with suppress(AdapterError):
                await self._uses.count(answer.plugin_id, UseKind.CHAT, of=answer.id, at=answer.created_at)

    async def _background(self, user: UserId, now: datetime) -> Background:
        account = await self._accounts.get(user)
        facts = [fact for fact in await self._facts.list(user, limit=_FACTS) if fact.user_review is not False]
        facts.sort(key=lambda fact: fact.valid_from or fact.created_at)
        return Background(
            now=now.astimezone(account.zone), user_name=account.name, facts=tuple(dated(fact) for fact in facts)
        )

    async def _persona(self, plugin_id: PluginId | None) -> str:
        plugin = await self._plugins.find(plugin_id) if self._plugins and plugin_id else None
        return persona_of(plugin) if plugin else ""
