"""Two servers as one: killed, stopped and started again at random while users talk; counts what is lost.

    python -m benchmarks.servers [--sessions 50] [--seconds 120] [--seed 1]

Two real `omi serve` processes on disks of their own, one real Redis, memories in a simulation of Firestore, and a proxy
that gives each new connection to the next server. Users talk numbered words without end and connect again whenever
their server is gone, so that nearly every conversation goes on at the other one. Seven of ten times a server is ended
with `kill -9`, else with SIGTERM, which has it hand its conversations over; now and then both are killed. It stays away
for a moment (and takes up its own again) or for longer than a lease (and the other one takes them).

How it is counted. Each packet of 20 ms says which word it belongs to, and which part of it. A packet counts as received
when it has reached the journal in Redis: that is read all the time. A word counts when all of its packets were
received; each has to be in exactly one memory, exactly once, in order. What the live text told has to be in a memory,
too. Each conversation in which a word was received has to become exactly one memory. What a client sent and no server
had time to write down is counted as in flight: the buffers of sockets, and what a server had taken in the last
hundredths of a second before it was killed.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import anyio
import httpx
from msgspec import Struct

from benchmarks.crash import FAKES
from benchmarks.round_robin import RoundRobin, round_robin
from benchmarks.server_process import COMMAND, ROOT, ServerProcess, free_port
from benchmarks.shared_journals import SharedJournals, whole_words
from benchmarks.talker import Talker
from domain.watermark import text_of
from tests.support.redis_server import redis_server

SHARED = {
    "OMI_JOB_QUEUE__NAME": "redis",
    "OMI_EVENT_BUS__NAME": "redis",
    "OMI_KEY_VALUE_STORE__NAME": "redis",
    "OMI_CONVERSATION_LEASES__NAME": "redis",
    "OMI_CAPTURE_JOURNAL__NAME": "redis",
    # their folders have in common what a store of objects would have
    "OMI_SHARED_DATA_DIR": "true",
    # the journals are read by who counts
    "OMI_VAULT__NAME": "none",
    # whose voice it is makes no difference to what is counted, and takes as long as the speech
    "OMI_IDENTIFY_SPEAKERS": "false",
    "OMI_SPEAKER_ENCODER__NAME": "fake",
    "OMI_SPEAKER_SEGMENTER__NAME": "fake",
    "OMI_RECORDING_VOICE_ACTIVITY_DETECTOR__NAME": "fake",
    "OMI_EMOTION_ANALYZER__NAME": "fake",
}
STORES = ("memory_repository", "people", "facts", "chat_history")
SILENCE_SECONDS = 15.0
LOOK_SECONDS = 0.1
MEMORY_SECONDS = 180.0
"""Work that a kill interrupted is taken up when its lease has run out: after a minute."""
KILLED, STOPPED = 0.7, 0.15
"""Shares of what happens to servers; else both are killed."""


class Count(Struct, frozen=True, kw_only=True):
    """Sums over users. `wrong` is what ought to be 0."""

    sent: int = 0
    """Packets of speech."""
    in_flight: int = 0
    """Of these, those that no server has written down."""
    words: int = 0
    """Whole words among what was received."""
    words_lost: int = 0
    words_doubled: int = 0
    words_foreign: int = 0
    words_misplaced: int = 0
    told_lost: int = 0
    memories: int = 0
    memories_lost: int = 0
    memories_doubled: int = 0
    """That no conversation became."""

    def __add__(self, other: "Count") -> "Count":
        return Count(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})

    @property
    def wrong(self) -> int:
        """Everything that ought to be 0."""
        good = ("sent", "in_flight", "words", "memories")
        return sum(getattr(self, name) for name in self.__struct_fields__ if name not in good)


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
                self._result.count += self._counted(talker, memories)

    async def _memories(
        self, client: httpx.AsyncClient, headers: dict[str, str], talker: Talker, *, deadline: float
    ) -> dict[str, list[str]]:
        """A user's memories as lists of words, once there are enough of them."""
        while True:
            answer = await client.get("/v1/memories", headers=headers)
            memories = {memory["id"]: _words(memory) for memory in answer.raise_for_status().json()}
            is_told = {word for words in memories.values() for word in words}.issuperset(talker.told)
            is_made = not _missing(self._journals.conversations(talker.user), memories)
            if (is_told and is_made) or time.monotonic() > deadline:
                return memories
            await anyio.sleep(0.5)

    def _counted(self, talker: Talker, memories: dict[str, list[str]]) -> Count:
        heard = Counter(word for words in memories.values() for word in words)
        received = self._journals.received(talker.user)
        sent = {packet for life in talker.lives for packet in life.sent if packet >= 0}
        expected = {text_of(number) for number in whole_words(received)}
        conversations = self._journals.conversations(talker.user)
        known = {name for name, journal in self._journals.journals.items() if journal.user == talker.user}
        return Count(
            sent=len(sent),
            in_flight=len(sent - received),
            words=len(expected),
            words_lost=len(expected - heard.keys()),
            words_doubled=sum(count - 1 for count in heard.values()),
            words_foreign=len(heard.keys() - talker.said),
            words_misplaced=sum(_misplaced(words) for words in memories.values()),
            told_lost=len(set(talker.told) - heard.keys()),
            memories=len(memories),
            memories_lost=len(_missing(conversations, memories)),
            memories_doubled=len(memories.keys() - known),
        )


def _missing(conversations: dict[str, set[int]], memories: dict[str, list[str]]) -> set[str]:
    """Conversations without a memory, in which something was said that none has."""
    heard = {word for words in memories.values() for word in words}
    return {
        conversation
        for conversation, words in conversations.items()
        if conversation not in memories and not heard.issuperset(map(text_of, words))
    }


def _words(memory: dict[str, list[dict[str, str]]]) -> list[str]:
    return [word for segment in memory["transcript_segments"] for word in segment["text"].split()]


def _misplaced(words: list[str]) -> int:
    numbers = [int(word.removeprefix("word")) for word in words]
    return sum(earlier >= later for earlier, later in pairwise(numbers))


@asynccontextmanager
async def two_servers(folder: Path) -> AsyncIterator[tuple[list[ServerProcess], RoundRobin, str]]:
    """Two servers that run, the proxy before them, and the address of their Redis."""
    (folder / "redis").mkdir()
    port = free_port()
    simulation = subprocess.Popen(  # noqa: ASYNC220 - takes a millisecond
        [*COMMAND[:-1], "simulate", "firestore", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with redis_server(folder / "redis") as redis:
            servers = [ServerProcess(_folder(folder, name), settings=_settings(redis.url, port)) for name in "ab"]
            servers[0].token("anybody")  # makes the key, which both need
            servers[1].data_dir.mkdir()
            shutil.copy(servers[0].data_dir / "secret.key", servers[1].data_dir)
            (servers[0].data_dir / "users").mkdir(exist_ok=True)  # in place of a store of objects that both reach
            (servers[1].data_dir / "users").symlink_to(servers[0].data_dir / "users")
            try:
                async with anyio.create_task_group() as tasks:
                    for server in servers:
                        tasks.start_soon(server.start)
                async with round_robin([server.port for server in servers]) as proxy:
                    yield servers, proxy, redis.url
            finally:
                for server in servers:
                    server.kill()
    finally:
        simulation.kill()
        simulation.wait()


def _folder(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _settings(redis: str, firestore: int) -> dict[str, str]:
    stores = {f"OMI_{store.upper()}__NAME": "firestore" for store in STORES}
    host = {f"OMI_{store.upper()}__FIRESTORE__HOST": f"127.0.0.1:{firestore}" for store in STORES}
    insecure = {f"OMI_{store.upper()}__FIRESTORE__INSECURE": "true" for store in STORES}
    own = {"OMI_REDIS__URL": redis, "OMI_CONVERSATION__SILENCE_SECONDS": str(SILENCE_SECONDS)}
    return FAKES | SHARED | stores | host | insecure | own


def told(result: Result) -> list[str]:
    """The result, to read."""
    count = result.count
    lines = [f"{result.killed:>8,}  kill -9", f"{result.stopped:>8,}  stops"]
    if result.stopping:
        lines.append(f"{max(result.stopping):>8.2f}  seconds that a stop took, at most")
    lines.append(f"{result.connections:>8,}  connections")
    return lines + [f"{getattr(count, name):>8,}  {name.replace('_', ' ')}" for name in Count.__struct_fields__]


async def trial(*, sessions: int, seconds: float, seed: int) -> Result:
    """The exact count."""
    with tempfile.TemporaryDirectory(prefix="omi-servers-") as folder:
        async with two_servers(Path(folder)) as (servers, proxy, redis):
            return await ServersRun(servers, proxy, redis, sessions=sessions, seed=seed).run(seconds)


def main() -> None:
    """Prints figures; exits with 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.servers", description=__doc__.split("\n")[0])
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    result = anyio.run(lambda: trial(sessions=given.sessions, seconds=given.seconds, seed=given.seed))
    print("\n".join(told(result)))
    sys.exit(int(result.count.wrong > 0))


if __name__ == "__main__":
    main()
