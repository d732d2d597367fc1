"""When something is meant to be: reckoned from the words that were said, rather than by a model."""

from datetime import datetime

from application.tasks.bounds import plausible
from domain.dates import TimeExpression, time_expressions


def settled(written: datetime | None, *, when: str, said: str, now: datetime | None) -> datetime | None:
    """The moment that was meant; None where none can be told.

    Models copy words well and reckon dates badly. Where the words that they point to were said, name a day and can be
    resolved, the day is theirs; a time of the day that the model adds is kept if it lies within.

    Args:
        written: what the model reckoned, aware.
        when: the words it rests on, as it copied them.
        said: the talk.
        now: when it took place, aware, in the user's zone; None: nothing can be checked.
    """
    if now is None:
        return plausible(written, now=None)
    expression = _spoken(when, said=said, now=now)
    if expression is None or (written is not None and expression.contains(written)):
        return plausible(written, now=now)
    return plausible(expression.start, now=now)


def _spoken(when: str, *, said: str, now: datetime) -> TimeExpression | None:
    """The one time that the words speak of; None where they were not said, or it takes more to understand them."""
    words = " ".join(when.lower().split())
    if not words or words not in " ".join(said.lower().split()):
        return None
    found = time_expressions(words, now)
    return found[0] if len(found) == 1 and found[0].has_day else None
