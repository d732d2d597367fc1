"""One connection on which a server hears all that is told on channels of Redis, and which comes back when it broke."""

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as ConnectionBroken
from redis.exceptions import RedisError

from adapters.outbound.redis_connection import RedisConnection

Heard = Callable[[bytes, bytes], Awaitable[None]]
"""Is given a channel and what was told on it."""
Resumed = Callable[[bytes], Awaitable[None]]
"""Is given a channel that is heard again: what was told meanwhile was missed. Comes before what is told from now on."""
_PAUSES = (0.02, 0.1, 0.3, 1.0)
"""Seconds between attempts to connect; the last is kept to."""


class RedisListener:
    """Follows channels. A channel can be followed by several, and stays until the last one leaves."""

    def __init__(self, redis: RedisConnection, *, heard: Heard, resumed: Resumed, patience: float) -> None:
        """Stores what to do.

        Args:
            redis: what to connect to; open before `run` is called.
            heard: is called with everything that is told, in order.
            resumed: is called when a channel is heard again.
            patience: seconds after which a silent connection is asked whether it is still there.
        """
        self._redis = redis
        self._heard = heard
        self._resumed = resumed
        self._patience = patience
        self._channels: dict[bytes, _Channel] = {}
        self._fresh: set[bytes] = set()
        """Channels that the present connection has not confirmed yet."""
        self._pubsub: PubSub | None = None
        self._wanted = anyio.Event()

    async def run(self) -> None:
        """Listens until it is cancelled."""
        failures = 0
        while True:
            if not self._channels:
                self._wanted = anyio.Event()
                await self._wanted.wait()
            with suppress(RedisError, OSError):
                async with self._redis.patient.pubsub() as pubsub:
                    await self._connect(pubsub)
                    failures = 0
                    await self._listen(pubsub)
            self._pubsub = None
            await anyio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
            failures += 1

    def join(self, channel: bytes) -> anyio.Event:
        """Follows a channel from now on, or as soon as Redis is there.

        Returns:
            Is set when the channel is heard.
        """
        followed = self._channels.setdefault(channel, _Channel())
        followed.followers += 1
        confirmed = anyio.Event()
        followed.waiting.append(confirmed)
        self._wanted.set()
        return confirmed

    async def follow(self, channel: bytes) -> None:
        """As `join`, and returns when all is heard that is told from now on; after `patience`, it is not waited for."""
        confirmed = self.join(channel)
        if self._pubsub is not None:
            with suppress(RedisError, OSError):  # it is followed when the connection is there again
                await self._pubsub.subscribe(channel)
        with anyio.move_on_after(self._patience):
            await confirmed.wait()

    async def leave(self, channel: bytes) -> bool:
        """Follows a channel no more, if nobody else does; says whether somebody does."""
        followed = self._channels[channel]
        followed.followers -= 1
        if followed.followers:
            return True
        del self._channels[channel]
        if self._pubsub is not None:
            with suppress(RedisError, OSError), anyio.move_on_after(self._patience, shield=True):
                await self._pubsub.unsubscribe(channel)
        return channel in self._channels

    async def _connect(self, pubsub: PubSub) -> None:
        self._fresh = set(self._channels)
        await pubsub.subscribe(*self._fresh)
        self._pubsub = pubsub
        missing = self._channels.keys() - self._fresh  # joined meanwhile
        if missing:
            self._fresh |= missing
            await pubsub.subscribe(*missing)

    async def _listen(self, pubsub: PubSub) -> None:
        is_asked = False
        while True:
            message = await pubsub.get_message(timeout=self._patience)
            if message is not None:
                is_asked = False
                await self._take(message)
            elif is_asked:
                raise ConnectionBroken("no answer")
            else:
                is_asked = True
                await pubsub.ping()

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "message":
                await self._heard(message["channel"], message["data"])
            case "subscribe" if message["channel"] in self._channels:
                await self._confirm(message["channel"])

    async def _confirm(self, name: bytes) -> None:
        channel = self._channels[name]
        # on a new connection one confirmation is for all; later on each asked by itself and is answered in turn
        released = list(channel.waiting) if name in self._fresh else list(channel.waiting)[:1]
        if name in self._fresh and channel.is_known:
            await self._resumed(name)
        self._fresh.discard(name)
        channel.is_known = True
        for confirmed in released:
            channel.waiting.remove(confirmed)
            confirmed.set()


class _Channel:
    """What is followed, and who waits until it is."""

    def __init__(self) -> None:
        self.followers = 0
        self.is_known = False
        """Has been heard before, on this connection or an earlier one."""
        self.waiting: deque[anyio.Event] = deque()
