"""Ids of work that say whose it is."""

from domain.ids import JobId, UserId


def names(job: JobId, user: UserId) -> bool:
    """Whether an id names a user behind the kind of the work: `<kind>:<user>:...`."""
    return job.partition(":")[2].startswith(f"{user}:")
