"""A plugin that did not do its part, for the log."""

from collections.abc import Callable
from typing import TypedDict

from application.jobs.job_failure import reason_of
from domain.ids import PluginId, UserId


class PluginFailure(TypedDict):
    """What failed. Holds no content: of an unexpected error only its type."""

    plugin: PluginId
    user: UserId
    occasion: str
    """What the plugin was to do: `prompt`, `transcript_processed` and the like."""
    reason: str


Report = Callable[[PluginFailure], None]


def failure_of(error: Exception, *, plugin: PluginId, user: UserId, occasion: str) -> PluginFailure:
    """An error as the log has it."""
    return PluginFailure(plugin=plugin, user=user, occasion=occasion, reason=reason_of(error))
