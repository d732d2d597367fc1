"""The chat: messages of the user and answers to them, kept; a greeting where there are none."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import takewhile

from msgspec import Struct

from application.plugins.count_uses import CountUses
from application.questions.answer_question import Answered, AnswerQuestion, Asked, Say
from application.tasks.initial_message import initial_message
from application.users.accounts import Accounts
from domain.chat import Message, Sender
from domain.errors import InvalidRequest
from domain.fact import Fact
from domain.ids import MemoryId, PluginId, UserId, new_id
from domain.material import Background
from domain.memory import Memory
from domain.plugin import Plugin
from domain.plugin_use import UseKind
from ports.chat_history import ChatHistory
from ports.clock import Clock
from ports.errors import AdapterError, NotFound
from ports.facts import Facts
from ports.language_model import LanguageModel
from ports.memory_repository import MemoryRepository
from ports.plugin_catalog import PluginCatalog

HISTORY = 10
"""Messages before the new one that an answer may refer to."""
MOST_MEMORIES = 5
"""That an answer names."""
SHOWN = 100
"""Newest messages that are listed."""
_AFTER = timedelta(microseconds=1)
"""An answer is newer than its question, even by a clock that stands."""
_FACTS = 100
_LONGEST_MESSAGE = 10_000
_LANGUAGE = "en"


class ChatMessage(Struct, frozen=True, kw_only=True):
    """A message and the memories it rests on, as far as there still are."""

    message: Message
    memories: tuple[Memory, ...] = ()
    answered: Answered | None = None
    """What the message says and where from; for one that was just written."""


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
        self._clock = clock
        self._model = language_model
        self._plugins = plugins
        self._uses = uses

    async def send(
        self, user: UserId, text: str, *, plugin_id: PluginId | None = None, say: Say = _nobody_listens
    ) -> ChatMessage:
        """Takes a message, answers it, and keeps both. Pieces of the answer are said while they come.

        Raises:
            InvalidRequest: the message is empty or too long.
            TemporarilyUnavailable: it cannot be answered now; the user's message is kept.
        """
        if not text.strip() or len(text) > _LONGEST_MESSAGE:
            raise InvalidRequest(f"text: expected 1 to {_LONGEST_MESSAGE:,} characters")
        before = history_for(plugin_id, await self._history.recent(user, limit=HISTORY))
        asked_at = self._clock.now()
        human = Message(id=new_id(), text=text, created_at=asked_at, sender=Sender.HUMAN, plugin_id=plugin_id)
        await self._history.append(user, human)
        asked = Asked(
            question=text,
            before=next((message.text for message in before if message.sender is Sender.HUMAN), ""),
            history=_told(before),
            background=await self._background(user, asked_at),
            persona=await self._persona(plugin_id),
            language=(await self._accounts.get(user)).language or _LANGUAGE,
        )
        answered = await self._answers.answer(user, asked, say=say)
        return await self._keep_answer(user, answered, plugin_id, asked_at)

    async def list(self, user: UserId) -> tuple[ChatMessage, ...]:
        """The newest messages, newest first. In an empty chat the greeting is made.

        Raises:
            TemporarilyUnavailable: a store failed.
        """
        messages = await self._history.recent(user, limit=SHOWN)
        if not messages:
            return (await self.greet(user),)
        wanted = dict.fromkeys(memory_id for message in messages for memory_id in message.memory_ids)
        memories = {memory_id: await self._memory(user, memory_id) for memory_id in wanted}
        return tuple(
            ChatMessage(
                message=message,
                memories=tuple(memory for one in message.memory_ids if (memory := memories[one]) is not None),
            )
            for message in messages
        )

    async def clear(self, user: UserId, *, plugin_id: PluginId | None = None) -> ChatMessage:
        """Removes all messages for good; gives the greeting of the chat that begins.

        Raises:
            TemporarilyUnavailable: a store failed.
        """
        await self._history.clear(user)
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
        message = Message(id=new_id(), text=text, created_at=now, sender=Sender.AI, plugin_id=plugin_id)
        await self._history.append(user, message)
        return ChatMessage(message=message)

    async def _keep_answer(
        self, user: UserId, answered: Answered, plugin_id: PluginId | None, asked_at: datetime
    ) -> ChatMessage:
        message = Message(
            id=new_id(),
            text=answered.text,
            created_at=max(self._clock.now(), asked_at + _AFTER),
            sender=Sender.AI,
            plugin_id=plugin_id,
            memory_ids=answered.memory_ids[:MOST_MEMORIES],
        )
        await self._history.append(user, message)
        await self._count(message)
        found = [await self._memory(user, memory_id) for memory_id in message.memory_ids]
        return ChatMessage(
            message=message, memories=tuple(memory for memory in found if memory is not None), answered=answered
        )

    async def _count(self, answer: Message) -> None:
        """No answer fails because it was not counted."""
        if self._uses is not None and answer.plugin_id is not None:
            with suppress(AdapterError):
                await self._uses.count(answer.plugin_id, UseKind.CHAT, of=answer.id, at=answer.created_at)

    async def _memory(self, user: UserId, memory_id: MemoryId) -> Memory | None:
        try:
            return await self._memories.get(user, memory_id)
        except NotFound:
            return None

    async def _background(self, user: UserId, now: datetime) -> Background:
        account = await self._accounts.get(user)
        facts = [fact for fact in await self._facts.list(user, limit=_FACTS) if fact.user_review is not False]
        facts.sort(key=lambda fact: fact.valid_from or fact.created_at)
        return Background(
            now=now.astimezone(account.zone), user_name=account.name, facts=tuple(_dated(fact) for fact in facts)
        )

    async def _persona(self, plugin_id: PluginId | None) -> str:
        plugin = await self._plugins.find(plugin_id) if self._plugins and plugin_id else None
        return persona_of(plugin) if plugin else ""


def persona_of(plugin: Plugin) -> str:
    """How a plugin wants to sound."""
    prompt = plugin.chat_prompt or plugin.memory_prompt
    return "\n".join(part for part in (f"You are {plugin.name}.", plugin.description, prompt) if part)


def history_for(plugin_id: PluginId | None, newest_first: Sequence[Message]) -> tuple[Message, ...]:
    """The messages, newest first, that belong to the talk with a plugin: up to what another one answered."""
    return tuple(
        takewhile(lambda one: one.sender is not Sender.AI or one.plugin_id == plugin_id, newest_first[:HISTORY])
    )


def _told(newest_first: Sequence[Message]) -> str:
    names = {Sender.AI: "Assistant", Sender.HUMAN: "User"}
    return "\n".join(f"{names[message.sender]}: {message.text}" for message in reversed(newest_first))


def _dated(fact: Fact) -> str:
    """A fact; of one that is over, until when it held: the newer one stands behind it."""
    if fact.valid_to is None:
        return fact.content
    return f"{fact.content} (until {fact.valid_to:%B %-d, %Y}; not any more)"
