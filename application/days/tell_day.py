"""In the evening each user is told of their day, in the morning reminded to wear the device."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.memories.pages import every_memory
from application.questions.told_message import told_message
from application.tasks.day_summary import day_summary
from application.users.accounts import Accounts
from domain.chat import Message, MessageKind, Sender
from domain.ids import UserId, derived_id
from domain.local_day import REMINDER, between_summaries, moment_of
from domain.material import Background
from domain.memory import Memory
from domain.user import Account
from ports.chat_history import ChatHistory
from ports.clock import Clock
from ports.errors import AdapterError
from ports.language_model import LanguageModel
from ports.memory_repository import MemoryRepository
from ports.notifier import Notification, Notifier

TELL_DAY = "tell_day"
"""Kind of the job that tells a user of a day."""
REMIND = "remind_to_wear"
"""Kind of the job that reminds a user in the morning."""

LATE_SUMMARY = timedelta(hours=4)
"""A summary that comes later is not notified of any more."""
LATE_REMINDER = timedelta(hours=1)

SUMMARY_TITLE = "Here is your action plan for tomorrow"
REMINDER_TITLE = "Omi"
REMINDER_TEXT = "Don't forget to wear your Omi today"


Send = Callable[[UserId, Message], Awaitable[None]]
"""Sends a summary to an address of the user, if there is one; `SendDay.send` does it. Raises what it raises."""


class DayJob(Struct, frozen=True, kw_only=True):
    """What either job is told."""

    day: date
    """On the user's calendar."""


class TellDay:
    """Does the two jobs; `CallDays` sees to it that they are done in time."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        memories: MemoryRepository,
        chat: ChatHistory,
        notifier: Notifier,
        model: LanguageModel,
        clock: Clock,
        send: Send,
    ) -> None:
        self._accounts = accounts
        self._memories = memories
        self._chat = chat
        self._notifier = notifier
        self._model = model
        self._clock = clock
        self._send = send

    async def tell(self, run: JobRun) -> None:
        """Does a `tell_day` job: writes the day down once, and notifies once.

        A day without memories is passed over. Nobody is woken at night by what a stopped process left undone.
        """
        user, day = run.job.user, msgspec.json.decode(run.job.payload, type=DayJob).day
        account = await self._accounts.get(user)
        written = await run.step("write", lambda: self._written(user, day, account), returns=Message)
        if not written.text:
            return
        await run.step("keep", lambda: self._chat.append(user, written), returns=type(None))
        if self._clock.now() <= written.created_at + LATE_SUMMARY:
            note = Notification(
                title=SUMMARY_TITLE, body=written.text, data=told_message(written, occasion="daily_summary")
            )
            await run.step("notify", lambda: self._notifier.notify(user, note), returns=type(None))
        await run.step("send", lambda: self._send(user, written), returns=type(None))

    async def remind(self, run: JobRun) -> None:
        """Does a `remind_to_wear` job, unless the morning is over."""
        user, day = run.job.user, msgspec.json.decode(run.job.payload, type=DayJob).day
        account = await self._accounts.get(user)
        if self._clock.now() > moment_of(day, REMINDER, zone=account.zone) + LATE_REMINDER:
            return
        note = Notification(
            title=REMINDER_TITLE, body=REMINDER_TEXT, data={"id": derived_id(REMIND, user, day.isoformat())}
        )
        await run.step("notify", lambda: self._notifier.notify(user, note), returns=type(None))

    async def _written(self, user: UserId, day: date, account: Account) -> Message:
        """The message; without text where there is nothing to tell."""
        start, end = between_summaries(day, zone=account.zone)
        memories = await self._told_of(user, start, end)
        return Message(
            id=derived_id(TELL_DAY, user, day.isoformat()),
            text=await self._text(memories, account, end) if memories else "",
            created_at=end,
            sender=Sender.AI,
            kind=MessageKind.DAY_SUMMARY,
            memory_ids=tuple(memory.id for memory in memories),
        )

    async def _told_of(self, user: UserId, start: datetime, end: datetime) -> tuple[Memory, ...]:
        """The memories that were made meanwhile and were worth keeping, in order of time. Each is told of once."""
        found: list[Memory] = []
        async for memory in every_memory(self._memories, user):
            if memory.created_at < start:
                break
            if memory.created_at < end and not memory.discarded:
                found.append(memory)
        return tuple(reversed(found))

    async def _text(self, memories: tuple[Memory, ...], account: Account, end: datetime) -> str:
        background = Background(now=end.astimezone(account.zone), user_name=account.name)
        task = day_summary(memories, background=background, language=account.language or "en")
        try:
            return (await self._model.generate(task)).value
        except AdapterError:
            return task.fallback or ""
