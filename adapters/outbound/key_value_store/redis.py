"""Small values in Redis, shared by all servers, under the keys that Omi's own backend uses."""

import re
from datetime import timedelta
from types import TracebackType
from typing import Self

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from adapters.outbound.keys import checked, key_bytes, key_text
from adapters.outbound.redis_connection import RedisConnection, RedisServer, command
from ports.diagnosis import Diagnosis

_OURS = b"omi:"
"""What other adapters keep in the same Redis begins so. A key that does is put elsewhere."""
_WRONG_TYPE = "WRONGTYPE"
_SPECIAL = re.compile(rb"[][*?^\\-]")
"""What means something in a pattern."""
_LOOKED_AT_AT_ONCE = 500
_STORE = """
local kind = redis.call('TYPE', KEYS[1]).ok
if ARGV[3] == 'absent' and (kind == 'string' or redis.call('EXISTS', KEYS[2]) == 1) then return 0 end
local place = kind == 'set' and KEYS[2] or KEYS[1]
if ARGV[2] == '' then
    redis.call('SET', place, ARGV[1])
elseif tonumber(ARGV[2]) > 0 then
    redis.call('SET', place, ARGV[1], 'PX', ARGV[2])
else
    redis.call('DEL', place)
end
if kind ~= 'set' then redis.call('DEL', KEYS[2]) end -- last: after a write, a full memory is not noticed
return 1
"""


class RedisKeyValueStoreSettings(RedisServer, frozen=True, kw_only=True):
    """Settings of the store."""


class RedisKeyValueStore:
    """Values and sets under their own keys, as others read and write them. Lifetimes go by the clock of Redis.

    A key of Redis is either a value or a set. Where the application has both under one key, what came second lies
    beside it. Keys of more than 1,000 characters are Rejected.
    """

    def __init__(self, *, settings: RedisKeyValueStoreSettings) -> None:
        self._redis = RedisConnection(settings)

    async def __aenter__(self) -> Self:
        await self._redis.__aenter__()
        self._store = self._redis.client.register_script(_STORE)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._redis.__aexit__(kind, error, trace)

    async def get(self, key: str) -> bytes | None:
        """The value; None when there is none or its time is over."""
        place = _place(key)
        # a set that lies at a place counts as nothing
        values: list[bytes | None] = await self._redis.ask(
            lambda client: command(client, "MGET", place, _value_beside(place))
        )
        return values[0] if values[0] is not None else values[1]

    async def put(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> None:
        """Stores a value, for a time or for good."""
        place = _place(key)
        arguments = (value, _milliseconds(lifetime), "")
        await self._redis.ask(lambda _: self._store((place, _value_beside(place)), arguments))

    async def put_if_absent(self, key: str, value: bytes, *, lifetime: timedelta | None = None) -> bool:
        """Stores a value where there is none; says whether it did. Of many callers at once one succeeds.

        Is tried once: after an answer that was lost, nobody could say whose value it is.
        """
        place = _place(key)
        arguments = (value, _milliseconds(lifetime), "absent")
        return bool(await self._redis.ask_once(lambda _: self._store((place, _value_beside(place)), arguments)))

    async def delete(self, key: str) -> None:
        """Forgets a value and a set; nothing happens when there is none."""
        place = _place(key)
        await self._redis.ask(lambda client: client.unlink(place, _value_beside(place), _set_beside(place)))

    async def add_member(self, key: str, member: str) -> None:
        """Adds to a set."""
        place, content = _place(key), key_bytes(member)

        async def add(client: Redis) -> None:
            try:
                await client.sadd(place, content)
            except ResponseError as error:
                _require_wrong_type(error)
                await client.sadd(_set_beside(place), content)

        await self._redis.ask(add)

    async def remove_member(self, key: str, member: str) -> None:
        """Takes out of a set; nothing happens when it is not in."""
        place, content = _place(key), key_bytes(member)

        async def remove(client: Redis) -> None:
            try:
                await client.srem(place, content)
            except ResponseError as error:
                _require_wrong_type(error)
            await client.srem(_set_beside(place), content)

        await self._redis.ask(remove)

    async def members(self, key: str) -> frozenset[str]:
        """What a set holds; empty when there is none."""
        place = _place(key)

        async def read(client: Redis) -> set[bytes]:
            try:
                return set(await command(client, "SUNION", place, _set_beside(place)))
            except ResponseError as error:
                _require_wrong_type(error)
                return set(await command(client, "SMEMBERS", _set_beside(place)))

        return frozenset(key_text(member) for member in await self._redis.ask(read))

    async def keys(self, prefix: str) -> tuple[str, ...]:
        """Keys of values and sets that start with a prefix, sorted."""
        beginnings = [
            place.removesuffix(b"}") for place in (_value_beside(_place(prefix)), _set_beside(_place(prefix)))
        ]
        patterns = [_SPECIAL.sub(rb"\\\g<0>", beginning) + b"*" for beginning in (_place(prefix), *beginnings)]
        places = {place for pattern in patterns async for place in self._redis.scan(pattern, count=_LOOKED_AT_AT_ONCE)}
        return tuple(sorted({key for place in places if (key := _key(place)) is not None}))

    async def diagnose(self) -> Diagnosis:
        """Whether Redis answers and keeps what it is given."""
        return await self._redis.diagnose()


def _place(key: str) -> bytes:
    """Where a key lies: under itself, except that nothing of the other adapters can be reached."""
    content = key_bytes(checked(key))
    return _OURS + b"key:" + content if content.startswith(_OURS) else content


def _key(place: bytes) -> str | None:
    """What lies at a place, or beside it; None for what other adapters keep."""
    for beside in (_OURS + b"value:{", _OURS + b"set:{"):
        if place.startswith(beside):
            place = place.removeprefix(beside).removesuffix(b"}")
    if place.startswith(_OURS + b"key:"):
        return key_text(place.removeprefix(_OURS + b"key:"))
    return None if place.startswith(_OURS) else key_text(place)


def _value_beside(place: bytes) -> bytes:
    return _OURS + b"value:{" + place + b"}"


def _set_beside(place: bytes) -> bytes:
    return _OURS + b"set:{" + place + b"}"


def _milliseconds(lifetime: timedelta | None) -> str:
    """Rounded up: a value never goes early. Empty: for good."""
    return "" if lifetime is None else str(-(-lifetime // timedelta(milliseconds=1)))


def _require_wrong_type(error: ResponseError) -> None:
    """Goes on when a value lies where a set was looked for; all else is raised again."""
    if not str(error).startswith(_WRONG_TYPE):
        raise error
