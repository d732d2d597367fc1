"""Kills the server again and again while users talk, and counts what is lost.

    python -m benchmarks.crash [AUDIO] [--kills 50] [--sessions 20] [--seed 1]

The real server in a process of its own, users over real sockets. `kill -9` at random moments; the server is
started again at once, and the clients connect again at once, as apps do. Now and then a user ends a conversation,
so that kills fall into the making of memories too; some kills come before all are connected again, and fall into
the recovery of the kill before.

How it is counted. Speech is watermarked: each packet of 20 ms says which word it belongs to, and which part of it,
so a transcript is exactly right or exactly wrong (the recognizer and the detector are the fakes that read such
speech; everything else is real). What a client sent is known packet by packet. What the server received is
read from its journal files between the kill and the start:

- Before every other kill the clients are quiet for a tenth of a second: all they sent was received. Every packet
  has to be in the journal.
- The other kills come in the middle of the stream. Packets then lie in the buffers of the sockets and never reached
  the process; nobody can know of them. What is in the journal is a beginning of what was sent, without a hole, and
  what is behind it is counted as in flight, not as lost.

A word counts when all of its packets were received; each has to be in exactly one memory, exactly once, in order.
A word that a kill cut in two may be heard or not. All words that the live text told a client have to be
in a memory too. Each conversation in which a word was received has to become exactly one memory.

A server that restores long conversations takes sockets before it has them all: what a client sends until its own
is there waits in the buffers of its socket, and is counted as waiting, not as lost, when the next kill comes first.

With a folder of recordings, real speech follows: Opus, Silero and Moonshine, with kills between sentences,
compared to the transcript of a run without kills.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import anyio
import httpx
from msgspec import Struct

from benchmarks.crash_account import Losses, at_end, at_kill, with_words
from benchmarks.crash_speech import compared
from benchmarks.journal_reader import JournalReader
from benchmarks.server_process import ServerProcess
from benchmarks.talker import Talker
from benchmarks.words_account import words_in

FAKES = {
    "OMI_SPEECH_TO_TEXT__CHAIN": "fake",
    "OMI_BATCH_SPEECH_TO_TEXT__NAME": "fake",
    "OMI_VOICE_ACTIVITY_DETECTOR__NAME": "fake",
    "OMI_TEXT_EMBEDDER__NAME": "fake",
}
QUIET_SECONDS = 0.1
SPEAKERS = 4
"""Users of real speech: the recognizer is a real one."""
MOST_SERVE_SECONDS = 2.0
MEMORY_SECONDS = 120.0
"""Work that a kill interrupted is taken up when its lease has run out: after a minute."""


class Result(Struct, kw_only=True):
    """What came of it."""

    kills: int
    losses: Losses = Losses()
    serving: list[float] = []
    """Seconds from each start until health was answered and a socket accepted."""


class CrashRun:
    """A server, its users, and somebody with `kill -9`."""

    def __init__(self, server: ServerProcess, *, sessions: int, seed: int) -> None:
        self._server = server
        self._random = random.Random(seed)
        self._journals = JournalReader(server.data_dir)
        self._conversations: dict[str, set[str]] = {}
        self._talkers = [
            Talker(
                address=server.address,
                user=f"user{number}",
                token=server.token(f"user{number}"),
                seed=seed,
                first=number * 100_000,
            )
            for number in range(sessions)
        ]

    async def run(self, kills: int) -> Result:
        """Talks, kills, and counts."""
        result = Result(kills=kills)
        await self._server.start()
        async with anyio.create_task_group() as tasks:
            for talker in self._talkers:
                tasks.start_soon(talker.run)
            for number in range(kills):
                await self._interlude(patient=number % 5 != 4)
                result.losses += await self._kill(quiet=number % 2 == 0)
                result.serving.append(await self._serve())
            await self._interlude(patient=True)
            for talker in self._talkers:
                talker.stopped.set()
        result.losses += await self._reckon()
        return result

    async def _interlude(self, *, patient: bool) -> None:
        with anyio.move_on_after(10 if patient else 0.1):
            while not all(talker.is_connected for talker in self._talkers):
                await anyio.sleep(0.01)
        await anyio.sleep(self._random.uniform(0.2, 1.6))
        if self._random.random() < 0.3:
            for talker in self._random.sample(self._talkers, max(len(self._talkers) // 10, 1)):
                talker.ask_to_end()
            await anyio.sleep(self._random.uniform(0, 0.6))

    async def _kill(self, *, quiet: bool) -> Losses:
        if quiet:
            for talker in self._talkers:
                talker.is_holding = True
            await anyio.sleep(QUIET_SECONDS)
        self._server.kill()
        await anyio.sleep(0.05)  # for clients to notice
        journals = self._journals.look()
        losses = Losses()
        for talker in self._talkers:
            losses += at_kill(talker, journals, quiet=quiet)
            self._conversations.setdefault(talker.user, set()).update(with_words(journals, talker.user))
            talker.is_holding = False
        return losses

    async def _serve(self) -> float:
        began = time.monotonic()
        connected = [len(talker.lives) for talker in self._talkers]
        await self._server.start()
        while all(len(talker.lives) == before for talker, before in zip(self._talkers, connected, strict=True)):
            await anyio.sleep(0.005)
        return time.monotonic() - began

    async def _reckon(self) -> Losses:
        losses = Losses()
        async with httpx.AsyncClient(base_url=self._server.address) as client:
            for talker in self._talkers:
                expected = self._conversations.get(talker.user, set()) | talker.conversations
                headers = {"Authorization": f"Bearer {self._server.token(talker.user)}"}
                memories = await _memories(client, headers, count=len(expected))
                losses += at_end(talker, memories, expected)
        return losses


async def _memories(client: httpx.AsyncClient, headers: dict[str, str], *, count: int) -> dict[str, list[str]]:
    """A user's memories as lists of words, once there are enough of them."""
    deadline = time.monotonic() + MEMORY_SECONDS
    while True:
        answer = await client.get("/v1/memories", headers=headers)
        memories = {memory["id"]: words_in(memory) for memory in answer.raise_for_status().json()}
        if len(memories) >= count or time.monotonic() > deadline:
            return memories
        await anyio.sleep(0.5)


async def watermarked(*, kills: int, sessions: int, seed: int) -> Result:
    """The exact count."""
    with tempfile.TemporaryDirectory(prefix="omi-crash-") as folder:
        server = ServerProcess(Path(folder), settings=FAKES)
        try:
            return await CrashRun(server, sessions=sessions, seed=seed).run(kills)
        finally:
            server.kill()


def told(result: Result) -> list[str]:
    """The result, to read."""
    lines = [f"{result.kills:>8,}  kills"]
    lines += [f"{getattr(result.losses, name):>8,}  {name.replace('_', ' ')}" for name in Losses.__struct_fields__]
    serving = sorted(result.serving)
    lines.append(f"{serving[len(serving) // 2]:>8.2f}  seconds to serve again, median")
    lines.append(f"{serving[-1]:>8.2f}  seconds to serve again, worst")
    return lines


def main() -> None:
    """Prints figures; exits with 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash", description=__doc__.split("\n")[0])
    parser.add_argument("audio", nargs="?", type=Path, help="folder of recordings, for real speech")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    result = anyio.run(lambda: watermarked(kills=given.kills, sessions=given.sessions, seed=given.seed))
    print("\n".join(told(result)))
    if given.audio is not None:
        errors = anyio.run(lambda: compared(given.audio, sessions=SPEAKERS))
        print(f"{errors.words:>8,}  words of real speech, {errors.errors} of them other than without kills")
    sys.exit(int(result.losses.total > 0 or max(result.serving) > MOST_SERVE_SECONDS))


if __name__ == "__main__":
    main()
