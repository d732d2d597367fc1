"""What changed in the index of a user, in Redis: numbers of changes and ids of memories, no text.

Under `{omi:text_index}:<SHA-256 of the user>` lie

- a hash: `epoch`, made anew with the log; `number`, of the last change; `pruned`, up to which deletions are forgotten;
  `whole`, where the log began with nothing (otherwise memories may be older than it);
- `:log`: memory -> number of its last change;
- `:gone`: memory -> when it was deleted; such entries are forgotten after 30 days.

`{omi:text_index}:forgotten` holds the users who lost something: user -> number of the last time, counted over all.
"""

import secrets

from msgspec import Struct
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from adapters.outbound.keys import file_name, key_bytes, key_text
from adapters.outbound.redis_connection import RedisConnection, command
from domain.ids import MemoryId, UserId

PREFIX = b"{omi:text_index}:"
KEPT = 30 * 24 * 3600 * 1000
"""Milliseconds that deletions are remembered, and users of whom there is nothing."""
_MOST_FORGOTTEN = 100_000
"""Users of whom it is known that they lost something; the last ones."""

_OPEN = """
if redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('HMGET', KEYS[1], 'epoch', 'number')
"""

_FORGOTTEN = """
local function forgotten(user)
    redis.call('ZADD', KEYS[4], redis.call('INCR', KEYS[5]), user)
    redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - tonumber(ARGV[5]))
end
"""

_NOTE = (
    _FORGOTTEN
    + """
-- epoch if there is none, how long deletions are kept, user, memory, most users, 'put' or 'delete'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
local previous = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[4]) or 0)
local number = redis.call('HINCRBY', KEYS[1], 'number', 1)
redis.call('ZADD', KEYS[2], number, ARGV[4])
if ARGV[6] == 'delete' then
    redis.call('ZADD', KEYS[3], now, ARGV[4])
    forgotten(ARGV[3])
else
    redis.call('ZREM', KEYS[3], ARGV[4])
end
local pruned = tonumber(redis.call('HGET', KEYS[1], 'pruned') or 0)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[2])) do
    pruned = math.max(pruned, tonumber(redis.call('ZSCORE', KEYS[2], old)))
    redis.call('ZREM', KEYS[2], old)
    redis.call('ZREM', KEYS[3], old)
    redis.call('HSET', KEYS[1], 'pruned', pruned)
end
local is_empty = redis.call('ZCARD', KEYS[2]) == redis.call('ZCARD', KEYS[3])
for index = 1, 3 do
    if is_empty then redis.call('PEXPIRE', KEYS[index], ARGV[2]) else redis.call('PERSIST', KEYS[index]) end
end
return {redis.call('HGET', KEYS[1], 'epoch'), number, previous}
"""
)

_CLEAR = (
    _FORGOTTEN
    + """
-- new epoch, how long it is kept without a change, user, nothing, most users
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'whole', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
forgotten(ARGV[3])
"""
)

_CHANGES = """
-- epoch and number that the asker has; all changes, where they are not of this log any more
local head = redis.call('HMGET', KEYS[1], 'epoch', 'number', 'pruned', 'whole')
local follows = head[1] == ARGV[1] and tonumber(ARGV[2]) >= tonumber(head[3] or 0)
local log = redis.call('ZRANGEBYSCORE', KEYS[2], follows and '(' .. ARGV[2] or '-inf', '+inf', 'WITHSCORES')
local answer = {head[1], tonumber(head[2] or 0), follows and 1 or 0, tonumber(head[4] or 0)}
for index = 1, #log, 2 do
    answer[#answer + 1] = log[index]
    answer[#answer + 1] = log[index + 1]
    answer[#answer + 1] = redis.call('ZSCORE', KEYS[3], log[index]) and 1 or 0
end
return answer
"""

_LOST = """
-- number that the asker has
local answer = {tonumber(redis.call('GET', KEYS[5]) or 0)}
for _, word in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '(' .. ARGV[1], '+inf')) do answer[#answer + 1] = word end
return answer
"""


class Place(Struct, frozen=True):
    """How far a log has come, or who follows it."""

    epoch: bytes
    """Which log: random. Empty for none."""
    number: int
    """Of the last change."""


class Change(Struct, frozen=True):
    """The last change of a memory."""

    memory: MemoryId
    number: int
    is_gone: bool


class Changes(Struct, frozen=True):
    """What changed since a place."""

    head: Place
    follows: bool
    """These are all. Otherwise the asker's place is of another log or too old, and these are all there are."""
    is_whole: bool
    """All of the user's memories are in the log."""
    changes: tuple[Change, ...]
    """Oldest first."""


class RedisChanges:
    """Reads and writes the logs of all users. Raises TemporarilyUnavailable and Rejected throughout."""

    def __init__(self, redis: RedisConnection) -> None:
        self._redis = redis

    def prepare(self) -> None:
        """To be called when the connection is open."""
        texts = {"open": _OPEN, "note": _NOTE, "clear": _CLEAR, "changes": _CHANGES, "lost": _LOST}
        self._scripts: dict[str, AsyncScript] = {
            name: self._redis.client.register_script(text) for name, text in texts.items()
        }

    async def look(self, user: UserId) -> Place:
        """How far the log of a user is. Is asked once: the caller can do without."""

        async def look(client: Redis) -> list[bytes | None]:
            found: list[bytes | None] = await command(client, "HMGET", _keys(user)[0], "epoch", "number")
            if found[0] is None:
                found = await self._scripts["open"](_keys(user), (_epoch(), KEPT))
            return found

        epoch, number = await self._redis.ask_once(look)
        return Place(epoch or b"", int(number or 0))

    async def note(self, user: UserId, memory_id: MemoryId, kind: str) -> tuple[Place, int]:
        """Notes a change, `put` or `delete`: where the log is then, and the number of the change before; 0 for none."""
        words = (_epoch(), KEPT, file_name(user), key_bytes(memory_id), _MOST_FORGOTTEN, kind)
        epoch, number, previous = await self._redis.ask(lambda _: self._scripts["note"](_keys(user), words))
        return Place(epoch, int(number)), int(previous)

    async def clear(self, user: UserId) -> Place:
        """Removes the log of a user, and begins one that nothing is missing from."""
        epoch = _epoch()
        words = (epoch, KEPT, file_name(user), b"", _MOST_FORGOTTEN)
        await self._redis.ask(lambda _: self._scripts["clear"](_keys(user), words))
        return Place(epoch, 0)

    async def since(self, user: UserId, place: Place) -> Changes:
        """What changed since a place."""
        words = (place.epoch, place.number)
        found = await self._redis.ask(lambda _: self._scripts["changes"](_keys(user), words))
        epoch, number, follows, is_whole, *rest = found
        changes = tuple(
            Change(MemoryId(key_text(memory)), int(at), bool(is_gone))
            for memory, at, is_gone in zip(rest[::3], rest[1::3], rest[2::3], strict=True)
        )
        return Changes(Place(epoch or b"", int(number)), bool(follows), bool(is_whole), changes)

    async def lost(self, number: int) -> tuple[int, list[str]]:
        """Who lost something since a number: the number now, and the names of the folders of users."""
        found = await self._redis.ask(lambda _: self._scripts["lost"](_keys(UserId("")), (number,)))
        return int(found[0]), [name.decode() for name in found[1:]]


def _keys(user: UserId) -> tuple[bytes, ...]:
    own = PREFIX + file_name(user).encode()
    return own, own + b":log", own + b":gone", PREFIX + b"forgotten", PREFIX + b"times_forgotten"


def _epoch() -> bytes:
    return secrets.token_bytes(8)
