"""What plugins answer, brought to the user."""

from collections.abc import Awaitable, Callable, Container

from application.questions.told_message import told_message
from domain.chat import Message, Sender
from domain.ids import MemoryId, PluginId, UserId, new_id
from domain.plugin import Capability, Plugin, PluginReply, ProactiveNotification
from ports.chat_history import ChatHistory
from ports.clock import Clock
from ports.notifier import Notification, Notifier

ProactivePrompt = Callable[[Plugin, UserId, ProactiveNotification], Awaitable[str]]
"""Finds the words of a notification that a plugin asks for; the plugin's prompt is not to be obeyed beyond that."""

Show = Callable[[UserId, Plugin, Message], bool]
"""Shows a message to a user who looks at the app just now; False where nobody looks."""

SHORTEST = 6
"""Characters of a message that a user is disturbed for while they speak."""
PAUSE = 30.0
"""Seconds between two notifications that one plugin has worded for one user."""


class PluginReplies:
    """Stores messages, and notifies of those that come while the user speaks."""

    def __init__(
        self,
        *,
        chat: ChatHistory,
        notifier: Notifier,
        clock: Clock,
        proactive: ProactivePrompt | None = None,
        show: Show | None = None,
    ) -> None:
        self._chat = chat
        self._notifier = notifier
        self._clock = clock
        self._proactive = proactive
        self._show = show
        self._worded: dict[tuple[PluginId, UserId], float] = {}

    async def keep(
        self, user: UserId, plugin: Plugin, text: str, *, id: str = "", memory: MemoryId | None = None
    ) -> Message:
        """Stores what a plugin says as a message of the chat. The same id twice makes one message.

        Raises:
            TemporarilyUnavailable: not stored.
        """
        message = Message(
            id=id or new_id(),
            text=text,
            created_at=self._clock.now(),
            sender=Sender.AI,
            plugin_id=plugin.id,
            from_integration=True,
            memory_ids=(memory,) if memory else (),
        )
        await self._chat.append(user, message)
        return message

    async def kept(self, user: UserId, ids: Container[str]) -> tuple[Message, ...]:
        """Those of some messages that were stored of late. Raises TemporarilyUnavailable."""
        return tuple(message for message in await self._chat.recent(user) if message.id in ids)

    async def tell_now(self, user: UserId, plugin: Plugin, reply: PluginReply) -> None:
        """Tells the user at once what a plugin says to live speech.

        Raises:
            AdapterError: some of it could not be told.
        """
        if len(reply.message) >= SHORTEST:
            await self._tell(user, plugin, reply.message)
        if reply.notification is not None and self._may_word(user, plugin):
            text = await self._words(plugin, user, reply.notification)
            if len(text) >= SHORTEST:
                await self._tell(user, plugin, text)

    async def notify_of(self, user: UserId, plugin: Plugin, message: Message) -> None:
        """Notifies the user of what a plugin says; who looks at the app is shown it there, and gets no push.

        Raises:
            AdapterError: not notified.
        """
        if self._show is not None and self._show(user, plugin, message):
            return
        await self._notifier.notify(
            user,
            Notification(title=f"{plugin.name} says", body=message.text, data=told_message(message, occasion="plugin")),
        )

    async def _tell(self, user: UserId, plugin: Plugin, text: str) -> None:
        await self.notify_of(user, plugin, await self.keep(user, plugin, text))

    async def _words(self, plugin: Plugin, user: UserId, wanted: ProactiveNotification) -> str:
        return (await self._proactive(plugin, user, wanted)).strip() if self._proactive else ""

    def _may_word(self, user: UserId, plugin: Plugin) -> bool:
        """Whether it is time for another notification of a plugin that may have them worded."""
        if self._proactive is None or Capability.PROACTIVE_NOTIFICATION not in plugin.capabilities:
            return False
        now, key = self._clock.monotonic(), (plugin.id, user)
        self._worded = {each: at for each, at in self._worded.items() if now - at < PAUSE}
        if key in self._worded:
            return False
        self._worded[key] = now
        return True
