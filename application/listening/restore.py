"""After a start: conversations come back from their journals, while the program serves already."""

import anyio
import msgspec
from msgspec import Struct

from application.listening.conversations import Conversations
from application.listening.finish_conversation import FinishConversation
from application.listening.known_streams import KnownStreams
from application.listening.replay_journal import Ended, opened, restored
from domain.ids import ConversationId, UserId
from ports.audio_decoder import AudioDecoder
from ports.capture_journal import CaptureJournal
from ports.clock import Clock
from ports.conversation_leases import ConversationLeases
from ports.errors import AdapterError, NotFound

RETRY_SECONDS = 5.0
CLIENT_SECONDS = 5.0
"""For a client to come back that goes on to the sample: most have noticed by then that the server was gone."""
NOBODY_KNOWN = UserId("")
"""Whose a journal is that holds nothing."""


class _Found(Struct, frozen=True):
    """A journal that is to be taken up."""

    conversation: ConversationId
    user: UserId


class Restore:
    """Takes up every conversation that has a journal and that no other server serves, once.

    A user who connects meanwhile waits for their own.
    """

    def __init__(
        self,
        *,
        conversations: Conversations,
        finish: FinishConversation,
        journal: CaptureJournal,
        leases: ConversationLeases,
        audio_decoder: AudioDecoder,
        clock: Clock,
        streams: KnownStreams | None = None,
    ) -> None:
        self._conversations = conversations
        self._arrivals = conversations.arrivals
        self._finish = finish
        self._journal = journal
        self._leases = leases
        self._decoder = audio_decoder
        self._clock = clock
        self._streams = streams
        self._found: list[_Found] = []
        self.underway: set[ConversationId] = set()
        """What this server serves, and has not read yet."""
        self.refused: dict[ConversationId, str] = {}
        """Conversations whose journals cannot be taken up now, and why. They are kept, and tried again."""
        self.done = anyio.Event()
        """Set when every journal was tried once."""

    async def find(self) -> None:
        """Looks whose journals there are, before the first session. Reads the beginning of each."""
        for conversation in await self._journal.conversations():
            found = await self._look(conversation)
            if found is not None:
                self._found.append(found)
                self.underway.add(conversation)
                self._arrivals.expect(found.user)

    async def run(self) -> None:
        """Takes up what was found, those first whose users wait; then tries what was refused. Until cancelled."""
        while self._found:
            waiting = self._arrivals.awaited
            found = next((found for found in self._found if found.user in waiting), self._found[0])
            self._found.remove(found)
            await self._take_up(found.conversation)
            self._arrivals.arrived(found.user)
        self.done.set()
        while True:
            await self._clock.sleep(RETRY_SECONDS)
            for conversation in tuple(self.refused):
                if await self._look(conversation) is not None:
                    await self._take_up(conversation)

    async def take_up(self, user: UserId, conversation: ConversationId) -> None:
        """Goes on with a conversation that another server had: this one serves it by now. Its user waits for it."""
        self._arrivals.expect(user)
        try:
            await self._take_up(conversation)
        finally:
            self._arrivals.arrived(user)

    async def _look(self, conversation: ConversationId) -> _Found | None:
        """Whose it is, if it is for this server to take up."""
        self.refused.pop(conversation, None)
        try:
            first = await opened(self._journal, conversation)
            user = first.user if first is not None else NOBODY_KNOWN
            if await self._leases.claim(user, conversation) != self._leases.server:
                return None
            if first is not None:
                return _Found(conversation, user)
            await self._journal.remove(conversation)
            self._leases.forget(conversation)
        except NotFound:  # removed meanwhile
            pass
        except (AdapterError, msgspec.MsgspecError) as error:
            self.refused[conversation] = str(error)
        return None

    async def _take_up(self, conversation: ConversationId) -> None:
        """A journal that cannot be read does not keep the others from being taken up."""
        self.underway.add(conversation)
        try:
            await self._journal.bring(conversation)
            found = await restored(self._journal, conversation, decoder=self._decoder)
            if isinstance(found, Ended):
                await self._finish.hand_in(found.user, conversation)
                self._leases.forget(conversation)
            else:
                if found.stream is not None:
                    found.awaits_client_until = self._clock.monotonic() + CLIENT_SECONDS
                self._conversations.adopt(found)
                if self._streams is not None:
                    await self._streams.left(found)
        except NotFound:  # removed meanwhile
            self._leases.forget(conversation)
        except (AdapterError, msgspec.MsgspecError, ValueError) as error:
            self.refused[conversation] = str(error)
        finally:
            self.underway.discard(conversation)
