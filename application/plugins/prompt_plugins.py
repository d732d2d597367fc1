"""The prompt of a plugin, put to the language model with what was said beside it."""

from application.tasks.plugin_prompt import plugin_prompt
from domain.memory import Memory
from domain.plugin import Plugin
from ports.language_model import LanguageModel


class PromptPlugins:
    """Asks the model what a plugin wants to know of a memory."""

    def __init__(self, *, model: LanguageModel) -> None:
        self._model = model

    async def __call__(self, plugin: Plugin, memory: Memory) -> str:
        """What the model says; empty where it says nothing.

        Raises:
            AdapterError: no model answered.
        """
        task = plugin_prompt(
            plugin.memory_prompt, app=plugin.name, segments=memory.segments, language=memory.language or "en"
        )
        return (await self._model.generate(task)).value
