"""Plugins and all that runs them, over stores in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from adapters.outbound.chat_history.memory import InMemoryChatHistory
from adapters.outbound.clock.manual import ManualClock, settle
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.notifier.fake import FakeNotifier
from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from adapters.outbound.plugin_gateway.fake import FakePluginGateway
from application.jobs.run_jobs import RunJobs
from application.memories.deliver_memories import DELIVER_MEMORY, DeliverMemories
from application.plugins.call_plugins import CallPlugins
from application.plugins.count_uses import CountUses
from application.plugins.enabled_plugins import EnabledPlugins
from application.plugins.failed_deliveries import FailedDeliveries
from application.plugins.live_plugins import LivePlugins
from application.plugins.manage_plugins import ManagePlugins
from application.plugins.plugin_failure import PluginFailure
from application.plugins.plugin_replies import PluginReplies, ProactivePrompt
from application.plugins.plugin_reviews import PluginReviews
from application.plugins.run_plugins import PluginPrompt, RunPlugins
from domain.ids import PluginId, UserId
from domain.memory import Memory
from domain.plugin import Capability, ExternalIntegration, Plugin, Trigger
from ports.clock import Clock

ANNA = UserId("anna")


def a_plugin(
    name: str = "echo", *, trigger: Trigger | None = None, url: str = "", setup: str = "", **more: Any
) -> Plugin:
    """A plugin; with a trigger, one that runs elsewhere."""
    if trigger is not None:
        url = url or f"https://{name}.example/hook"
        more.setdefault("capabilities", frozenset({Capability.EXTERNAL_INTEGRATION}))
        more["external"] = ExternalIntegration(trigger=trigger, webhook_url=url, setup_completed_url=setup)
    return Plugin(id=PluginId(name), name=name.title(), **more)


def a_prompt_plugin(name: str = "sum", **more: Any) -> Plugin:
    """A plugin that is a prompt."""
    return a_plugin(name, capabilities=frozenset({Capability.MEMORIES}), memory_prompt="Sum up", **more)


class PluginScene:
    """A server that runs plugins."""

    def __init__(
        self, *, gateway: Any = None, clock: Clock | None = None, proactive: ProactivePrompt | None = None
    ) -> None:
        self.clock: Any = clock or ManualClock()
        self.catalog = InMemoryPluginCatalog()
        self.gateway: Any = gateway or FakePluginGateway()
        self.store = InMemoryKeyValueStore(self.clock)
        self.chat = InMemoryChatHistory()
        self.notifier = FakeNotifier()
        self.queue = InMemoryJobQueue(clock=self.clock)
        self.memories = InMemoryMemoryRepository()
        self.failures: list[PluginFailure] = []
        self.job_failures: list[Any] = []
        self.enabled = EnabledPlugins(store=self.store, catalog=self.catalog)
        self.calls = CallPlugins(clock=self.clock)
        self.replies = PluginReplies(chat=self.chat, notifier=self.notifier, clock=self.clock, proactive=proactive)
        self.uses = CountUses(store=self.store, catalog=self.catalog)
        self.deliveries = DeliverMemories(
            enabled=self.enabled,
            memories=self.memories,
            jobs=self.queue,
            gateway=self.gateway,
            calls=self.calls,
            replies=self.replies,
            uses=self.uses,
        )
        self.failed = FailedDeliveries(jobs=self.queue)
        self.live = LivePlugins(
            enabled=self.enabled,
            gateway=self.gateway,
            calls=self.calls,
            replies=self.replies,
            clock=self.clock,
            report=self.failures.append,
        )
        self.manage = ManagePlugins(
            catalog=self.catalog,
            enabled=self.enabled,
            reviews=PluginReviews(store=self.store, clock=self.clock),
            gateway=self.gateway,
            calls=self.calls,
            clock=self.clock,
        )

    def run_plugins(self, prompt: PluginPrompt) -> RunPlugins:
        return RunPlugins(
            enabled=self.enabled,
            deliveries=self.deliveries,
            prompt=prompt,
            uses=self.uses,
            report=self.failures.append,
        )

    async def enable(self, *plugins: Plugin, user: UserId = ANNA) -> None:
        """Puts plugins into the catalog and enables them."""
        self.catalog.content = (*self.catalog.content, *plugins)
        for plugin in plugins:
            await self.enabled.add(user, plugin.id)

    async def keep(self, memory: Memory, *, user: UserId = ANNA) -> Memory:
        """Stores a memory."""
        await self.memories.save(user, memory)
        return memory

    @asynccontextmanager
    async def working(self, *, workers: int = 4) -> AsyncIterator[None]:
        """With deliveries being made, and live hooks running."""
        jobs = RunJobs(
            queue=self.queue,
            clock=self.clock,
            handlers={DELIVER_MEMORY: self.deliveries.deliver},
            report=self.job_failures.append,
        )
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tasks:
                for _ in range(workers):
                    tasks.start_soon(jobs.run)
                tasks.start_soon(self.live.run)
                await settle()
                yield
                tasks.cancel_scope.cancel()
