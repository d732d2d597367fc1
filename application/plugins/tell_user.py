"""What an app has a user told, by itself."""

from contextlib import suppress

from application.plugins.notice_limit import NoticeLimit
from application.plugins.plugin_replies import PluginReplies
from domain.chat import Message
from domain.errors import InvalidRequest
from domain.ids import UserId
from domain.plugin import Plugin
from ports.errors import AdapterError

LONGEST = 2_000
"""Characters."""


class TellUser:
    """Writes what an app says into the chat, and notifies of it; not too often."""

    def __init__(self, *, replies: PluginReplies, limit: NoticeLimit) -> None:
        self._replies = replies
        self._limit = limit

    async def tell(self, user: UserId, app: Plugin, text: str) -> Message:
        """Tells a user something. Where no notification can be sent now, it stands in the chat all the same.

        Raises:
            InvalidRequest: there are no words, or too many.
            AskedTooOften: the user was told enough for now.
            TemporarilyUnavailable: not kept.
        """
        words = text.strip()
        if not 0 < len(words) <= LONGEST:
            raise InvalidRequest(f"message: expected 1 to {LONGEST:,} characters")
        await self._limit.take(app.id, user)
        message = await self._replies.keep(user, app, words)
        with suppress(AdapterError):
            await self._replies.notify_of(user, app, message)
        return message
