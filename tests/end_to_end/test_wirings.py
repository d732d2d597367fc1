"""The main job on three wirings: speech becomes live text, then a memory that is found and asked about."""

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from adapters.inbound.simulators.firestore import serve_firestore
from adapters.inbound.simulators.pinecone import serve_pinecone
from benchmarks.memories.life import SETTINGS
from benchmarks.server_process import ServerProcess
from domain import watermark
from tests.support.cloud_storage import cloud_storage
from tests.support.google_keys import PROJECT, claims, google_keys, signed
from tests.support.listen_client import client, words_of
from tests.support.redis_server import redis_server

pytestmark = pytest.mark.alone

COUNT = 12
WORDS = [watermark.text_of(number) for number in range(COUNT)]
PCM = watermark.speech(0, COUNT, pause=4_000) + bytes(24_000)
QUESTION = f"What did I say about {WORDS[3]}?"
DOCUMENTS = ("memory_repository", "people", "facts", "chat_history", "usage_ledger")
VALUES = ("key_value_store", "event_bus", "job_queue", "text_index")
KEY = "key"
MASTER = base64.b64encode(bytes(range(32))).decode()


class FirebaseServer(ServerProcess):
    """A server whose users come with tokens of Firebase."""

    def token(self, user: str) -> str:
        return signed(claims(user, now=datetime.now(UTC)))


class Cloud:
    """Everything that a server can use elsewhere, simulated or real."""

    def __init__(self, stack: AsyncExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self.traces: dict[str, Any] = {}

    async def firestore(self, *ports: str) -> dict[str, str]:
        simulation = await self._stack.enter_async_context(serve_firestore())
        self.traces["firestore"] = lambda: len(simulation.store)
        settings: dict[str, str] = {}
        for port in ports:
            own = f"OMI_{port.upper()}"
            settings |= {f"{own}__NAME": "firestore", f"{own}__FIRESTORE__PROJECT": "omi"}
            settings |= {f"{own}__FIRESTORE__HOST": simulation.url, f"{own}__FIRESTORE__INSECURE": "true"}
        return settings

    async def redis(self, *ports: str) -> dict[str, str]:
        server = await self._stack.enter_async_context(redis_server(self._folder))
        self.traces["redis"] = lambda: sum(path.stat().st_size for path in self._folder.glob("*.aof"))
        settings: dict[str, str] = {}
        for port in ports:
            settings |= {f"OMI_{port.upper()}__NAME": "redis", f"OMI_{port.upper()}__REDIS__URL": server.url}
        return settings

    async def pinecone(self) -> dict[str, str]:
        simulation = await self._stack.enter_async_context(serve_pinecone(key=KEY))
        self.traces["pinecone"] = lambda: len(simulation.indexes)
        return {
            "OMI_VECTOR_INDEX__NAME": "pinecone",
            "OMI_VECTOR_INDEX__PINECONE__API_KEY": KEY,
            "OMI_VECTOR_INDEX__PINECONE__URL": simulation.url,
        }

    def storage(self) -> dict[str, str]:
        bucket = hashlib.sha256(str(self._folder).encode()).hexdigest()[:40]
        return {
            "OMI_OBJECT_STORE__NAME": "gcs",
            "OMI_OBJECT_STORE__GCS__BUCKET": bucket,
            "OMI_OBJECT_STORE__GCS__ENDPOINT": cloud_storage(bucket),
            "OMI_OBJECT_STORE__GCS__LINKS": "server",
        }

    async def firebase(self) -> dict[str, str]:
        google = await self._stack.enter_async_context(google_keys())
        self.traces["firebase"] = lambda: google.fetches
        return {
            "OMI_AUTHENTICATOR__NAME": "firebase",
            "OMI_AUTHENTICATOR__FIREBASE__PROJECT": PROJECT,
            "OMI_AUTHENTICATOR__FIREBASE__CERTIFICATES_URL": google.url,
        }


async def embedded(_: Cloud) -> dict[str, str]:
    return {}


async def cloud(there: Cloud) -> dict[str, str]:
    settings = await there.firestore(*DOCUMENTS) | await there.redis(*VALUES)
    settings["OMI_VAULT__SHARED__MASTER_KEY"] = MASTER
    return settings | await there.pinecone() | there.storage() | await there.firebase()


async def mixed(there: Cloud) -> dict[str, str]:
    documents = await there.firestore("memory_repository", "chat_history")
    return documents | await there.redis("event_bus", "job_queue", "vector_index") | {"OMI_VAULT__NAME": "local"}


@asynccontextmanager
async def served(wiring: Any, folder: Path) -> AsyncIterator[tuple[ServerProcess, Cloud]]:
    (folder / "redis").mkdir()
    async with AsyncExitStack() as stack:
        there = Cloud(stack, folder / "redis")
        settings = SETTINGS | await wiring(there)
        kind = FirebaseServer if wiring is cloud else ServerProcess
        server = kind(folder, settings=settings)
        try:
            await server.start()
            yield server, there
        finally:
            await server.stop()


@pytest.mark.parametrize("wiring", [embedded, cloud, mixed])
async def test_speech_becomes_text_a_memory_a_hit_and_an_answer(wiring: Any, tmp_path: Path) -> None:
    async with served(wiring, tmp_path) as (server, there):
        async with client(server, "anna") as talker:
            await talker.say(PCM)
            await talker.end_conversation()
            created = (await talker.until("new_memory_created", seconds=40))["memory"]
            assert talker.words == WORDS
        headers = {"Authorization": f"Bearer {server.token('anna')}"}
        async with httpx.AsyncClient(base_url=server.address, headers=headers, timeout=20) as http:
            [memory] = (await http.get("/v1/memories")).raise_for_status().json()
            assert memory["id"] == created["id"]
            assert words_of(memory) == WORDS
            assert await searched(http, WORDS[3]) == [created["id"]]
            answer = (await http.post("/v1/messages", json={"text": QUESTION})).raise_for_status().json()
            assert WORDS[3] in answer["text"]
            assert [cited["id"] for cited in answer["memories"]] == [created["id"]]
            stranger = {"Authorization": f"Bearer {server.token('bert')}"}
            assert (await http.get("/v1/memories", headers=stranger)).json() == []
            assert (await http.delete(f"/v1/memories/{created['id']}")).status_code == 204
            assert (await http.get("/v1/memories")).json() == []
        assert all(trace() for trace in there.traces.values())


async def searched(http: httpx.AsyncClient, query: str) -> list[str]:
    """What is found, once it is."""
    with anyio.fail_after(10):
        while True:
            answer = await http.post("/v1/memories/search", json={"query": query})
            found = [one["memory"]["id"] for one in answer.raise_for_status().json()]
            if found:
                return found
            await anyio.sleep(0.1)
