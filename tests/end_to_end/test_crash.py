"""The real server is killed, and asked to stop, with users in the middle of a word."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import anyio
import pytest
from websockets.exceptions import ConnectionClosed

from benchmarks.crash import FAKES, MOST_SERVE_SECONDS, watermarked
from benchmarks.server_process import ServerProcess
from domain import watermark
from tests.support.listen_client import Client, client, memories, words_of

pytestmark = pytest.mark.alone

USERS = ("anna", "bert", "cleo", "dora")
SPEECH = watermark.speech(0, 3, pause=4_000)
CUT = 2 * (4_000 + 1_200)
"""Bytes less: it breaks off in the middle of the last word."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    server = ServerProcess(tmp_path, settings=FAKES)
    await server.start()
    yield server
    server.kill()


async def test_kill_after_kill_loses_no_packet_no_word_and_no_memory() -> None:
    result = await watermarked(kills=3, sessions=4, seed=5)
    assert result.losses.total == 0, result.losses
    assert result.losses.words > 20
    assert result.losses.memories >= 4
    assert max(result.serving) < 5 * MOST_SERVE_SECONDS  # measured by the benchmark; here others use the machine too


async def test_a_stop_gives_every_client_its_last_words_and_the_conversations_go_on(server: ServerProcess) -> None:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client(server, user)) for user in USERS]
        for each in clients:
            await each.say(SPEECH[:-CUT])
            await each.until_words(2)
        began = time.monotonic()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.stop)
            for each in clients:
                code, reason = await each.until_closed()
                assert (code, reason) == (1012, "the service restarts; connect again")
                assert each.words == ["word0", "word1", "word2"]
        assert time.monotonic() - began < 8
    await server.start()
    for user in USERS:
        async with client(server, user) as again:
            await again.say(watermark.speech(3, 2, pause=4_000) + bytes(24_000))
            await again.end_conversation()
            await again.until("new_memory_created")
        [memory] = await memories(server, user)
        assert words_of(memory) == [f"word{number}" for number in range(5)]


async def test_a_client_that_talks_on_during_a_stop_loses_nothing_of_what_was_received(server: ServerProcess) -> None:
    async with client(server, "anna") as talker:
        await talker.say(SPEECH)
        await talker.until_words(3)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.stop)
            tasks.start_soon(_talk_on, talker)
            await talker.until_closed()
    await server.start()
    async with client(server, "anna") as again:
        await again.say(watermark.speech(6, 2, pause=4_000) + bytes(24_000))
        await again.end_conversation()
        await again.until("new_memory_created")
    [memory] = await memories(server, "anna")
    words = words_of(memory)
    assert words[:3] == ["word0", "word1", "word2"]
    assert words[-2:] == ["word6", "word7"]
    assert words == sorted(set(words))


async def _talk_on(talker: Client) -> None:
    with suppress(ConnectionClosed):
        await talker.say(watermark.speech(3, 3, pause=4_000))
