"""`/listen`: the handshake. What is refused is refused before any audio is taken, with a reason."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext, suppress
from typing import Any

import msgspec
import structlog
from msgspec import Struct
from uvicorn.protocols.utils import ClientDisconnected

from adapters.inbound.listen import greeting
from adapters.inbound.listen.admission import UNWELCOME, WELCOME, Admission
from adapters.inbound.listen.authentication import bearer, by_first_message, trusted
from adapters.inbound.listen.connection import Connection, Receive, Send
from adapters.inbound.listen.generations import GENERATIONS, Generation
from adapters.inbound.listen.parameters import ListenParameters, parsed, requested
from adapters.inbound.listen.resumable.sessions import ResumableClient, ResumableSessions
from adapters.inbound.listen.resumable.wire import SUBPROTOCOL
from adapters.inbound.server.protocol import BINARY_TAKER, TEXT_SENDER, Sender, Taker
from application.listening.known_streams import KnownStreams
from application.listening.listen import Listen
from application.listening.listening_session import ListeningSession
from domain.errors import BusinessError, Unauthenticated, UnsupportedAudio
from domain.ids import MemoryId, UserId
from domain.session import SessionRequest
from ports.authenticator import Authenticator, Principal
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable

UNSUPPORTED_AUDIO, POLICY, FAILED, TRY_AGAIN, NOT_AUTHENTICATED = 1003, 1008, 1011, 1013, 4001

log = structlog.get_logger()


Newest = Callable[[UserId], Awaitable[MemoryId | None]]
"""The newest memory of a user; None where there is none."""


async def _nothing(_: UserId) -> None:
    return None


class ListenEndpoint:
    """An ASGI application for the paths of `GENERATIONS`. Knows its connections, so that a stop can drain them."""

    def __init__(
        self,
        *,
        listen: Listen,
        authenticator: Authenticator,
        clock: Clock,
        streams: KnownStreams,
        newest: Newest = _nothing,
        trust_uid: bool = False,
        longest_socket: float = 0.0,
    ) -> None:
        self._listen = listen
        self._newest = newest
        self._authenticator = authenticator
        self._clock = clock
        self._trust_uid = trust_uid
        if trust_uid:
            log.warning("uid_is_trusted", means="whoever reaches the socket is whoever the address says")
        self._longest_socket = longest_socket
        self._connections: set[Connection] = set()
        self._resumable = ResumableSessions(
            listen,
            streams=streams,
            clock=clock,
            longest_socket=longest_socket,
        )
        self.is_draining = False
        """No new sockets are taken."""

    @property
    def live_sessions(self) -> int:
        """How many sockets are open, or may come back."""
        return len(self._connections) + self._resumable.live_sessions

    def go_away(self) -> None:
        """Takes no new sockets, and asks every open one to finish."""
        self.is_draining = True
        self._resumable.go_away()
        for connection in self._connections:
            connection.go_away()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI
        """Serves one socket, from handshake to close."""
        with suppress(ClientDisconnected):  # gone before it was told anything
            await self._shake_hands(scope, receive, send)

    async def _shake_hands(self, scope: Any, receive: Receive, send: Send) -> None:  # noqa: ANN401 - ASGI
        await receive()  # websocket.connect
        headers = dict(scope["headers"])
        generation = GENERATIONS[scope["path"]]
        resumes = SUBPROTOCOL in scope.get("subprotocols", ())
        if resumes:
            send = _accepting(send)
        try:
            parameters = parsed(scope["query_string"])
            if generation.sends_token:
                principal, accepted = await self._authenticated_by_message(receive, send)
            else:
                principal, accepted = await self._authenticated(parameters, headers, receive, send)
        except BusinessError as error:
            await _refuse(send, 401 if isinstance(error, Unauthenticated) else 400, str(error))
            return
        except TemporarilyUnavailable as error:
            await _refuse(send, 503, str(error))
            return
        if principal is None:
            return
        if not accepted:
            await send({"type": "websocket.accept"})
        if principal.expires_at is not None:
            admission = Admission(
                principal, authenticator=self._authenticator, clock=self._clock, receive=receive, send=send
            )
            receive, send = admission.receive, admission.send
        else:
            admission = None
        offers = scope.get("extensions", {})
        client = _Socket(receive, send, generation, resumes, offers.get(BINARY_TAKER), offers.get(TEXT_SENDER))
        async with admission.watched() if admission else nullcontext():
            await self._serve(parameters, principal, client)

    async def _authenticated(
        self, parameters: ListenParameters, headers: Mapping[bytes, bytes], receive: Receive, send: Send
    ) -> tuple[Principal | None, bool]:
        """Who is there, and whether the socket had to be accepted to learn it. None: refused already."""
        token = bearer(headers)
        if token is not None:
            return await self._authenticator.authenticate(token), False
        if self._trust_uid:
            return trusted(parameters.uid, headers), False
        if b"origin" not in headers:
            raise Unauthenticated("Authorization header not found")
        return await self._authenticated_by_message(receive, send)

    async def _authenticated_by_message(self, receive: Receive, send: Send) -> tuple[Principal | None, bool]:
        """Takes the socket and waits for the message that says who is there. None: closed already."""
        await send({"type": "websocket.accept"})
        try:
            principal = await by_first_message(receive, self._authenticator)
        except (Unauthenticated, TemporarilyUnavailable) as error:
            with suppress(OSError):
                await send({"type": "websocket.send", "text": UNWELCOME})
            await _close(send, NOT_AUTHENTICATED, str(error))
            return None, True
        await send({"type": "websocket.send", "text": WELCOME})
        return principal, True

    async def _serve(self, parameters: ListenParameters, principal: Principal, client: "_Socket") -> None:
        send = client.send
        if self.is_draining:
            await _close(send, TRY_AGAIN, "the service restarts; connect again")
            return
        try:
            await self._stream(requested(parameters, principal.user), client)
        except UnsupportedAudio as error:
            await _close(send, UNSUPPORTED_AUDIO, str(error))
        except BusinessError as error:
            await _close(send, POLICY, str(error))
        except TemporarilyUnavailable as error:
            log.warning("session_refused", reason=str(error))
            await self._fail(client, TRY_AGAIN, str(error))
        except AdapterError as error:
            log.error("session_failed", reason=str(error))
            await self._fail(client, FAILED, str(error))

    async def _fail(self, client: "_Socket", code: int, reason: str) -> None:
        if client.generation.is_greeted:
            await client.say(greeting.failed(reason))
            code = FAILED
        await _close(client.send, code, reason)

    async def _stream(self, request: SessionRequest, client: "_Socket") -> None:
        if client.resumes:
            await self._resumable.serve(
                request, ResumableClient(client.receive, client.send, client.generation, client.taken_by)
            )
            return
        for message in client.generation.greeting:
            await client.say(message)
        async with self._listen.open(request) as session:
            if client.generation.is_greeted:
                await self._greet(request.user, session, client)
            connection = Connection(
                session,
                receive=client.receive,
                send=client.send,
                clock=self._clock,
                generation=client.generation,
                send_at_once=client.send_at_once,
                longest=self._longest_socket,
            )
            if client.taken_by is not None:
                client.taken_by(connection.take)
            self._connections.add(connection)
            if self.is_draining:  # the stop came while the session was opened
                connection.go_away()
            try:
                await connection.run()
            finally:
                self._connections.discard(connection)

    async def _greet(self, user: UserId, session: ListeningSession, client: "_Socket") -> None:
        with suppress(TemporarilyUnavailable):
            newest = await self._newest(user)
            if newest is not None:
                await client.say(greeting.last_memory(newest))
        await client.say(greeting.session_of(session.conversation.id))
        await client.say(greeting.READY)


class _Socket(Struct, frozen=True):
    """A socket that was accepted."""

    receive: Receive
    send: Send
    generation: Generation
    resumes: bool
    """It says where its audio lies, and goes on with its session after a cut."""
    taken_by: Callable[[Taker], None] | None
    """Where the server can be told who takes packets without a task in between."""
    send_at_once: Sender | None
    """Sends a message without a task in between, where the server can."""

    async def say(self, text: str) -> None:
        """Sends a message to a client that may be gone already."""
        with suppress(OSError):
            await self.send({"type": "websocket.send", "text": text})


def _accepting(send: Send) -> Send:
    """Says with the handshake that sessions can be resumed here."""

    async def sending(message: Any) -> None:  # noqa: ANN401 - ASGI
        if message["type"] == "websocket.accept":
            message = {**message, "subprotocol": SUBPROTOCOL}
        await send(message)

    return sending


async def _refuse(send: Send, status: int, detail: str) -> None:
    """Answers the handshake with an HTTP status instead of a socket."""
    body = msgspec.json.encode({"detail": detail})
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


async def _close(send: Send, code: int, reason: str) -> None:
    """Closes with a reason; the protocol takes 123 bytes of it."""
    cut = reason.encode()[:123].decode(errors="ignore")
    await send({"type": "websocket.close", "code": code, "reason": cut})
