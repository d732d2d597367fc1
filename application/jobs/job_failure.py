"""What becomes of an attempt that failed."""

from enum import StrEnum
from typing import TypedDict

from domain.errors import BusinessError
from domain.ids import JobId, UserId
from ports.errors import AdapterError, Rejected


class Reason(StrEnum):
    """Why an attempt failed. The reason of a dead letter begins with one of these and a colon."""

    REFUSED = "refused"
    """What was asked for cannot be done; another attempt would change nothing."""
    UNAVAILABLE = "unavailable"
    """Something outside did not do its part."""
    TOO_SLOW = "too_slow"
    """The attempt was cut off."""
    CRASHED = "crashed"
    """The handler raised what it should not have, or the process ended under it each time."""


class Outcome(StrEnum):
    """What becomes of the work."""

    RETRY = "retry"
    DEAD = "dead"
    LEASE_LOST = "lease_lost"
    """Another worker has it now."""
    NOTICE_FAILED = "notice_failed"
    """It is dead, and telling so failed."""
    QUEUE_UNAVAILABLE = "queue_unavailable"
    """What became of it cannot be noted; it comes back when its lease has run out."""


class JobFailure(TypedDict):
    """An attempt that failed, for the log. Holds no content: of an unexpected error only its type."""

    outcome: Outcome
    reason: str
    job_id: JobId
    job_kind: str
    user: UserId
    attempt: int


class TookTooLong(Exception):
    """An attempt was cut off."""


class LeaseLost(Exception):
    """Somebody else does this job now. Handlers let it through."""


def reason_of(error: Exception) -> str:
    """Why an attempt failed, without anything that was said or is secret."""
    match error:
        case BusinessError():
            return f"{Reason.REFUSED}: {error.code}"
        case Rejected():
            return f"{Reason.REFUSED}: {error}"
        case AdapterError():
            return f"{Reason.UNAVAILABLE}: {error}"
        case TookTooLong():
            return f"{Reason.TOO_SLOW}: {error}"
        case _:
            return f"{Reason.CRASHED}: {type(error).__name__}"


def is_final(error: Exception) -> bool:
    """Whether another attempt would change nothing."""
    return isinstance(error, BusinessError | Rejected)


def single(error: Exception) -> Exception:
    """The error itself, where a handler's task group wrapped just one."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
