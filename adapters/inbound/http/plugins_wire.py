"""Plugins as the apps read them: every key that they cast, and doubles where they cast to double."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from application.plugins.failed_deliveries import FailedDelivery
from application.plugins.manage_plugins import ListedPlugin
from domain.plugin import ExternalIntegration
from domain.plugin_rating import Review


class WireAuthStep(Struct, kw_only=True):
    """A page where the user lets a plugin in."""

    name: str
    url: str


class WireAction(Struct, kw_only=True):
    """Something that a plugin may do by itself."""

    action: str


class WireIntegration(Struct, kw_only=True):
    """How a plugin is reached."""

    triggers_on: str | None
    webhook_url: str
    setup_completed_url: str | None
    setup_instructions_file_path: str
    auth_steps: list[WireAuthStep]
    app_home_url: str | None
    actions: list[WireAction]
    """What it may do for a user who enables it."""


class WireReview(Struct, kw_only=True):
    """What the caller thinks of a plugin."""

    uid: str
    rated_at: datetime
    score: float
    review: str


class WirePlugin(Struct, kw_only=True):
    """A plugin with every key that any of the apps reads."""

    id: str
    name: str
    author: str
    description: str
    image: str
    category: str
    capabilities: list[str]
    memory_prompt: str | None
    chat_prompt: str | None
    external_integration: WireIntegration | None
    reviews: list[Any] = []
    """Always empty: who thinks what is nobody else's business."""
    user_review: WireReview | None
    rating_avg: float | None
    rating_count: int
    enabled: bool
    deleted: bool
    private: bool
    trigger_workflow_memories: bool = True
    installs: int = 0


class WireDelivery(Struct, kw_only=True):
    """A memory that did not reach a plugin."""

    id: str
    plugin_id: str
    memory_id: str
    attempts: int
    reason: str
    failed_at: datetime


def plugin_to_wire(listed: ListedPlugin) -> WirePlugin:
    """A plugin as the apps read it."""
    plugin = listed.plugin
    return WirePlugin(
        id=plugin.id,
        name=plugin.name,
        author=plugin.author,
        description=plugin.description,
        image=plugin.image,
        category=plugin.category,
        capabilities=sorted(plugin.capabilities),
        memory_prompt=plugin.memory_prompt or None,
        chat_prompt=plugin.chat_prompt or None,
        external_integration=_integration(plugin.external) if plugin.external else None,
        user_review=_review(listed.own_review) if listed.own_review else None,
        rating_avg=listed.rating.average,
        rating_count=listed.rating.count,
        enabled=listed.is_enabled,
        deleted=plugin.deleted,
        private=plugin.private,
    )


def delivery_to_wire(failed: FailedDelivery) -> WireDelivery:
    """A delivery that was given up."""
    return WireDelivery(
        id=failed.id,
        plugin_id=failed.plugin_id,
        memory_id=failed.memory_id,
        attempts=failed.attempts,
        reason=failed.reason,
        failed_at=failed.failed_at.astimezone(UTC),
    )


def _integration(external: ExternalIntegration) -> WireIntegration:
    return WireIntegration(
        triggers_on=external.trigger,
        webhook_url=external.webhook_url,
        setup_completed_url=external.setup_completed_url or None,
        setup_instructions_file_path=external.setup_instructions_path,
        auth_steps=[WireAuthStep(name=step.name, url=step.url) for step in external.auth_steps],
        app_home_url=external.app_home_url or None,
        actions=[WireAction(action=action) for action in external.actions],
    )


def _review(review: Review) -> WireReview:
    rated_at = review.rated_at or datetime.fromtimestamp(0, UTC)  # apps cannot do without
    return WireReview(uid=review.user, rated_at=rated_at.astimezone(UTC), score=float(review.score), review=review.text)
