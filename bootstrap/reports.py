"""What went wrong in the background, as lines of the log. Never what was said."""

import structlog

from application.days.call_days import MissedDay
from application.jobs.job_failure import JobFailure
from application.plugins.plugin_failure import PluginFailure

log = structlog.get_logger()


def tell_job_failure(failure: JobFailure) -> None:
    """One attempt at a job failed."""
    log.warning("job_failed", **failure)


def tell_plugin_failure(failure: PluginFailure) -> None:
    """A plugin did not do what it was asked."""
    log.warning("plugin_failed", **failure)


def tell_identification_failure(reason: str) -> None:
    """Nobody can tell who speaks for now."""
    log.warning("identification_failed", reason=reason)


def tell_missed_day(missed: MissedDay) -> None:
    """A user was not told of their day."""
    log.warning("day_missed", **{name: str(getattr(missed, name)) for name in missed.__struct_fields__})
