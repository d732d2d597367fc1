"""A server that crashes and comes back over the same data, and the network in front of it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import httpx
from anyio.abc import TaskGroup, TaskStatus
from dependency_injector import providers

from adapters.outbound.audio_decoder.fake import FakeAudioDecoder
from benchmarks.memories.life import LongWaits
from bootstrap.asgi import Program
from bootstrap.container import Container
from bootstrap.lifespan import running
from ports.clock import Clock
from tests.support.omi_app.lines import CUT, Closed, InProcess, Line
from tests.support.omi_app.rest import Rest, Tokens
from tests.support.program import container_over


class Home:
    """One server at a time. A crash leaves what was on the disk at that moment, and nothing else."""

    def __init__(self, folder: Path, *, clock: Clock, tasks: TaskGroup) -> None:
        self._folder = folder
        self._clock = clock
        self._tasks = tasks
        self._lives = 0
        self._crash = anyio.Event()
        self._network: InProcess | None = None
        self.container: Container | None = None
        self._client: httpx.AsyncClient | None = None

    @property
    def is_up(self) -> bool:
        return self._network is not None

    async def start(self) -> None:
        """Over what the last one left."""
        self._lives += 1
        await self._tasks.start(self._live, self._folder / str(self._lives))

    async def crash(self) -> None:
        """The power fails. What the process still does afterwards is done to data that nobody reads any more."""
        await anyio.sleep(0.001)  # what was sent has arrived
        shutil.copytree(self._folder / str(self._lives), self._folder / str(self._lives + 1))
        assert self._network is not None
        self._network.cut()
        self._network = self.container = self._client = None
        self._crash.set()
        self._crash = anyio.Event()

    async def open(self, path: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> Line:
        """A socket; raises Refused, or Closed where nobody is there."""
        if self._network is None:
            raise Closed(CUT)
        return await self._network.open(path, query, headers)

    def app_of(self, tokens: Tokens) -> Rest:
        """The calls of an app; to be asked for anew after a crash."""
        assert self._client is not None
        return Rest(self._client, tokens)

    async def _live(self, folder: Path, *, task_status: TaskStatus[None]) -> None:
        crash = self._crash
        container = container_over(folder, OMI_AUTHENTICATOR__TRUST_UID="true")
        container.clock.override(providers.Object(self._clock))
        container.audio_decoder.override(providers.Object(FakeAudioDecoder()))
        container.job_queue.override(providers.Object(LongWaits(container.job_queue())))
        program = Program(container)
        transport = httpx.ASGITransport(program.application, raise_app_exceptions=False)  # type: ignore[arg-type]
        async with (
            running(container),
            httpx.AsyncClient(transport=transport, base_url="http://omi", timeout=None) as client,  # noqa: S113
            anyio.create_task_group() as sockets,
        ):
            self._network, self.container, self._client = InProcess(program.application, sockets), container, client
            task_status.started()
            await crash.wait()
            sockets.cancel_scope.cancel()
