"""What an answer may refer to: the messages before, who answers, and what is known of the user."""

from collections.abc import Sequence
from itertools import takewhile

from domain.chat import Message, Sender
from domain.fact import Fact
from domain.ids import PluginId
from domain.plugin import Plugin

HISTORY = 10
"""Messages before the new one that an answer may refer to."""


def persona_of(plugin: Plugin) -> str:
    """How a plugin wants to sound."""
    prompt = plugin.chat_prompt or plugin.memory_prompt
    return "\n".join(part for part in (f"You are {plugin.name}.", plugin.description, prompt) if part)


def history_for(plugin_id: PluginId | None, newest_first: Sequence[Message]) -> tuple[Message, ...]:
    """The messages, newest first, that belong to the talk with a plugin: up to what another one answered."""
    return tuple(
        takewhile(lambda one: one.sender is not Sender.AI or one.plugin_id == plugin_id, newest_first[:HISTORY])
    )


def told(newest_first: Sequence[Message]) -> str:
    """Messages to read, oldest first."""
    names = {Sender.AI: "Assistant", Sender.HUMAN: "User"}
    return "\n".join(f"{names[message.sender]}: {message.text}" for message in reversed(newest_first))


def dated(fact: Fact) -> str:
    """A fact; of one that is over, until when it held: the newer one stands behind it."""
    if fact.valid_to is None:
        return fact.content
    return f"{fact.content} (until {fact.valid_to:%B %-d, %Y}; not any more)"
