"""What plugins make of a new memory: by their prompts here, and by being told of it where they run."""

import re
from collections.abc import Awaitable, Callable

import anyio

from application.jobs.job_failure import TookTooLong
from application.memories.deliver_memories import DeliverMemories
from application.plugins.count_uses import CountUses
from application.plugins.enabled_plugins import EnabledPlugins
from application.plugins.plugin_failure import Report, failure_of
from domain.chat import Message
from domain.ids import PluginId, UserId
from domain.memory import Memory, PluginResult
from domain.plugin import Capability, Plugin
from domain.plugin_use import UseKind
from ports.errors import AdapterError

PluginPrompt = Callable[[Plugin, Memory], Awaitable[str]]
"""What a language model makes of a memory by the prompt of a plugin; empty for nothing. What people said in the
memory is not to be obeyed."""

PreferredApp = Callable[[UserId], Awaitable[str]]
"""Id of the plugin whose result a user wants first; empty for none. Raises TemporarilyUnavailable."""

PROMPTS_AT_ONCE = 8
PROMPT_SECONDS = 20.0
"""For one prompt. A model that takes longer leaves the result of this plugin out."""
SHORTEST, LONGEST = 5, 10_000
"""Characters of a result that is kept, and where longer ones are cut off."""
PATIENCE = 10.0
"""Seconds that whoever makes a memory by hand waits for what plugins say."""
_FENCE = re.compile(r"^```[\w-]*\n?|\n?```$")


class RunPlugins:
    """Runs the plugins that a user has enabled. One that fails or hangs is left out, and disturbs no other."""

    def __init__(
        self,
        *,
        enabled: EnabledPlugins,
        deliveries: DeliverMemories,
        prompt: PluginPrompt,
        uses: CountUses,
        report: Report,
        preferred: PreferredApp | None = None,
    ) -> None:
        """Keeps what it works with.

        Args:
            enabled: who wants to be run.
            deliveries: tells plugins that run elsewhere.
            prompt: puts the prompt of a plugin to a language model.
            uses: counts what prompts made.
            report: told of each plugin that failed.
            preferred: whose result comes first; None for nobody's.
        """
        self._preferred = preferred
        self._enabled = enabled
        self._deliveries = deliveries
        self._prompt = prompt
        self._uses = uses
        self._report = report

    async def results(self, user: UserId, memory: Memory) -> tuple[PluginResult, ...]:
        """What the prompts of plugins make of a memory, by plugin id, that of the preferred one first.

        Nothing for a memory that is discarded.

        Raises:
            TemporarilyUnavailable: it cannot be told which plugins are enabled.
        """
        if memory.discarded:
            return ()
        plugins = [plugin for plugin in await self._enabled.of(user) if _has_prompt(plugin)]
        found: dict[PluginId, str] = {}
        places = anyio.Semaphore(PROMPTS_AT_ONCE)

        async def ask(plugin: Plugin) -> None:
            async with places:
                found[plugin.id] = _tidy(await self._asked(user, plugin, memory))

        async with anyio.create_task_group() as tasks:
            for plugin in plugins:
                tasks.start_soon(ask, plugin)
        kept = {plugin: content for plugin, content in found.items() if len(content) >= SHORTEST}
        for made in kept:
            await self._count(user, made, memory)
        first = await self._preferred(user) if self._preferred and len(kept) > 1 else ""
        ordered = sorted(kept, key=lambda plugin: (plugin != first, plugin))
        return tuple(PluginResult(plugin_id=plugin, content=kept[plugin]) for plugin in ordered)

    async def memory_created(self, user: UserId, memory: Memory) -> None:
        """Has plugins told of a memory that was stored. Returns when that is written down; harmless when repeated.

        Raises:
            TemporarilyUnavailable: some of it could not be written down; try again.
        """
        await self._deliveries.hand_in(user, memory)

    async def messages(self, user: UserId, memory: Memory, *, patience: float = PATIENCE) -> tuple[Message, ...]:
        """Has plugins told of a memory that was stored, and waits a while for what they say.

        Raises:
            TemporarilyUnavailable: some of it could not be written down; try again.
        """
        return await self._deliveries.told(user, memory, patience=patience)

    async def _count(self, user: UserId, plugin: PluginId, memory: Memory) -> None:
        """No memory fails because something was not counted."""
        try:
            await self._uses.count(plugin, UseKind.PROMPT, of=memory.id, at=memory.created_at)
        except AdapterError as error:
            self._report(failure_of(error, plugin=plugin, user=user, occasion="count"))

    async def _asked(self, user: UserId, plugin: Plugin, memory: Memory) -> str:
        try:
            with anyio.fail_after(PROMPT_SECONDS):
                return await self._prompt(plugin, memory)
        except TimeoutError:
            failure: Exception = TookTooLong(f"after {PROMPT_SECONDS:g} s")
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one plugin must not end the others
            failure = error
        self._report(failure_of(failure, plugin=plugin.id, user=user, occasion="prompt"))
        return ""


def _has_prompt(plugin: Plugin) -> bool:
    return Capability.MEMORIES in plugin.capabilities and bool(plugin.memory_prompt.strip())


def _tidy(text: str) -> str:
    """The text without the fence that models like to put around it."""
    return _FENCE.sub("", _FENCE.sub("", text.strip())).strip()[:LONGEST]
