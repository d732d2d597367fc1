"""The whole program over a data folder, with models that are pretended, for tests that talk to it in process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
from litestar import Litestar
from msgspec import structs

from application.listening.listening_session import ListeningSession
from benchmarks.memories.life import SETTINGS
from bootstrap.asgi import Program
from bootstrap.container import Container
from bootstrap.settings import load
from domain import watermark
from domain.ids import UserId
from domain.memory import Memory
from tests.support.world import PACKET_BYTES, REQUEST

ANNA, BERT = UserId("anna"), UserId("bert")
MODELS = SETTINGS | {"OMI_AUTHENTICATOR__NAME": "fake"}


class Running:
    """A program that runs."""

    def __init__(self, container: Container, client: httpx.AsyncClient, *, rest: Litestar) -> None:
        self.container = container
        self.rest = rest
        self.client = client
        self.become(ANNA)

    def become(self, user: UserId | None) -> None:
        """Who asks from now on."""
        self.client.headers.pop("Authorization", None)
        if user is not None:
            self.client.headers["Authorization"] = f"Bearer token-of-{user}"

    @asynccontextmanager
    async def talking(self, count: int, *, user: UserId = ANNA) -> AsyncIterator[ListeningSession]:
        """A device that is connected, and has said so many numbered words."""
        async with self.container.listen().open(structs.replace(REQUEST, user=user)) as session:
            pcm = watermark.speech(0, count, pause=4_000) + bytes(24_000)
            for start in range(0, len(pcm), PACKET_BYTES):
                session.accept(pcm[start : start + PACKET_BYTES])
            with anyio.fail_after(10):
                while session.conversation.transcript.word_count < count:
                    await anyio.sleep(0.01)
            yield session

    async def keep(self, memory: Memory, *, user: UserId = ANNA) -> None:
        await self.container.memory_repository().save(user, memory)
        await self.container.recall().index(user, memory)


def container_over(folder: Path, **settings: str) -> Container:
    return Container(settings=load(MODELS | {"OMI_DATA_DIR": str(folder / "data")} | settings, folder=folder))


def rest_of(container: Container) -> Litestar:
    rest: Any = Program(container).application._rest
    assert isinstance(rest, Litestar)
    return rest


@asynccontextmanager
async def program(
    folder: Path, *, settings: Mapping[str, str] | None = None, **overridden: Any
) -> AsyncIterator[Running]:
    """Runs it, with adapters in place of those that the settings choose."""
    container = container_over(folder, **(settings or {}))
    for name, adapter in overridden.items():
        getattr(container, name).override(adapter)
    rest: Any = rest_of(container)
    # not the framework's own client: that one runs the program in a loop of its own, and live sessions elsewhere
    transport = httpx.ASGITransport(rest, raise_app_exceptions=False)
    async with (
        rest.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://omi", timeout=60) as client,
    ):
        yield Running(container, client, rest=rest)
