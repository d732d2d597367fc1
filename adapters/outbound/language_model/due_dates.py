"""By when something is to be done, as far as sentences say."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from domain.dates import Granularity, TimeExpression, time_expressions

_POINTS = frozenset((Granularity.MINUTE, Granularity.HOUR, Granularity.PART_OF_DAY, Granularity.DAY))
_STRETCHES = frozenset((Granularity.WEEKEND, Granularity.WEEK, Granularity.MONTH, Granularity.SPAN))


def due_of(sentences: Iterable[str], now: datetime | None) -> datetime | None:
    """The first time that is not over, in the zone of `now`; of a week or a month its last day."""
    if now is None:
        return None
    today = datetime.combine(now.date(), time(), tzinfo=now.tzinfo)
    for sentence in dict.fromkeys(sentences):
        for expression in time_expressions(sentence, now):
            when = _deadline(expression)
            if when is not None and when >= today and expression.end > now:
                return when
    return None


def _deadline(expression: TimeExpression) -> datetime | None:
    if expression.granularity in _POINTS:
        return expression.start
    return expression.end - timedelta(days=1) if expression.granularity in _STRETCHES else None
