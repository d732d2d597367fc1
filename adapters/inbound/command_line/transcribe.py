"""`omi transcribe`: recordings become memories without a server, as fast as they can be heard."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import anyio
import anyio.to_thread
import msgspec

from adapters.inbound.command_line.audio_files import read_audio
from adapters.inbound.command_line.pace import paced
from adapters.inbound.command_line.packets import duration, packets
from adapters.inbound.command_line.screen import Screen
from adapters.inbound.command_line.session_log import SessionLog
from adapters.inbound.listen.wire import encoded
from application.listening.conversations import Conversations
from application.listening.listen import Listen
from application.listening.listening_session import ListeningSession
from application.listening.live_conversation import LiveConversation
from application.memories.manage_memories import ManageMemories
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat, Codec
from domain.errors import MemoryNotFound
from domain.ids import ConversationId, MemoryId, UserId
from domain.session import MemoryCreated, SessionEvent, SessionRequest
from ports.capture_journal import CaptureJournal
from ports.errors import TemporarilyUnavailable
from ports.event_bus import EventBus

MOST_AHEAD = 20 * SAMPLE_RATE
"""Audio that waits to be heard: enough for a recognizer to be busy, too little for it to be taken for a slow one."""
FIRST_AHEAD = 2 * SAMPLE_RATE
FIRST_SPEED = 5.0
"""Times real time until there are words. A recognizer connects at the first speech, and would miss what came before."""
LOOK_SECONDS = 0.05
STALLED_SECONDS = 60.0
"""A recognizer that gets nowhere for this long is given up."""
MEMORY_SECONDS = 120.0
ELSEWHERE_SECONDS = 1.0
"""Between two looks whether another process has made the memory."""

AS_IT_IS = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)


class Transcribe:
    """Hears recordings in this process."""

    def __init__(
        self,
        *,
        listen: Listen,
        conversations: Conversations,
        events: EventBus,
        memories: ManageMemories,
        journal: CaptureJournal,
        screen: Screen,
    ) -> None:
        self._listen = listen
        self._conversations = conversations
        self._events = events
        self._memories = memories
        self._journal = journal
        self._screen = screen

    async def file(self, path: Path, *, user: UserId, language: str) -> None:
        """Hears a recording, and waits for its memory. Whoever makes memories has to run meanwhile.

        Raises:
            InvalidRequest: the file cannot be read.
            TemporarilyUnavailable: nothing was said, or something failed on the way.
        """
        pcm = await anyio.to_thread.run_sync(read_audio, path)
        request = SessionRequest(user=user, audio=AS_IT_IS, language=language)
        log = SessionLog()
        with self._screen.recording(path.name, length=len(pcm) / SAMPLE_BYTES / SAMPLE_RATE):
            async with self._events.subscribe(user) as news:
                last = await self._heard(pcm, request, log)
                await self._conversations.finish(last)
                await self._memories_made(user, news, log)
        if log.failed or log.unfinished:
            raise TemporarilyUnavailable(f"{path.name}: a memory could not be made now; what was said is kept")
        if not log.memories:
            raise TemporarilyUnavailable(f"{path.name}: nothing was said, so there is no memory")

    async def _heard(self, pcm: bytes, request: SessionRequest, log: SessionLog) -> LiveConversation:
        """The conversation that goes on when all of a recording was heard; earlier ones have ended."""
        async with self._listen.open(request) as session:
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._show, session, log)
                    await self._feed(pcm, session, log)
                    await _all_heard(session)
                    await session.drain()
            except anyio.get_cancelled_exc_class():
                with anyio.CancelScope(shield=True):  # half a recording is not what was asked for
                    await self._conversations.discard(session.conversation)
                raise
            return session.conversation

    async def _feed(self, pcm: bytes, session: ListeningSession, log: SessionLog) -> None:
        async for packet, position in paced(packets(pcm, Codec.PCM16), Codec.PCM16, speed=0):
            session.accept(packet)
            self._screen.sent(position)
            if not log.words and _ahead(session) > FIRST_AHEAD:
                await anyio.sleep(duration(packet, Codec.PCM16) / FIRST_SPEED)
            while _ahead(session) > MOST_AHEAD:
                await anyio.sleep(LOOK_SECONDS)
        session.stop()

    async def _show(self, session: ListeningSession, log: SessionLog) -> None:
        async for event in session.events:
            self._tell(event, log)

    def _tell(self, event: SessionEvent, log: SessionLog) -> None:
        text = encoded(event)
        if text is None:
            return
        message = msgspec.json.decode(text)
        if log.note(message):
            self._screen.message(message)

    async def _memories_made(self, user: UserId, news: AsyncIterator[SessionEvent], log: SessionLog) -> None:
        with anyio.move_on_after(MEMORY_SECONDS):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._look_elsewhere, user, log)
                while log.unfinished:
                    self._tell(await anext(news), log)
                tasks.cancel_scope.cancel()

    async def _look_elsewhere(self, user: UserId, log: SessionLog) -> None:
        """A server on the same data may make the memory; its news does not come here."""
        while log.unfinished:
            await anyio.sleep(ELSEWHERE_SECONDS)
            # a memory is there before all that follows from it is done; the journal goes last
            for conversation in log.unfinished.difference(await self._journal.conversations()):
                with suppress(MemoryNotFound):
                    memory = await self._memories.get(user, MemoryId(conversation))
                    await self._events.publish(user, MemoryCreated(ConversationId(conversation), memory))


def _ahead(session: ListeningSession) -> int:
    ledger = session.conversation.ledger
    return ledger.end - ledger.watermark


async def _all_heard(session: ListeningSession) -> None:
    """Waits for the words of all that was sent, as long as they keep coming.

    Raises:
        TemporarilyUnavailable: they do not.
    """
    reached, deadline = -1, 0.0
    while (ledger := session.conversation.ledger).watermark < ledger.end:
        if ledger.watermark != reached:
            reached, deadline = ledger.watermark, anyio.current_time() + STALLED_SECONDS
        elif anyio.current_time() > deadline:
            raise TemporarilyUnavailable(f"no words for {STALLED_SECONDS:.0f} s; look at: omi doctor")
        await anyio.sleep(LOOK_SECONDS)
