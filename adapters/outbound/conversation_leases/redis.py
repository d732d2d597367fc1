"""Leases among servers, in Redis: a server says now and then that it lives, and everything it has is its own."""

from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self

import anyio
import anyio.to_thread
from msgspec import Meta, Struct

from adapters.outbound.conversation_leases import redis_scripts
from adapters.outbound.conversation_leases.redis_scripts import PREFIX
from adapters.outbound.conversation_leases.server_name import ServerName
from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.redis_connection import RedisConnection, RedisServer
from domain.ids import ConversationId, UserId
from ports.conversation_leases import Lease
from ports.diagnosis import Diagnosis
from ports.errors import AdapterError, TemporarilyUnavailable

_BEATS = 3
"""Signs of life within the time after which a silent server is given up."""
_LEAVING = 0.5
"""Seconds for the last words of a server that goes."""
_SCRIPTS = ("BEAT", "SETTLE", "CLAIM", "RELEASE", "LEAVE", "INHERIT", "OF_USER", "FREE")


class RedisConversationLeasesSettings(RedisServer, frozen=True, kw_only=True):
    """Settings of the leases."""

    silence: Annotated[float, Meta(ge=0.2)] = 5.0
    """Seconds without a sign of life after which others go on with a server's conversations."""


class RedisConversationLeases:
    """Leases of many servers. While Redis cannot be reached, each keeps what it has."""

    def __init__(self, *, settings: RedisConversationLeasesSettings, data_dir: Path) -> None:
        self._settings = settings
        self._redis = RedisConnection(settings)
        self._name = ServerName(data_dir)
        self.server = self._name.own
        self._held: dict[ConversationId, _Held] = {}
        self._begun: dict[ConversationId, UserId] = {}
        """What the others do not know yet."""
        self._ended: dict[ConversationId, None] = {}
        self._released: dict[ConversationId, None] = {}
        self._changed = anyio.Event()
        self._telling = _Telling()

    async def __aenter__(self) -> Self:
        await self._redis.__aenter__()
        register = self._redis.client.register_script
        self._scripts = {name: register(getattr(redis_scripts, name)) for name in _SCRIPTS}
        try:
            await anyio.to_thread.run_sync(self._name.take)
        except OSError as error:
            await self._redis.__aexit__(None, None, None)
            raise TemporarilyUnavailable(f"noting this server's name: {error.strerror}") from error
        try:
            await self._beat()
            await self._inherit()
        except AdapterError:
            pass  # it is tried again
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._live)
        self._tasks.start_soon(self._tell)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(None, None, None)  # what went wrong outside is not theirs
        with anyio.move_on_after(_LEAVING, shield=True):
            try:
                await self._send()
                await self._ask("LEAVE", key_bytes(self.server))
            except AdapterError:
                pass  # then it is found to be silent
        self._name.leave()
        await self._redis.__aexit__(kind, error, trace)

    def begin(self, user: UserId, conversation: ConversationId) -> None:
        """Has this server serve a conversation that is new. Others learn of it soon."""
        self._held[conversation] = _Held(user, 1)
        self._begun[conversation] = user
        self._changed.set()

    def holds(self, conversation: ConversationId) -> bool:
        """Whether this server serves it, as far as is known here."""
        return conversation in self._held

    def fence(self, conversation: ConversationId) -> int:
        """Counts who has served it; 0 when this server does not."""
        held = self._held.get(conversation)
        return 0 if held is None else held.fence

    def lose(self, conversation: ConversationId) -> None:
        """A store refused the fence: somebody else serves it."""
        self._held.pop(conversation, None)
        self._begun.pop(conversation, None)

    def forget(self, conversation: ConversationId) -> None:
        """It has ended. Others learn of it soon."""
        if self._held.pop(conversation, None) is None:
            return
        if self._begun.pop(conversation, None) is None:
            self._ended[conversation] = None
            self._changed.set()

    async def settle(self) -> None:
        """Waits until what was begun and forgotten is known to the others. Raises TemporarilyUnavailable."""
        if self._begun or self._ended or self._released:
            telling = self._telling
            self._changed.set()
            await telling.done.wait()
            if telling.failure is not None:
                raise TemporarilyUnavailable(str(telling.failure)) from telling.failure

    async def claim(self, user: UserId, conversation: ConversationId) -> str:
        """Serves a conversation from now on, if nobody does; says who does. Raises TemporarilyUnavailable."""
        if conversation in self._ended or conversation in self._released:
            await self.settle()
        found = await self._ask("CLAIM", *map(key_bytes, (self.server, user, conversation)))
        server = key_text(found[0])
        if server == self.server:
            self._held[conversation] = _Held(user, int(found[1]))
        else:
            self._held.pop(conversation, None)
        return server

    async def release(self, conversation: ConversationId) -> None:
        """Serves it no longer: whoever claims it next has it at once. Raises TemporarilyUnavailable."""
        if self._held.pop(conversation, None) is not None:
            self._released[conversation] = None
            self._changed.set()
            await self.settle()

    async def of(self, user: UserId) -> tuple[Lease, ...]:
        """The conversations of a user that have not ended. Raises TemporarilyUnavailable."""
        return _leases(await self._ask("OF_USER", key_bytes(user)))

    async def free(self) -> tuple[Lease, ...]:
        """Conversations that nobody serves. Raises TemporarilyUnavailable."""
        return _leases(await self._ask("FREE"))

    async def diagnose(self) -> Diagnosis:
        """Whether Redis answers."""
        return await self._redis.diagnose()

    async def _live(self) -> None:
        """Gives signs of life. Until cancelled."""
        while True:
            await anyio.sleep(self._settings.silence / _BEATS)
            try:
                await self._beat()
                await self._inherit()
            except AdapterError:
                pass  # while Redis is away, nobody can take anything

    async def _inherit(self) -> None:
        """Goes on with what the server had that used this folder before, if nobody else does yet."""
        if self._name.former is None:
            return
        words = await self._ask("INHERIT", *map(key_bytes, (self.server, self._name.former)))
        self._name.former = None
        for conversation, user, fence in zip(words[::3], words[1::3], words[2::3], strict=True):
            self._held[ConversationId(key_text(conversation))] = _Held(UserId(key_text(user)), int(fence))

    async def _beat(self) -> None:
        silence = round(self._settings.silence * 1000)
        served = {conversation: held for conversation, held in self._held.items() if conversation not in self._begun}
        kept = await self._ask("BEAT", key_bytes(self.server), silence)
        if kept is None:
            return
        for conversation in kept:
            served.pop(ConversationId(key_text(conversation)), None)
        for conversation, held in served.items():  # others have it by now, or Redis has lost its memory
            if self._held.get(conversation) is held and await self.claim(held.user, conversation) != self.server:
                self.lose(conversation)

    async def _tell(self) -> None:
        """Tells the others what began and ended: one task does, so that nothing is told in the wrong order."""
        while True:
            await self._changed.wait()
            self._changed = anyio.Event()
            telling, self._telling = self._telling, _Telling()
            try:
                await self._send()
            except AdapterError as error:
                telling.failure = error
                self._changed.set()
            telling.done.set()
            if telling.failure is not None:
                await anyio.sleep(self._settings.silence / _BEATS)

    async def _send(self) -> None:
        begun, ended, released = dict(self._begun), tuple(self._ended), tuple(self._released)
        words = [key_bytes(word) for conversation, user in begun.items() for word in (user, conversation)]
        await self._ask("SETTLE", key_bytes(self.server), len(begun), *words, *map(key_bytes, ended))
        for conversation in released:
            await self._ask("RELEASE", *map(key_bytes, (self.server, conversation)))
            self._released.pop(conversation, None)
        for conversation in ended:
            self._ended.pop(conversation, None)
        for conversation in begun:
            if self._begun.pop(conversation, None) is None:  # it ended meanwhile
                self._ended[conversation] = None
                self._changed.set()

    async def _ask(self, script: str, *words: bytes | int) -> Any:  # noqa: ANN401 - each script has its own answer
        return await self._redis.ask(lambda _: self._scripts[script]((PREFIX,), words))


class _Held(Struct, frozen=True):
    """A conversation that this server serves."""

    user: UserId
    fence: int


class _Telling:
    """What is being told next, and for whom somebody waits."""

    def __init__(self) -> None:
        self.done = anyio.Event()
        self.failure: AdapterError | None = None


def _leases(words: list[bytes]) -> tuple[Lease, ...]:
    texts = [key_text(word) for word in words]
    return tuple(
        Lease(conversation=ConversationId(conversation), user=UserId(user), server=server)
        for conversation, user, server in zip(texts[::3], texts[1::3], texts[2::3], strict=True)
    )
