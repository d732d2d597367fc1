"""A prompt that somebody writes for a plugin, tried on a conversation."""

import anyio

from application.plugins.run_plugins import PROMPT_SECONDS, PluginPrompt
from domain.ids import PluginId
from domain.memory import Memory
from domain.plugin import Capability, Plugin
from ports.errors import AdapterError, TemporarilyUnavailable

UNDER_TRIAL = "the prompt that is tried"


class TryPrompt:
    """Does what happens when a memory is made, for one prompt, and keeps nothing of it."""

    def __init__(self, *, prompt: PluginPrompt) -> None:
        self._prompt = prompt

    async def on(self, memory: Memory, prompt: str) -> str:
        """What the prompt makes of a memory; empty where it has nothing to say.

        Raises:
            TemporarilyUnavailable: no model answered in time.
        """
        plugin = Plugin(
            id=PluginId("trial"), name=UNDER_TRIAL, capabilities=frozenset({Capability.MEMORIES}), memory_prompt=prompt
        )
        try:
            with anyio.fail_after(PROMPT_SECONDS):
                return await self._prompt(plugin, memory)
        except (AdapterError, TimeoutError) as error:
            raise TemporarilyUnavailable("no language model answered") from error
