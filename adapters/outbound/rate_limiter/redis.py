"""Shares that are counted in Redis, for all servers together."""

import hashlib
from types import TracebackType
from typing import Self

from adapters.outbound.keys import key_bytes
from adapters.outbound.redis_connection import RedisConnection, RedisServer
from domain.rate import Allowance, Rate, taken
from ports.diagnosis import Diagnosis

PREFIX = b"{omi:rates}:"
_MICROSECONDS = 1_000_000
TAKE = """
-- pause, whole: both in microseconds. Answers when the share was whole, and now.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local whole_at = tonumber(redis.call('GET', KEYS[1]) or now)
local after = math.max(whole_at, now) + tonumber(ARGV[1])
if after - now <= tonumber(ARGV[2]) + 1 then
    redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
end
return {string.format('%.0f', whole_at), string.format('%.0f', now)}
"""
"""By the clock of Redis, so that those of the servers need not agree. What is whole again is forgotten by itself."""


class RedisRateLimiterSettings(RedisServer, frozen=True, kw_only=True):
    """Settings of the limiter."""


class RedisRateLimiter:
    """One round trip for each share."""

    def __init__(self, *, settings: RedisRateLimiterSettings) -> None:
        self._redis = RedisConnection(settings)

    async def __aenter__(self) -> Self:
        await self._redis.__aenter__()
        self._take = self._redis.client.register_script(TAKE)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._redis.__aexit__(kind, error, trace)

    async def take(self, key: str, *, rate: Rate) -> Allowance:
        """Takes one share, if there is one. Raises TemporarilyUnavailable."""
        units = [round(seconds * _MICROSECONDS) for seconds in (rate.pause, rate.seconds)]
        # once: whether it was taken is not known where the answer is lost
        found = await self._redis.ask_once(lambda _: self._take((_name(key),), units))
        whole_at, now = (int(each) / _MICROSECONDS for each in found)
        return taken(whole_at - now, now=0.0, rate=rate)[1]

    async def diagnose(self) -> Diagnosis:
        """Whether Redis answers."""
        return await self._redis.diagnose()


def _name(key: str) -> bytes:
    """Says nothing of who it is: a key may outlast its user for as long as a share takes to be whole."""
    return PREFIX + hashlib.sha256(key_bytes(key)).digest()
