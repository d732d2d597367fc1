"""Sessions that wait for their clients: by stream, each until it is over or its client stays away for too long.

What a client and its server agreed on outlives the session: the next one goes on with it, here or elsewhere.
"""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import anyio
import structlog
from msgspec import Struct, structs

from adapters.inbound.listen.connection import RESTART, SEND_SECONDS, TAKEN_OVER, Receive, Send
from adapters.inbound.listen.generations import Generation
from adapters.inbound.listen.resumable.agreement import Agreement, is_opened
from adapters.inbound.listen.resumable.connection import ResumableConnection
from adapters.inbound.listen.resumable.session import NORMAL, ResumableSession
from adapters.inbound.listen.resumable.terms import Terms, begun, require_format, resumed
from adapters.inbound.listen.resumable.wire import (
    LONGEST_AGE_SECONDS,
    UNKNOWN,
    Resume,
    SessionTold,
    encoded,
    resume_of,
)
from adapters.inbound.server.protocol import Taker
from application.listening.known_streams import KnownStreams, StreamHistory, StreamSession
from application.listening.listen import Listen
from application.listening.listening_session import ListeningSession
from domain.client_stream import ClientStream, Reach, further
from domain.errors import InvalidRequest
from domain.ids import ConversationId, UserId, new_id
from domain.session import MemoryCreated, SessionRequest, StreamRequest
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable

GRACE_SECONDS = 120.0
"""How long a session waits for its client: as long as a conversation does."""

FIRST_MESSAGE_SECONDS = 5.0
LOOK_SECONDS = 1.0
RETRY_SECONDS = 5.0
LETTING_GO_SECONDS = 2.0
LAST_WORDS_SECONDS = 2.0
"""For what is to be known of a stream when its session is over."""

MOST_OF_A_USER = 8
"""Sessions of one user; for one more, the one that was left first has to end."""

FAILED, EXPIRED = 1011, 4408
GONE = 4410
"""Code of a socket whose token opens nothing."""

_Key = tuple[UserId, str]
"""A user, and what their client calls its stream."""

log = structlog.get_logger()


class ResumableClient(Struct, frozen=True):
    """A socket that was accepted, of a client that resumes."""

    receive: Receive
    send: Send
    generation: Generation
    taken_by: Callable[[Taker], None] | None


class ResumableSessions:
    """All of this process. The handler of the socket that began a session keeps it, also while there is no socket."""

    def __init__(
        self,
        listen: Listen,
        *,
        streams: KnownStreams,
        clock: Clock,
        grace: float = GRACE_SECONDS,
        longest_socket: float = 0.0,
    ) -> None:
        self._listen = listen
        self._streams = streams
        self._clock = clock
        self._grace = grace
        self._longest_socket = longest_socket
        self._held: dict[_Key, ResumableSession] = {}
        self._dismissed = anyio.Event()

    @property
    def live_sessions(self) -> int:
        """How many there are."""
        return len(self._held)

    def go_away(self) -> None:
        """Ends all: what was said still reaches the clients that are there."""
        self._dismissed.set()
        for held in self._held.values():
            held.end(RESTART)

    async def serve(self, request: SessionRequest, client: ResumableClient) -> None:
        """Serves a socket; where it opens a session, stays until that is over.

        Raises:
            InvalidRequest: the client does not say where it is, or says something impossible.
            TemporarilyUnavailable: nobody knows now what its token opens.
            BusinessError, AdapterError: what `Listen.open` raises.
        """
        resume = await _first_message(client.receive)
        if resume is None:
            return
        held = self._held.get((request.user, resume.stream))
        if held is not None and held.agreement.opens(resume.token):
            require_format(held.agreement.session.audio, request)
            await self._connect(held, client, terms=resumed(held.agreement.session, resume))
            return
        agreed = await self._agreed(request.user, resume)
        if not resume.token:
            await self._open(request, resume, client, terms=begun(request.audio, goes_on=agreed is not None))
        elif agreed is None or not is_opened(agreed, resume.token):
            await client.send({"type": "websocket.send", "text": encoded(UNKNOWN)})
            await client.send({"type": "websocket.close", "code": GONE, "reason": UNKNOWN.reason})
        else:
            require_format(agreed.audio, request)
            await self._open(request, resume, client, terms=resumed(agreed, resume))

    async def _agreed(self, user: UserId, resume: Resume) -> StreamSession | None:
        """What the last session of the stream agreed on, wherever it was."""
        try:
            return await self._streams.session(user, resume.stream)
        except TemporarilyUnavailable:
            if resume.token:
                raise
            return None  # who begins need not know

    async def _open(self, request: SessionRequest, resume: Resume, client: ResumableClient, *, terms: Terms) -> None:
        key = request.user, resume.stream
        await self._make_place(*key)
        begin = further(Reach(resume.position), (await self._history(key)).reach)
        age = max(resume.now - begin.position, 0) / request.audio.sample_rate
        if age > LONGEST_AGE_SECONDS:
            raise InvalidRequest("position: the audio is too old to be placed in time")
        wanted = StreamRequest(name=resume.stream, position=begin.position, age=age, goes_on=terms.goes_on)
        async with self._listen.open(structs.replace(request, stream=wanted)) as listening:
            history = await self._history(key)  # whoever had it until now may have added to it
            held = ResumableSession(
                listening,
                identity=new_id(),
                user=request.user,
                agreement=Agreement(self._streams, user=request.user, stream=resume.stream, session=terms.session),
                stream=_stream(listening, request, begin=further(begin, history.reach)),
                generation=client.generation,
                clock=self._clock,
                since=terms.since,
            )
            if terms.is_resumed:
                held.tell_how_it_stands()
            self._held[key] = held
            if self._dismissed.is_set():  # the stop came while the session was opened
                held.end(RESTART)
            elif terms.session.is_finished:
                held.end(NORMAL)
            try:
                first = partial(self._connect, held, client, terms=terms)
                await self._keep(held, listening, first, missed=history.conversations if terms.is_resumed else ())
            finally:
                await self._forget(key, held)
                _log(listening, held)
        await self._linger(key, held)

    async def _history(self, key: _Key) -> StreamHistory:
        """What became of a stream; nothing where nobody knows now: then the client's word counts."""
        try:
            return await self._streams.history(*key)
        except TemporarilyUnavailable:
            return StreamHistory()

    async def _keep(
        self,
        held: ResumableSession,
        session: ListeningSession,
        first: Callable[[], Coroutine[Any, Any, None]],
        *,
        missed: tuple[ConversationId, ...],
    ) -> None:
        """Keeps a session until it is over, and its events until the socket of the beginning has them."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(held.keep)
            tasks.start_soon(self._expire, held)
            tasks.start_soon(_release, held, session.taken_over)
            tasks.start_soon(self._tell_memories, held, missed)
            async with anyio.create_task_group() as sockets:
                sockets.start_soon(first)
                await held.over.wait()
                if held.code == TAKEN_OVER:
                    session.break_off()
                    held.log.close()
                else:
                    await session.drain()
                    await held.log.closed.wait()
                sockets.cancel_scope.deadline = anyio.current_time() + SEND_SECONDS
            tasks.cancel_scope.cancel()

    async def _tell_memories(self, held: ResumableSession, missed: tuple[ConversationId, ...]) -> None:
        """Tells what became of conversations of the stream, where nobody knows that the client was told."""
        for conversation in missed:
            while held.agreement.number_of(conversation) is None:
                try:
                    memory = await self._streams.memory(held.user, conversation)
                except TemporarilyUnavailable:
                    await self._clock.sleep(RETRY_SECONDS)
                    continue
                if memory is not None and held.agreement.number_of(conversation) is None:
                    held.tell(MemoryCreated(conversation, memory))
                break  # if it is not made yet, it will be told as to everybody

    async def _forget(self, key: _Key, held: ResumableSession) -> None:
        held.end(FAILED)  # unless it is over as it should be
        held.log.close()
        held.released.set()
        with anyio.move_on_after(LAST_WORDS_SECONDS, shield=True), suppress(TemporarilyUnavailable):
            await held.settle()
            await self._streams.reached(*key, held.settled)
        if held.code != NORMAL or self._dismissed.is_set():
            self._drop(key, held)

    def _drop(self, key: _Key, held: ResumableSession) -> None:
        if self._held.get(key) is held:  # not the next one of the same stream
            del self._held[key]

    async def _linger(self, key: _Key, held: ResumableSession) -> None:
        """The last events of a session that was finished wait for a client that was cut off before it had them."""
        if self._held.get(key) is not held:
            return
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_cancel_after, self._clock, self._grace, tasks.cancel_scope)
                await self._dismissed.wait()
                tasks.cancel_scope.cancel()
        finally:
            self._drop(key, held)

    async def _connect(self, held: ResumableSession, client: ResumableClient, *, terms: Terms) -> None:
        """Serves one socket of a session."""
        connection = ResumableConnection(
            held,
            receive=client.receive,
            send=client.send,
            clock=self._clock,
            generation=client.generation,
            last_event=terms.since,
            longest=self._longest_socket,
        )
        if client.taken_by is not None:
            client.taken_by(connection.take)

        def greet() -> str:
            state = held.acknowledged()
            told = SessionTold(
                session=held.id,
                token=terms.token,
                resumed=terms.is_resumed,
                conversation=held.conversation,
                durable=state.durable,
                transcribed=state.transcribed,
                last_event=held.log.last,
                messages=state.messages,
                grace=self._grace,
            )
            return encoded(told)

        await connection.run(greet)

    async def _make_place(self, user: UserId, stream: str) -> None:
        """A client that begins anew ends what it left behind: the same stream, or its oldest session of many."""
        own = {key: held for key, held in self._held.items() if key[0] == user and not held.over.is_set()}
        leaving = [held for key, held in own.items() if key[1] == stream]
        if not leaving and len(own) >= MOST_OF_A_USER:
            leaving = [min(own.values(), key=lambda held: (held.left_at is None, held.left_at or 0.0))]
        for held in leaving:
            held.end(TAKEN_OVER)
            with anyio.move_on_after(LETTING_GO_SECONDS):
                await held.released.wait()

    async def _expire(self, held: ResumableSession) -> None:
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            if held.left_at is not None and self._clock.monotonic() - held.left_at >= self._grace:
                held.end(EXPIRED)


def _stream(session: ListeningSession, request: SessionRequest, *, begin: Reach) -> ClientStream:
    """The stream of a session that was opened; the journal of its conversation may have more of it."""
    live = session.conversation
    if live.stream is None or live.reach is None:
        raise TemporarilyUnavailable("the conversation went on without this client; connect again")
    return ClientStream(request.audio, place=live.stream, reach=further(begin, live.reach))


def _log(session: ListeningSession, held: ResumableSession) -> None:
    summary = session.summary(packets=session.counts.packets)
    figures = {name: getattr(summary, name) for name in summary.__struct_fields__}
    log.info("session_ended", connections=held.connections, close_code=held.code, **figures)


async def _release(held: ResumableSession, taken_over: anyio.Event) -> None:
    await taken_over.wait()
    held.end(TAKEN_OVER)


async def _cancel_after(clock: Clock, seconds: float, scope: anyio.CancelScope) -> None:
    await clock.sleep(seconds)
    scope.cancel()


async def _first_message(receive: Receive) -> Resume | None:
    """What the client says first; None for one that went away instead."""
    with anyio.move_on_after(FIRST_MESSAGE_SECONDS):
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return None
        return resume_of(message.get("text") or "")
    raise TemporarilyUnavailable("no resume message came in time")
