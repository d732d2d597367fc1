"""Times as whole numbers that databases sort."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Microseconds from the start of 1970, exact; negative before. `moment` is aware."""
    return (moment - _EPOCH) // _MICROSECOND
