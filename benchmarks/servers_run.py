"""Two servers, their users, and somebody who ends them."""

import random
import time
from collections.abc import Awaitable, Callable

import anyio
import httpx
from msgspec import Struct

from benchmarks.round_robin import RoundRobin
from benchmarks.server_process import ServerProcess
from benchmarks.servers_count import Count, counted, missing
from benchmarks.shared_journals import SharedJournals
from benchmarks.talker import Talker
from benchmarks.words_account import words_in

LOOK_SECONDS = 0.1
MEMORY_SECONDS = 180.0
"""Work that a kill interrupted is taken up when its lease has run out: after a minute."""
KILLED, STOPPED = 0.7, 0.15
"""Shares of what happens to servers; else both are killed."""


class Result(Struct, kw_only=True):
    """What came of it."""

    killed: int = 0
    stopped: int = 0
    stopping: list[float] = []
    """Seconds that each stop took."""
    connections: int = 0
    away: list[float] = []
    """Seconds from the end of a connection until the client was told something again."""
    count: Count = Count()


class ServersRun:
    """Two servers, their users, and somebody who ends them."""

    def __init__(
        self,
        servers: list[ServerProcess],
        proxy: RoundRobin,
        redis: str,
        *,
        sessions: int,
        seed: int,
        pause: tuple[float, float] = (1, 4),
    ) -> None:
        """Nobody talks yet.

        Args:
            servers: that run.
            proxy: in front of them.
            redis: its address.
            sessions: so many users talk.
            seed: of all that is random.
            pause: seconds, at least and at most, for which all talk before something happens.
        """
        self._servers = servers
        self._random = random.Random(seed)
        self._pause = pause
        self._journals = SharedJournals(redis)
        self._result = Result()
        self.talkers = [
            Talker(
                address=proxy.address,
                user=f"user{number}",
                token=servers[0].token(f"user{number}"),
                seed=seed,
                first=number * 10_000,
            )
            for number in range(sessions)
        ]

    async def run(self, seconds: float) -> Result:
        """Talks, ends, starts, and counts."""

        async def strikes() -> None:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                await self.settled()
                await self._end_some()
                await self._strike()
            await self.settled()

        return await self.during(strikes)

    async def during(self, what: Callable[[], Awaitable[None]]) -> Result:
        """Talks while something happens, and counts."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._read)
            async with anyio.create_task_group() as talking:
                for talker in self.talkers:
                    talking.start_soon(talker.run)
                await self.settled()
                await what()
                for talker in self.talkers:
                    talker.stopped.set()
            await self._reckon()
            tasks.cancel_scope.cancel()
        await self._journals.close()
        self._result.connections = sum(len(talker.lives) for talker in self.talkers)
        return self._result

    async def _read(self) -> None:
        while True:
            await self._journals.look()
            await anyio.sleep(LOOK_SECONDS)

    async def settled(self) -> None:
        """All are connected, and have talked for a moment."""
        with anyio.move_on_after(15):
            while not all(talker.is_connected for talker in self.talkers):
                await anyio.sleep(0.01)
        await anyio.sleep(self._random.uniform(*self._pause))

    async def _end_some(self) -> None:
        if self._random.random() < 0.3:
            for talker in self._random.sample(self.talkers, max(len(self.talkers) // 10, 1)):
                talker.ask_to_end()
            await anyio.sleep(self._random.uniform(0, 0.6))

    async def _strike(self) -> None:
        what = self._random.random()
        chosen = self._random.sample(self._servers, 1 if what < KILLED + STOPPED else 2)
        if KILLED <= what < KILLED + STOPPED:
            await self.stop(chosen[0])
        else:
            for server in chosen:
                self.kill(server)
        await anyio.sleep(self._random.choice((0.0, self._random.uniform(0, 4), self._random.uniform(4, 9))))
        async with anyio.create_task_group() as tasks:
            for server in chosen:
                tasks.start_soon(server.start)

    def kill(self, server: ServerProcess) -> None:
        """As a crash does."""
        server.kill()
        self._result.killed += 1

    async def stop(self, server: ServerProcess) -> None:
        """As a deployment does."""
        began = time.monotonic()
        await server.stop()
        self._result.stopped += 1
        self._result.stopping.append(time.monotonic() - began)

    async def _reckon(self) -> None:
        deadline = time.monotonic() + MEMORY_SECONDS
        async with httpx.AsyncClient(base_url=self._servers[0].address, timeout=30) as client:
            for talker in self.talkers:
                headers = {"Authorization": f"Bearer {self._servers[0].token(talker.user)}"}
                memories = await self._memories(client, headers, talker, deadline=deadline)
                self._result.count += counted(talker, memories, self._journals)

    async def _memories(
        self, client: httpx.AsyncClient, headers: dict[str, str], talker: Talker, *, deadline: float
    ) -> dict[str, list[str]]:
        """A user's memories as lists of words, once there are enough of them."""
        while True:
            answer = await client.get("/v1/memories", headers=headers)
            memories = {memory["id"]: words_in(memory) for memory in answer.raise_for_status().json()}
            is_told = {word for words in memories.values() for word in words}.issuperset(talker.told)
            is_made = not missing(self._journals.conversations(talker.user), memories)
            if (is_told and is_made) or time.monotonic() > deadline:
                return memories
            await anyio.sleep(0.5)
