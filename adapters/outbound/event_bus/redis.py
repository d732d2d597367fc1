"""News between servers, through Redis: told to whoever listens, and kept for a minute for who lost the connection."""

import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from types import TracebackType
from typing import Self

import anyio
import anyio.lowlevel
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from adapters.outbound.codec import Codec
from adapters.outbound.event_bus.subscribers import Subscribers
from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.redis_connection import RedisConnection, RedisServer, command
from adapters.outbound.redis_listener import RedisListener
from domain.ids import UserId, new_id
from domain.session import SessionEvent
from ports.diagnosis import Diagnosis
from ports.errors import AdapterError, TemporarilyUnavailable

_CHANNEL = b"omi:events:"
_KEPT = 256
"""Events kept for each user, about."""
_REMEMBERED = 4_096
"""Events known to have been handed out. More than are under way at once."""
_REST = 1.0
"""Seconds for which Redis is not asked again after it failed: nobody who tells something waits for it twice."""
PUBLISH = """
local place = redis.call('XADD', KEYS[1], 'MAXLEN', '~', {kept}, '*', 'event', ARGV[1])
redis.call('PEXPIRE', KEYS[1], {milliseconds})
redis.call('PUBLISH', KEYS[1], place .. ' ' .. ARGV[1])
"""
"""Keeps an event for who lost the connection, and tells it to all others."""


class RedisEventBusSettings(RedisServer, frozen=True, kw_only=True):
    """Settings of the bus."""

    catch_up: float = 60.0
    """Seconds for which events are kept, for servers that lost the connection meanwhile."""


class _Envelope(Struct, frozen=True):
    """An event as it travels."""

    id: str
    event: SessionEvent


class RedisEventBus:
    """One connection for all users of this server. Its own sessions hear at once, whatever becomes of Redis.

    A connection that broke costs no event that is still kept; each is handed out once.
    """

    def __init__(self, *, settings: RedisEventBusSettings) -> None:
        self._settings = settings
        self._redis = RedisConnection(settings)
        self._subscribers = Subscribers()
        self._listener = RedisListener(self._redis, heard=self._hear, resumed=self._catch_up, patience=settings.timeout)
        self._codec = Codec(_Envelope, noun="event")
        self._script = PUBLISH.format(kept=_KEPT, milliseconds=round(settings.catch_up * 1000))
        self._digest = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()
        """What Redis knows the script by, once it has seen it."""
        self._own, self._number = new_id(), count()
        """What ids of events begin with here, and how they go on."""
        self._told_here = f'{{"id":"{self._own}'.encode()
        """What envelopes begin with that were told here."""
        self._known: dict[str, None] = {}
        self._places: dict[bytes, bytes] = {}
        """Of each channel that is followed, where among the kept events this server is."""
        self._rest_until = -1.0

    async def __aenter__(self) -> Self:
        await self._redis.__aenter__()
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._listener.run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(kind, error, trace)
        await self._redis.__aexit__(kind, error, trace)

    async def publish(self, user: UserId, event: SessionEvent) -> None:
        """Hands an event to all who are subscribed now, on whatever server. Never raises for Redis."""
        envelope = _Envelope(f"{self._own}{next(self._number)}", event)
        self._subscribers.tell(user, event)  # Redis tells it again, and then it is passed over
        try:
            await self._send(_CHANNEL + key_bytes(user), self._codec.encode(envelope))
        except AdapterError:  # those of this server have it
            return

    @asynccontextmanager
    async def subscribe(self, user: UserId) -> AsyncIterator[AsyncIterator[SessionEvent]]:
        """The events from now on, in order."""
        channel = _CHANNEL + key_bytes(user)
        try:
            await self._listener.follow(channel)
            await self._find_place(channel)
            async with self._subscribers.subscribe(user) as events:
                yield events
        finally:
            if not await self._listener.leave(channel):
                self._places.pop(channel, None)

    async def diagnose(self) -> Diagnosis:
        """Whether Redis answers."""
        return await self._redis.diagnose()

    async def _send(self, channel: bytes, content: bytes) -> None:
        if time.monotonic() < self._rest_until:
            await anyio.lowlevel.checkpoint()
            return
        try:
            await self._redis.ask_once(partial(self._publish, channel, content))
        except TemporarilyUnavailable:
            self._rest_until = time.monotonic() + _REST
            raise

    async def _publish(self, channel: bytes, content: bytes, client: Redis) -> None:
        try:  # the SDK's own scripts take a tenth of the whole way longer
            await command(client, "EVALSHA", self._digest, 1, channel, content)
        except NoScriptError:
            await command(client, "EVAL", self._script, 1, channel, content)

    async def _hear(self, channel: bytes, told: bytes) -> None:
        place, _, content = told.partition(b" ")
        self._places[channel] = place
        await self._open(channel, content)

    async def _catch_up(self, channel: bytes) -> None:
        """Hands out what was told while the connection was broken."""
        start = self._places.get(channel, b"0")
        for place, fields in await command(self._redis.patient, "XRANGE", channel, b"(" + start, "+"):
            self._places[channel] = place
            await self._open(channel, dict(fields)[b"event"])

    async def _find_place(self, channel: bytes) -> None:
        """Notes where the kept events end, so that nothing earlier is ever handed out."""
        if channel in self._places:
            return
        try:
            latest = await self._redis.ask_once(
                lambda client: command(client, "XREVRANGE", channel, "+", "-", "COUNT", 1)
            )
        except AdapterError:
            latest = []
        self._places.setdefault(channel, latest[0][0] if latest else b"0")

    async def _open(self, channel: bytes, content: bytes) -> None:
        if content.startswith(self._told_here):
            return
        try:
            envelope = self._codec.decode(content)
        except TemporarilyUnavailable:  # from a newer server: its sessions know what to do with it
            return
        self._hand_out(UserId(key_text(channel.removeprefix(_CHANNEL))), envelope)

    def _hand_out(self, user: UserId, envelope: _Envelope) -> None:
        if envelope.id in self._known:
            return
        self._known[envelope.id] = None
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        self._subscribers.tell(user, envelope.event)
