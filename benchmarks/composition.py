"""`compose.yaml` without containers: its settings, two processes in place of its servers, and a Redis.

One conversation begins at the first server, which is stopped in the middle; it goes on and ends at the second one.
"""

import tempfile
from pathlib import Path

import anyio
import httpx
import yaml

from benchmarks.crash import FAKES
from benchmarks.server_process import ServerProcess, free_port
from domain import watermark
from tests.support.listen_client import client, memories, words_of
from tests.support.redis_server import shared_redis

ROOT = Path(__file__).resolve().parent.parent
KEY = "a-key-for-metrics"
PAUSE = 4_000
TAIL = bytes(24_000)
USER = "anna"


def server(folder: Path, *, name: str, redis: str) -> ServerProcess:
    """A server of the composition; its folder is that of the other one, too."""
    settings = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"][name]["environment"]
    here = {
        "OMI_REDIS__URL": redis,
        "OMI_METRICS__HOST": "127.0.0.1",
        "OMI_METRICS__PORT": str(free_port()),
        "OMI_METRICS__KEY": KEY,
    }
    (folder / name).mkdir()
    (folder / name / "data").symlink_to(folder / "data")
    return ServerProcess(folder / name, settings=FAKES | settings | here)


async def trial(folder: Path) -> None:
    """Speaks to one, stops it, goes on with the other."""
    (folder / "data").mkdir()
    async with shared_redis(folder) as redis:
        first, second = (server(folder, name=name, redis=redis.url) for name in ("omi-1", "omi-2"))
        await first.start()
        await second.start()
        try:
            async with client(first, USER) as talker:
                await talker.say(watermark.speech(0, 6, pause=PAUSE) + TAIL)
                await talker.until_words(6)
                await first.stop()
            async with client(second, USER) as talker:
                await talker.say(watermark.speech(6, 4, pause=PAUSE) + TAIL)
                await talker.until_words(4)
                await talker.end_conversation()
                (memory,) = await memories(second, USER)
            assert words_of(memory) == [watermark.text_of(number) for number in range(10)]
            async with httpx.AsyncClient() as http:
                ready = (await http.get(f"{second.address}/health/ready")).json()
            print(f"one conversation over two servers: {len(words_of(memory))} words of 10; {ready['status']}")
        finally:
            await first.stop()
            await second.stop()


def main() -> None:
    """Runs the trial in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="omi-composition-") as name:
        anyio.run(trial, Path(name))


if __name__ == "__main__":
    main()
