"""Plugins as the apps of 2025 read them, and what they offer to choose from."""

from typing import Any

from msgspec import Struct, field

from adapters.inbound.http.plugins_wire import WirePlugin, plugin_to_wire
from application.plugins.manage_plugins import ListedPlugin
from domain.plugin import Capability


class WireApp(WirePlugin, kw_only=True):
    """An app with every key that newer clients read beside those of a plugin."""

    uid: str | None
    approved: bool = True
    status: str = "approved"
    is_paid: bool = False
    is_user_paid: bool = False
    price: float = 0.0
    payment_plan: str | None = None
    payment_link: str | None = None
    usage_count: int = 0
    money_made: float = 0.0
    thumbnails: list[str] = field(default_factory=list)
    thumbnail_urls: list[str] = field(default_factory=list)
    proactive_notification: dict[str, Any] | None
    persona_prompt: str | None = None
    username: str | None = None
    is_popular: bool = False


class Choice(Struct, frozen=True):
    """Something to choose."""

    title: str
    id: str


CATEGORIES = [
    Choice("Conversation Analysis", "conversation-analysis"),
    Choice("Personality Emulation", "personality-emulation"),
    Choice("Health and Wellness", "health-and-wellness"),
    Choice("Education and Learning", "education-and-learning"),
    Choice("Communication Improvement", "communication-improvement"),
    Choice("Emotional and Mental Support", "emotional-and-mental-support"),
    Choice("Productivity and Organization", "productivity-and-organization"),
    Choice("Entertainment and Fun", "entertainment-and-fun"),
    Choice("Financial", "financial"),
    Choice("Travel and Exploration", "travel-and-exploration"),
    Choice("Safety and Security", "safety-and-security"),
    Choice("Shopping and Commerce", "shopping-and-commerce"),
    Choice("Social and Relationships", "social-and-relationships"),
    Choice("News and Information", "news-and-information"),
    Choice("Utilities and Tools", "utilities-and-tools"),
    Choice("Other", "other"),
]
CAPABILITIES = [
    Choice("Chat", Capability.CHAT.value),
    Choice("Conversations", Capability.MEMORIES.value),
    Choice("External Integration", Capability.EXTERNAL_INTEGRATION.value),
    Choice("Notification", Capability.PROACTIVE_NOTIFICATION.value),
]


def app_to_wire(listed: ListedPlugin) -> WireApp:
    """A plugin as newer clients read it."""
    plugin, wire = listed.plugin, plugin_to_wire(listed)
    fields = {name: getattr(wire, name) for name in WirePlugin.__struct_fields__}
    scopes = {"scopes": list(plugin.proactive_scopes)} if plugin.proactive_scopes else None
    return WireApp(**fields, uid=plugin.owner, proactive_notification=scopes)
