"""Sessions that wait for their clients: by token, each until it is over or its client stays away for too long."""

import hashlib
import secrets
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import anyio
import structlog
from msgspec import Struct, structs

from adapters.inbound.listen.connection import RESTART, SEND_SECONDS, TAKEN_OVER, Receive, Send
from adapters.inbound.listen.generations import Generation
from adapters.inbound.listen.resumable import former_sessions as former
from adapters.inbound.listen.resumable.connection import ResumableConnection
from adapters.inbound.listen.resumable.former_sessions import FormerSessions
from adapters.inbound.listen.resumable.session import NORMAL, ResumableSession
from adapters.inbound.listen.resumable.wire import (
    LONGEST_AGE_SECONDS,
    Refused,
    Resume,
    SessionTold,
    encoded,
    resume_of,
)
from adapters.inbound.server.protocol import Taker
from application.listening.listen import Listen
from application.listening.listening_session import ListeningSession
from domain.audio import AudioFormat
from domain.client_stream import ClientStream
from domain.errors import InvalidRequest, UnsupportedAudio
from domain.ids import UserId, new_id
from domain.session import SessionRequest, StreamRequest
from ports.clock import Clock

GRACE_SECONDS = 120.0
"""How long a session waits for its client: as long as a conversation does."""

FIRST_MESSAGE_SECONDS = 5.0
LOOK_SECONDS = 1.0
LETTING_GO_SECONDS = 2.0

MOST_OF_A_USER = 8
"""Sessions of one user; for one more, the one that was left first has to end."""

FAILED, EXPIRED = 1011, 4408
GONE = 4410
"""Code of a socket whose token opens nothing."""

_REFUSED = {NORMAL: former.FINISHED, TAKEN_OVER: former.TAKEN_OVER, EXPIRED: former.EXPIRED}


log = structlog.get_logger()


class ResumableClient(Struct, frozen=True):
    """A socket that was accepted, of a client that resumes."""

    receive: Receive
    send: Send
    generation: Generation
    taken_by: Callable[[Taker], None] | None


class ResumableSessions:
    """All of this process. The handler of the socket that began a session keeps it, also while there is no socket."""

    def __init__(self, listen: Listen, *, clock: Clock, grace: float = GRACE_SECONDS) -> None:
        self._listen = listen
        self._clock = clock
        self._grace = grace
        self._held: dict[bytes, ResumableSession] = {}
        self._former = FormerSessions()
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
        """Serves a socket; where it begins a session, stays until that is over.

        Raises:
            InvalidRequest: the client does not say where it is, or says something impossible.
            UnsupportedAudio: it has more than one channel.
            BusinessError, AdapterError: what `Listen.open` raises.
        """
        if request.audio.channels != 1:  # packets of several channels begin at the same position
            raise UnsupportedAudio(f"a session that resumes has one channel, not {request.audio.channels}")
        resume = await _first_message(client.receive)
        if resume is None:
            return
        if not resume.token:
            await self._begin(request, resume, client)
            return
        digest = _digest(resume.token)
        held = self._held.get(digest)
        if held is None:
            await _refuse(client, self._former.refusal(digest, user=request.user))
        elif (held.user, held.name) != (request.user, resume.stream):
            await _refuse(client, former.NOT_YOURS)
        elif held.audio != request.audio:
            raise InvalidRequest("a session goes on with the audio format it began with")
        else:
            await self._connect(held, resume, client)

    async def _begin(self, request: SessionRequest, resume: Resume, client: ResumableClient) -> None:
        await self._make_place(request.user, resume.stream)
        known = self._former.position(request.user, resume.stream)
        begin = max(resume.position, known)
        age = max(resume.now - begin, 0) / request.audio.sample_rate
        if age > LONGEST_AGE_SECONDS:
            raise InvalidRequest("position: the audio is too old to be placed in time")
        token = secrets.token_urlsafe(32)
        wanted = StreamRequest(name=resume.stream, position=begin, age=age)
        async with self._listen.open(structs.replace(request, stream=wanted)) as session:
            held = ResumableSession(
                session,
                identity=new_id(),
                request=request,
                name=resume.stream,
                stream=_stream(session, request.audio, begin=begin, known=known),
                generation=client.generation,
                clock=self._clock,
            )
            digest = _digest(token)
            self._held[digest] = held
            if self._dismissed.is_set():  # the stop came while the session was opened
                held.end(RESTART)
            try:
                await self._keep(held, session, partial(self._connect, held, resume, client, token=token))
            finally:
                self._forget(digest, held)
                _log(session, held)
        await self._linger(digest, held)

    async def _keep(
        self, held: ResumableSession, session: ListeningSession, first: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Keeps a session until it is over, and its events until the socket of the beginning has them."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(held.keep)
            tasks.start_soon(self._expire, held)
            tasks.start_soon(_release, held, session.taken_over)
            async with anyio.create_task_group() as sockets:
                sockets.start_soon(first)
                await held.over.wait()
                if held.code == TAKEN_OVER:
                    session.stop()
                    held.log.close()
                else:
                    await session.drain()
                    await held.log.closed.wait()
                sockets.cancel_scope.deadline = anyio.current_time() + SEND_SECONDS
            tasks.cancel_scope.cancel()

    def _forget(self, digest: bytes, held: ResumableSession) -> None:
        held.end(FAILED)  # unless it is over as it should be
        held.log.close()
        held.released.set()
        self._former.reached(held.user, held.name, position=held.stream.next)
        if held.code != NORMAL or self._dismissed.is_set():
            del self._held[digest]
            self._former.add(digest, user=held.user, refused=_REFUSED.get(held.code, former.UNKNOWN))

    async def _linger(self, digest: bytes, held: ResumableSession) -> None:
        """The last events of a session that was finished wait for a client that was cut off before it had them."""
        if digest not in self._held:
            return
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_cancel_after, self._clock, self._grace, tasks.cancel_scope)
                await self._dismissed.wait()
                tasks.cancel_scope.cancel()
        finally:
            del self._held[digest]
            self._former.add(digest, user=held.user, refused=former.FINISHED)

    async def _connect(
        self, held: ResumableSession, resume: Resume, client: ResumableClient, *, token: str | None = None
    ) -> None:
        """Serves one socket of a session; a token is given to the one that begins it."""
        connection = ResumableConnection(
            held,
            receive=client.receive,
            send=client.send,
            clock=self._clock,
            generation=client.generation,
            last_event=resume.last_event if token is None else 0,
        )
        if client.taken_by is not None:
            client.taken_by(connection.take)

        def greet() -> str:
            state = held.acknowledged()
            told = SessionTold(
                session=held.id,
                token=token or resume.token,
                resumed=token is None,
                conversation=held.conversation,
                durable=state.durable,
                transcribed=state.transcribed,
                last_event=held.log.last,
                messages=state.messages,
                grace=self._grace,
            )
            return encoded(told)

        await connection.run(greet, now=resume.now)

    async def _make_place(self, user: UserId, stream: str) -> None:
        """A client that begins anew ends what it left behind: the same stream, or its oldest session of many."""
        of_user = [held for held in self._held.values() if held.user == user and not held.over.is_set()]
        leaving = [held for held in of_user if held.name == stream]
        if not leaving and len(of_user) >= MOST_OF_A_USER:
            leaving = [min(of_user, key=lambda held: (held.left_at is None, held.left_at or 0.0))]
        for held in leaving:
            held.end(TAKEN_OVER)
            with anyio.move_on_after(LETTING_GO_SECONDS):
                await held.released.wait()

    async def _expire(self, held: ResumableSession) -> None:
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            if held.left_at is not None and self._clock.monotonic() - held.left_at >= self._grace:
                held.end(EXPIRED)


def _stream(session: ListeningSession, audio: AudioFormat, *, begin: int, known: int) -> ClientStream:
    """The stream of a session that has begun; where this process knows nothing of it, the journal may."""
    place = session.conversation.stream
    if place is None:
        raise InvalidRequest("the conversation went on without this client; connect again")
    return ClientStream(audio, place=place, begin=begin if known else max(begin, place.position_of(session.captured)))


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
    raise InvalidRequest("no resume message came in time")


async def _refuse(client: ResumableClient, refused: Refused) -> None:
    await client.send({"type": "websocket.send", "text": encoded(refused)})
    await client.send({"type": "websocket.close", "code": GONE, "reason": f"{refused.code}: {refused.reason}"[:123]})


def _digest(token: str) -> bytes:
    """Tokens are kept as their digests: whoever reads our memory cannot go on with a session."""
    return hashlib.sha256(token.encode()).digest()
