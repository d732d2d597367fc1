"""Redis, as all adapters use it: one pool, short patience, errors in the words of the ports, back again by itself."""

import asyncio  # noqa: TID251 - the SDK knows nothing else
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Annotated, Any, Self, TypeVar

import anyio
from msgspec import Meta, Struct
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    NoPermissionError,
    OutOfMemoryError,
    RedisError,
    ResponseError,
)

from adapters.outbound.secret import Secret
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, StorageFull, TemporarilyUnavailable

R = TypeVar("R")
Command = Callable[[Redis], Awaitable[R]]
"""One command, or a few that are answered within the time for one."""
_FULL = "-OOM "
"""So it is told from within a script."""
_LISTENERS = 4
_FIRST_PAUSE = 0.05
_SETTING = "look at the `url` of the adapter's settings"


class RedisServer(Struct, frozen=True, kw_only=True):
    """How Redis is reached, and how patient one is with it."""

    url: Secret = "redis://127.0.0.1:6379/0"
    """`redis://`, `rediss://` (with TLS) or `unix://`, with name and password where it asks for them."""
    timeout: Annotated[float, Meta(gt=0)] = 2.0
    """Seconds for a connection, and for one answer."""
    retries: Annotated[int, Meta(ge=0)] = 2
    """Further attempts of what may be asked twice."""
    connections: Annotated[int, Meta(gt=0)] = 32
    """At most so many at once; who finds them taken waits for one."""


class RedisConnection:
    """A pool of connections. It is made when it is needed, and anew when it broke: opening this waits for nothing."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self.client: Redis
        """For `ask` and `ask_once`, which see to it that nobody waits for long: it does not do so itself."""
        self.patient: Redis
        """For who listens or asks past them: waits for each answer as long as the settings say."""

    async def __aenter__(self) -> Self:
        # the SDK makes a task of each command that may take only so long, a fifth of the whole way
        self.client = self._client(connections=self._server.connections, timeout=None)
        self.patient = self._client(connections=_LISTENERS, timeout=self._server.timeout)
        # the SDK's pool that waits takes longer to do so than Redis to answer
        self._free = anyio.Semaphore(self._server.connections, fast_acquire=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self.client.aclose()
            await self.patient.aclose()

    async def ask(self, command: Command[R]) -> R:
        """Has done what may be done twice; tries again when the connection broke.

        Raises:
            StorageFull: Redis has reached its limit of memory.
            Rejected: it refuses the name or the password.
            TemporarilyUnavailable: it cannot be reached, or cannot do it now.
        """
        for attempt in range(self._server.retries):
            try:
                return await self.ask_once(command)
            except StorageFull:
                raise
            except TemporarilyUnavailable:
                await anyio.sleep(_FIRST_PAUSE * 2**attempt)
        return await self.ask_once(command)

    async def ask_once(self, command: Command[R]) -> R:
        """Has done what must not be done twice. Raises as `ask`; then it was perhaps done."""
        try:
            async with self._free, asyncio.timeout(self._server.timeout):
                return await command(self.client)
        except (RedisError, OSError) as error:
            raise meaning(error) from error

    async def scan(self, pattern: bytes, *, count: int) -> AsyncIterator[bytes]:
        """All keys of a pattern, perhaps some twice; `count` are looked at in one go. Raises as `ask`."""
        cursor: bytes | int = 0
        while True:
            words = ("SCAN", cursor, "MATCH", pattern, "COUNT", count)
            cursor, found = await self.ask(partial(_sent, words))
            for key in found:
                yield key
            if not int(cursor):
                return

    async def diagnose(self) -> Diagnosis:
        """Whether it answers, and whether it would throw values away when its memory is full."""
        try:
            found: dict[str, Any] = await self.ask_once(lambda client: client.info("memory"))
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=f"start Redis, or {_SETTING}")
        policy = found.get("maxmemory_policy", "noeviction")
        if int(found.get("maxmemory", 0)) and not str(policy).startswith(("noeviction", "volatile")):
            finding = f"Redis answers, and throws away what was stored for good when it is full ({policy})"
            return Diagnosis(
                condition=Condition.DEGRADED, finding=finding, remedy="redis-cli config set maxmemory-policy noeviction"
            )
        return Diagnosis(condition=Condition.WORKING, finding=f"Redis answers; it uses {found['used_memory_human']}")

    def _client(self, *, connections: int, timeout: float | None) -> Redis:
        try:
            pool = ConnectionPool.from_url(
                self._server.url,
                max_connections=connections,
                socket_timeout=timeout,
                socket_connect_timeout=self._server.timeout,
                # what may be asked twice is known here and not there
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            raise Rejected(f"this is no address of a Redis: {_SETTING}") from None  # it may hold a password
        return Redis.from_pool(pool)


async def _sent(words: Sequence[bytes | str | int], client: Redis) -> Any:  # noqa: ANN401 - as `command`
    return await command(client, *words)


async def command(client: Redis, *words: bytes | str | int) -> Any:  # noqa: ANN401 - each command has its own answer
    """Sends one command as it stands. Raises RedisError."""
    return await client.execute_command(*words)  # type: ignore[no-untyped-call]


def meaning(error: RedisError | OSError) -> AdapterError:
    """What a failure means to the application."""
    kind = type(error).__name__
    # what was refused while connecting is told as a lost connection, and why as its cause
    match error if isinstance(error, ResponseError) else error.__context__ or error:
        case AuthenticationError() | AuthorizationError() | NoPermissionError():
            return Rejected(f"Redis refuses the name or the password, or what they may do ({kind}): {_SETTING}")
        case ResponseError() if isinstance(error, OutOfMemoryError) or _FULL in str(error):
            return StorageFull("Redis has reached its limit of memory")
        case ResponseError():
            return TemporarilyUnavailable(f"Redis refused a command ({str(error).partition(' ')[0][:20]})")
        case _:
            return TemporarilyUnavailable(f"Redis cannot be reached ({kind})")
