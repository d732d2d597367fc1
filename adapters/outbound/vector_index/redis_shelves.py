"""Vectors in Redis, and what of them changed: of each user and space what is called a shelf here.

Under `{omi:vector_index}:<SHA-256 of the user>` lie

- a hash: space -> dimension of its vectors; where nothing is left of a space, all that is below is gone, too;
- `:head:<space>`, a hash: `epoch`, made anew with the shelf; `number`, of the last change; `pruned`, up to which
  deletions are forgotten;
- `:entries:<space>`, a hash: memory -> its vectors, sealed;
- `:log:<space>`: memory -> number of its last change;
- `:gone:<space>`: memory -> number of its deletion; the last thousand.
"""

import secrets
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from adapters.outbound.keys import file_name, key_bytes, key_text
from adapters.outbound.redis_connection import RedisConnection, command
from domain.ids import MemoryId, UserId
from ports.errors import Rejected

PREFIX = b"{omi:vector_index}:"
_MOST_GONE = 1_000
"""Deletions of a shelf that are remembered: who knows less has all of it read again."""
_LARGEST = 4 << 20
"""Bytes of one answer, about: what is fetched beyond comes with the next."""
_MOST_READ = 500
"""Memories of one answer."""

_PUT = """
-- epoch if there is none, space, memory, dimension, vectors
local other = redis.call('HGET', KEYS[1], ARGV[2])
if other and other ~= ARGV[4] then
    if redis.call('HLEN', KEYS[3]) > redis.call('HEXISTS', KEYS[3], ARGV[3]) then return other end
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[4])
redis.call('HSETNX', KEYS[2], 'epoch', ARGV[1])
redis.call('HSET', KEYS[3], ARGV[3], ARGV[5])
redis.call('ZADD', KEYS[4], redis.call('HINCRBY', KEYS[2], 'number', 1), ARGV[3])
redis.call('ZREM', KEYS[5], ARGV[3])
return ARGV[4]
"""

_DELETE = """
-- memory, most deletions, spaces or none for all
local spaces = {unpack(ARGV, 3)}
if #spaces == 0 then spaces = redis.call('HKEYS', KEYS[1]) end
for _, space in ipairs(spaces) do
    local entries = KEYS[1] .. ':entries:' .. space
    local head, log, gone = KEYS[1] .. ':head:' .. space, KEYS[1] .. ':log:' .. space, KEYS[1] .. ':gone:' .. space
    if redis.call('HDEL', entries, ARGV[1]) == 1 then
        if redis.call('HLEN', entries) == 0 then
            redis.call('UNLINK', head, entries, log, gone)
            redis.call('HDEL', KEYS[1], space)
        else
            redis.call('ZREM', log, ARGV[1])
            redis.call('ZADD', gone, redis.call('HINCRBY', head, 'number', 1), ARGV[1])
            for _ = 1, redis.call('ZCARD', gone) - ARGV[2] do
                redis.call('HSET', head, 'pruned', redis.call('ZPOPMIN', gone)[2])
            end
        end
    end
end
"""

_CHANGES = """
-- epoch and number that the asker has, space; all memories, where that is of another shelf or too old
local head = redis.call('HMGET', KEYS[2], 'epoch', 'number', 'pruned')
if not head[1] then return {'', 0, 0, 0, {}, {}} end
local has, number = tonumber(ARGV[2]), tonumber(head[2])
local follows = head[1] == ARGV[1] and has >= tonumber(head[3] or 0) and has <= number
local after = follows and '(' .. ARGV[2] or '-inf'
return {
    head[1], number, tonumber(redis.call('HGET', KEYS[1], ARGV[3])), follows and 1 or 0,
    redis.call('ZREVRANGEBYSCORE', KEYS[4], '+inf', after),
    follows and redis.call('ZRANGEBYSCORE', KEYS[5], after, '+inf') or {},
}
"""

_READ = """
-- most bytes, memories
local answer, size = {}, 0
for index = 2, #ARGV do
    local found = redis.call('HGET', KEYS[3], ARGV[index])
    answer[#answer + 1] = found
    size = size + (found and #found or 0)
    if size >= tonumber(ARGV[1]) then break end
end
return answer
"""

_REPLACE = """
-- memory, vectors that there should be, others
if redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
return 1
"""

_LOOK = """
local answer = {}
for index = 1, #KEYS do answer[index] = redis.call('HMGET', KEYS[index], 'epoch', 'number') end
return answer
"""


class State(Struct, frozen=True):
    """Which state a shelf is in, or how far somebody knows it."""

    epoch: bytes
    """Which shelf: random. Empty for none."""
    number: int
    """Of the last change."""


NOTHING = State(b"", 0)


class Changes(Struct, frozen=True):
    """What changed since a state."""

    state: State
    dimension: int
    follows: bool
    """These are all changes. Otherwise these are all memories that there are."""
    written: tuple[MemoryId, ...]
    """Newest first."""
    gone: tuple[MemoryId, ...]


class RedisShelves:
    """Reads and writes shelves. Raises TemporarilyUnavailable and Rejected throughout."""

    def __init__(self, redis: RedisConnection) -> None:
        self._redis = redis

    def prepare(self) -> None:
        """To be called when the connection is open."""
        texts = {"put": _PUT, "delete": _DELETE, "changes": _CHANGES, "read": _READ, "look": _LOOK, "replace": _REPLACE}
        self._scripts: dict[str, AsyncScript] = {
            name: self._redis.client.register_script(text) for name, text in texts.items()
        }

    async def put(self, user: UserId, space: str, memory_id: MemoryId, *, vectors: bytes, dimension: int) -> None:
        """Replaces the vectors of a memory. Raises Rejected where others have another dimension."""
        words = (secrets.token_bytes(8), key_bytes(space), key_bytes(memory_id), dimension, vectors)
        kept = int(await self._redis.ask(lambda _: self._scripts["put"](_keys(user, space), words)))
        if kept != dimension:
            raise Rejected(f"vectors of {dimension} dimensions do not fit an index of {kept}")

    async def delete(self, user: UserId, memory_id: MemoryId, *, spaces: Sequence[str] = ()) -> None:
        """Removes a memory from some spaces, or from all."""
        words: list[bytes | int] = [key_bytes(memory_id), _MOST_GONE, *map(key_bytes, spaces)]
        await self._redis.ask(lambda _: self._scripts["delete"]((_own(user),), words))

    async def delete_space(self, user: UserId, space: str) -> None:
        """Removes a shelf."""
        spaces, *keys = _keys(user, space)

        async def remove(client: Redis) -> None:
            async with client.pipeline(transaction=True) as both:
                both.hdel(spaces, key_bytes(space))
                both.unlink(*keys)
                await both.execute()

        await self._redis.ask(remove)

    async def spaces(self, user: UserId) -> tuple[str, ...]:
        """The spaces in which a user has something, by name."""
        found = await self._redis.ask(lambda client: command(client, "HKEYS", _own(user)))
        return tuple(sorted(key_text(name) for name in found))

    async def look(self, shelves: Sequence[tuple[UserId, str]]) -> tuple[State, ...]:
        """Which state shelves are in. Is asked once: the caller can do without."""
        keys = [_keys(user, space)[1] for user, space in shelves]
        found = await self._redis.ask_once(lambda _: self._scripts["look"](keys))
        return tuple(State(epoch or b"", int(number or 0)) for epoch, number in found)

    async def since(self, user: UserId, space: str, state: State) -> Changes:
        """What changed since a state."""
        words = (state.epoch, state.number, key_bytes(space))
        found = await self._redis.ask(lambda _: self._scripts["changes"](_keys(user, space), words))
        epoch, number, dimension, follows, written, gone = found
        return Changes(State(epoch, number), dimension, bool(follows), _ids(written), _ids(gone))

    async def read(
        self, user: UserId, space: str, memories: Sequence[MemoryId]
    ) -> AsyncGenerator[tuple[tuple[MemoryId, bytes | None], ...], None]:
        """The vectors of some memories, as many at a time as fit an answer; None for one that is gone."""
        while memories:
            words: list[bytes | int] = [_LARGEST, *map(key_bytes, memories[:_MOST_READ])]
            found = await self._redis.ask(partial(self._run, "read", _keys(user, space), words))
            yield tuple(zip(memories, found, strict=False))
            memories = memories[len(found) :]

    async def replace(self, user: UserId, space: str, memory_id: MemoryId, *, before: bytes, after: bytes) -> bool:
        """Writes the same vectors otherwise, which is no change; says whether they were there as before."""
        words = (key_bytes(memory_id), before, after)
        return bool(await self._redis.ask(lambda _: self._scripts["replace"](_keys(user, space), words)))

    async def _run(self, name: str, keys: Sequence[bytes], words: Sequence[bytes | int], _client: Redis) -> Any:  # noqa: ANN401 - each script has its own answer
        return await self._scripts[name](keys, words)


def _own(user: UserId) -> bytes:
    return PREFIX + file_name(user).encode()


def _keys(user: UserId, space: str) -> tuple[bytes, ...]:
    own = _own(user)
    return own, *(own + kind + key_bytes(space) for kind in (b":head:", b":entries:", b":log:", b":gone:"))


def _ids(keys: Sequence[bytes]) -> tuple[MemoryId, ...]:
    return tuple(MemoryId(key_text(key)) for key in keys)
