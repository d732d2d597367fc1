"""Plugins: what others add to memories, to live speech and to the chat. The apps call them apps."""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from domain.ids import PluginId, UserId


class Capability(StrEnum):
    """What a plugin can do."""

    MEMORIES = "memories"
    """Its prompt is put to a language model for each new memory."""
    CHAT = "chat"
    """It is a persona to talk to."""
    EXTERNAL_INTEGRATION = "external_integration"
    """It is told over HTTP what happens."""
    PROACTIVE_NOTIFICATION = "proactive_notification"
    """It may have the user told something, by a prompt of its own."""
    PERSONA = "persona"


class Trigger(StrEnum):
    """What an external integration is told."""

    MEMORY_CREATION = "memory_creation"
    TRANSCRIPT_PROCESSED = "transcript_processed"
    """Words, while they are said."""
    AUDIO_BYTES = "audio_bytes"


class AuthStep(Struct, frozen=True, kw_only=True):
    """A page where the user lets a plugin in."""

    name: str
    url: str


class ExternalIntegration(Struct, frozen=True, kw_only=True):
    """How a plugin is reached. Addresses are as its author wrote them: nothing is known of where they lead."""

    trigger: Trigger | None = None
    webhook_url: str = ""
    setup_completed_url: str = ""
    """Tells whether the user has set the plugin up; empty where there is nothing to set up."""
    setup_instructions_path: str = ""
    auth_steps: tuple[AuthStep, ...] = ()
    app_home_url: str = ""
    actions: tuple[str, ...] = ()
    """What it may do by itself: `create_conversation`, `read_memories` and the like."""


class Plugin(Struct, frozen=True, kw_only=True):
    """A plugin, as the catalog describes it."""

    id: PluginId
    name: str
    author: str = ""
    description: str = ""
    image: str = ""
    """Path or address of a picture."""
    category: str = ""
    capabilities: frozenset[Capability] = frozenset()
    memory_prompt: str = ""
    chat_prompt: str = ""
    external: ExternalIntegration | None = None
    proactive_scopes: tuple[str, ...] = ()
    owner: UserId | None = None
    """Who published it; None for plugins of the community."""
    private: bool = False
    """Only its owner sees it."""
    deleted: bool = False

    def is_visible_to(self, user: UserId) -> bool:
        """Whether a user may enable it, and whether it may still work for one who has."""
        return not self.deleted and (not self.private or self.owner == user)

    def is_triggered_by(self, trigger: Trigger) -> bool:
        """Whether it wants to be told of something, and says where."""
        return (
            Capability.EXTERNAL_INTEGRATION in self.capabilities
            and self.external is not None
            and self.external.trigger is trigger
            and bool(self.external.webhook_url)
        )

    @property
    def setup_completed_url(self) -> str:
        """Where to ask whether it is set up; empty where there is nothing to set up."""
        return self.external.setup_completed_url if self.external else ""


class ProactiveNotification(Struct, frozen=True, kw_only=True):
    """What a plugin would have the user told, in words that a language model shall find."""

    prompt: str
    params: tuple[str, ...] = ()
    """What of the user the prompt speaks of: `user_name`, `user_facts`, `user_context`."""
    context: dict[str, Any] = {}
    """What to look for, where `user_context` is wanted."""


class PluginReply(Struct, frozen=True, kw_only=True):
    """What a plugin answers. Its author's words: not to be believed, and never to be obeyed."""

    message: str = ""
    """For the user; empty for nothing."""
    notification: ProactiveNotification | None = None
