"""One process over a data folder: the program's own container, with faults around its adapters."""

# ruff: noqa: ANN401 - any adapter

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import anyio
from dependency_injector import providers

from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.language_model.ladder import LadderLanguageModel
from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from adapters.outbound.plugin_gateway.fake import FakePluginGateway
from benchmarks.memories.chaos import Chaos, Faults
from benchmarks.memories.moody_model import MoodyModel
from benchmarks.memories.talks import Talk
from bootstrap.container import Container
from bootstrap.lifespan import deliveries, jobs, opened
from bootstrap.settings import load
from domain.ids import MemoryId, PluginId, UserId
from domain.memory import Memory
from domain.plugin import Capability, ExternalIntegration, Plugin, PluginReply, Trigger
from ports.clock import Clock
from ports.plugin_gateway import PluginCall

SETTINGS = {
    "OMI_SPEECH_TO_TEXT__CHAIN": "fake",
    "OMI_BATCH_SPEECH_TO_TEXT__NAME": "fake",
    "OMI_VOICE_ACTIVITY_DETECTOR__NAME": "fake",
    "OMI_RECORDING_VOICE_ACTIVITY_DETECTOR__NAME": "fake",
    "OMI_SPEAKER_ENCODER__NAME": "fake",
    "OMI_SPEAKER_SEGMENTER__NAME": "fake",
    "OMI_TEXT_EMBEDDER__NAME": "fake",
}
STORES = (
    "memory_repository",
    "people",
    "facts",
    "chat_history",
    "key_value_store",
    "object_store",
    "text_index",
    "vector_index",
    "capture_journal",
    "job_queue",
)
OPENED = (*STORES, "text_embedder", "recording_encoder", "language_model", "event_bus", "audio_decoder")
HOOKS = (PluginId("reliable"), PluginId("shaky"), PluginId("broken"))
"""Plugins that run elsewhere: the last one never works."""

RARE = Faults(fails=0.004, half_done=0.002, crashes=0.00012)
OFTEN = Faults(fails=0.05, half_done=0.02, hangs=0.004, crashes=0.0005)
FAULTS: Mapping[str, Faults] = {
    "memory_repository": Faults(fails=0.01, half_done=0.01, crashes=0.0005),
    "text_index": OFTEN,
    "vector_index": OFTEN,
    "object_store": OFTEN,
    "text_embedder": Faults(fails=0.02),
    "capture_journal": Faults(fails=0.01, crashes=0.0005),
}
"""What goes wrong where; `RARE` elsewhere."""

Told = Callable[[UserId, PluginId, MemoryId], None]


class Life:
    """A process, from its start to its crash."""

    def __init__(
        self,
        folder: Path,
        *,
        talks: Sequence[Talk],
        clock: Clock,
        seed: int,
        told: Told,
        stores: Mapping[str, Any],
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Builds it; nothing runs yet.

        Args:
            folder: its data.
            talks: that the language model understands.
            clock: of everything.
            seed: of its misfortune.
            told: notes what a plugin was told.
            stores: adapters in place of those on the disk, by port.
            settings: of the environment, besides its own.
        """
        self._scope = anyio.CancelScope()
        self.chaos = Chaos(seed, clock=clock, crash=self._scope.cancel)
        self.container = Container(
            settings=load(SETTINGS | dict(settings) | {"OMI_DATA_DIR": str(folder)}, folder=folder)
        )
        self._put("clock", clock)
        for name in (*STORES, "text_embedder", "recording_encoder"):
            adapter = stores.get(name) or getattr(self.container, name)()
            adapter = LongWaits(adapter) if name == "job_queue" else adapter
            self._put(name, self.chaos.around(adapter, name, FAULTS.get(name, RARE)))
        self.model = MoodyModel({talk.words[0]: talk for talk in talks}, clock=clock, seed=seed)
        self._put("language_model", LadderLanguageModel([self.model, FakeLanguageModel()], clock=clock))
        catalog = InMemoryPluginCatalog()
        catalog.content = tuple(_plugin(name) for name in HOOKS)
        self._put("plugin_catalog", catalog)
        self._put("plugin_gateway", Gateway(self.chaos, told).by_plugin)

    @property
    def is_over(self) -> bool:
        """Whether it has crashed."""
        return self.chaos.is_over

    def calm(self) -> None:
        """Nothing goes wrong any more, but for what never works."""
        self.chaos.is_calm = self.model.is_calm = True

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Life"]:
        """With its workers at work."""
        async with opened(self.container, OPENED), anyio.create_task_group() as tasks:
            tasks.start_soon(self._work)
            try:
                yield self
            finally:
                self.chaos.is_over = True
                tasks.cancel_scope.cancel()

    async def _work(self) -> None:
        with self._scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(jobs(self.container).run)
                tasks.start_soon(deliveries(self.container).run)

    def _put(self, name: str, adapter: Any) -> None:
        getattr(self.container, name).override(providers.Object(adapter))


class LongWaits:
    """A job queue that nobody else puts work into: it need not be looked at every few seconds."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue
        for name in ("enqueue", "claim", "extend", "remember", "recall", "complete", "fail"):
            setattr(self, name, getattr(queue, name))
        for name in ("dead_letters", "revive", "forget"):
            setattr(self, name, getattr(queue, name))

    async def __aenter__(self) -> Any:
        if hasattr(self._queue, "__aenter__"):
            await self._queue.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        if hasattr(self._queue, "__aexit__"):
            await self._queue.__aexit__(*error)

    async def wait(self, *, at_most: timedelta) -> None:
        """Waits for longer than it is asked to."""
        await self._queue.wait(at_most=max(at_most, timedelta(hours=1)))


class Gateway:
    """Plugins elsewhere: one works, one works now and then, one never does."""

    def __init__(self, chaos: Chaos, told: Told) -> None:
        shaky = Faults(fails=0.3, half_done=0.1, hangs=0.02, crashes=0.0005)
        faults = dict(zip(HOOKS, (RARE, shaky, Faults(fails=1.1)), strict=True))
        self._ways = {name: chaos.around(Hook(told), name, fault) for name, fault in faults.items()}
        self._chaos = chaos
        self.by_plugin = FakePluginGateway()
        self.by_plugin.tell_memory = self._tell_memory  # type: ignore[method-assign]

    async def _tell_memory(self, call: PluginCall, memory: Memory) -> PluginReply:
        if self._chaos.is_calm and call.plugin == HOOKS[-1]:
            self._chaos.is_calm = False
            try:
                return await self._ways[call.plugin].tell_memory(call, memory)
            finally:
                self._chaos.is_calm = True
        return await self._ways[call.plugin].tell_memory(call, memory)


class Hook:
    """The other side of a webhook."""

    def __init__(self, told: Told) -> None:
        self._told = told

    async def tell_memory(self, call: PluginCall, memory: Memory) -> PluginReply:
        """Notes that it was told."""
        self._told(call.user, call.plugin, memory.id)
        return PluginReply()


def _plugin(name: PluginId) -> Plugin:
    hook = ExternalIntegration(trigger=Trigger.MEMORY_CREATION, webhook_url=f"https://{name}.example/hook")
    capabilities = frozenset({Capability.EXTERNAL_INTEGRATION})
    return Plugin(id=name, name=name.title(), capabilities=capabilities, external=hook)
