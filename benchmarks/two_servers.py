"""Two real servers that share what there is to share: Redis, a simulation of Firestore, a folder for recordings."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from benchmarks.crash import FAKES
from benchmarks.round_robin import RoundRobin, round_robin
from benchmarks.server_process import COMMAND, ROOT, ServerProcess, free_port
from tests.support.redis_server import redis_server

SHARED = {
    "OMI_JOB_QUEUE__NAME": "redis",
    "OMI_EVENT_BUS__NAME": "redis",
    "OMI_KEY_VALUE_STORE__NAME": "redis",
    "OMI_CONVERSATION_LEASES__NAME": "redis",
    "OMI_CAPTURE_JOURNAL__NAME": "redis",
    "OMI_VECTOR_INDEX__NAME": "redis",
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
