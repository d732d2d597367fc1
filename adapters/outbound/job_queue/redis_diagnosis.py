"""Whether a Redis is one that work can be left to."""

from datetime import UTC, datetime
from typing import Any

from adapters.outbound.redis_connection import RedisConnection
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError

MOST_APART = 5.0
"""Seconds by which two clocks may differ."""


async def diagnosed(redis: RedisConnection, clock: Clock) -> Diagnosis:
    """Looks at what Redis tells of itself. Does not raise."""
    try:
        found: dict[str, Any] = await redis.ask_once(lambda client: client.info("persistence"))
        seconds, millionths = await redis.ask_once(lambda client: client.time())
    except AdapterError:
        return await redis.diagnose()  # it tells why
    if not found.get("aof_enabled"):
        return _degraded("Redis forgets the last minutes when it is restarted", "redis-cli config set appendonly yes")
    apart = abs((datetime.fromtimestamp(seconds + millionths / 1e6, UTC) - clock.now()).total_seconds())
    if apart > MOST_APART:
        return _degraded(f"the clocks of Redis and of this server are {apart:.0f} s apart", "set both by the network")
    return await redis.diagnose()


def _degraded(finding: str, remedy: str) -> Diagnosis:
    return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy=remedy)
