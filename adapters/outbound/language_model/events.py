"""What takes place when: words for events next to times that are still to come.

Rules, not learned. Left out is what is over, what happens every week, what was only wished for, called off or declined.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from msgspec import Struct, structs

from adapters.outbound.language_model.commitment_patterns import REFUSAL
from adapters.outbound.language_model.event_titles import title_around, title_before, title_of_due
from adapters.outbound.language_model.event_words import (
    CALLED_OFF,
    DAYTIME,
    DEADLINE_BEFORE,
    DOING,
    EVENING,
    OVER,
    REPEATED,
    SEEING,
    STILL,
    TAKING_PLACE,
    THING,
    UNCERTAIN,
)
from adapters.outbound.language_model.statements import Statement, content_of, replies
from domain.dates import Granularity, TimeExpression, time_expressions
from domain.memory import CalendarEvent
from domain.transcript import TranscriptSegment

MOST = 10
USUAL, LONGEST = 30, 180
"""Minutes."""
NEAR = 70
"""Characters between the words for an event and its time, at most."""
_CLOCK = frozenset((Granularity.MINUTE, Granularity.HOUR, Granularity.SPAN))
_DATED = frozenset((*_CLOCK, Granularity.PART_OF_DAY, Granularity.DAY))
_LASTING = re.compile(r"\bfor (an?|one|two|three|half an) (hour|hours|minutes)\b|\b(\d{1,3})[- ]minutes?\b")
_HOURS = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "half an": 0.5}
_EVENING_HOURS = range(5, 11)


class _Place(Struct, frozen=True):
    """Where the words for an event stand."""

    first: int
    behind: int


def events_of(
    segments: Sequence[TranscriptSegment], statements: Sequence[Statement], *, now: datetime
) -> tuple[CalendarEvent, ...]:
    """At most ten events in order of time.

    Args:
        segments: of an English talk.
        statements: of that talk.
        now: aware, in the user's zone, when it took place.
    """
    found = [
        structs.replace(event, evidence=tuple(segments[index].id for index in where))
        for place, said in enumerate(statements)
        for event, where in _in_statement(place, said, statements, now)
    ]
    return tuple(sorted(_different(found), key=lambda event: event.start)[:MOST])


def _in_statement(
    place: int, said: Statement, statements: Sequence[Statement], now: datetime
) -> Iterator[tuple[CalendarEvent, tuple[int, ...]]]:
    if _is_none(said) or _is_declined(place, statements):
        return
    words, asked = _mentions(said), _asked(place, statements)
    for expression in time_expressions(said.text, now):
        before = said.small[: expression.first]
        if not _is_to_come(expression, now) or (DEADLINE_BEFORE.search(before) and "due" not in before):
            continue
        title = _title_near(said, words, expression)
        if title:
            yield _event(title, said, expression), (said.segment,)
        elif asked is not None and not words:
            title = _title(asked, _mentions(asked)[0])
            if title:
                yield _event(title, said, expression), (asked.segment, said.segment)


def _asked(place: int, statements: Sequence[Statement]) -> Statement | None:
    """The question about an event that a statement answers."""
    asked = statements[place - 1] if place else None
    if asked is None or not asked.is_question or asked.voice == statements[place].voice:
        return None
    return asked if _mentions(asked) and not _is_none(asked) else None


def _title_near(said: Statement, words: Sequence[_Place], expression: TimeExpression) -> str:
    """Of the words for events the nearest, or what is said to be at that time."""
    near = [one for one in words if _apart(one, expression) <= NEAR]
    if near:
        return _title(said, min(near, key=lambda one: _apart(one, expression)))
    being = TAKING_PLACE.search(said.small[: expression.first])
    return title_before(said.text[: being.start()]) if being else ""


def _mentions(said: Statement) -> list[_Place]:
    things = [_Place(*match.span()) for match in THING.finditer(said.small)]
    seen = [_Place(*match.span(1 if match[1] else 2)) for match in SEEING.finditer(said.small)]
    if things or seen:
        return [*things, *seen]
    return [_Place(*match.span()) for match in DOING.finditer(said.small)]


def _title(said: Statement, where: _Place) -> str:
    words = said.small[where.first : where.behind]
    if words in {"see you", "have plans"} or words.startswith("pick "):
        return ""
    if words == "due":
        return title_of_due(said, behind=where.first)
    return title_around(said, first=where.first, behind=where.behind)


def _is_none(said: Statement) -> bool:
    over = OVER.search(said.small) and not STILL.search(said.small)
    patterns = (REPEATED, UNCERTAIN, CALLED_OFF)
    return bool(over) or any(pattern.search(said.small) for pattern in patterns)


def _is_declined(place: int, statements: Sequence[Statement]) -> bool:
    """What was only asked needs a yes; a no ends it."""
    if not statements[place].is_question:
        return False
    answer = next(replies(statements, place, within=1), None)
    return answer is None or answer.is_question or bool(REFUSAL.search(answer.small) or CALLED_OFF.search(answer.small))


def _is_to_come(expression: TimeExpression, now: datetime) -> bool:
    if expression.granularity not in _DATED:
        return False
    if expression.granularity is Granularity.SPAN and not _is_meeting_long(expression):
        return False
    return expression.start > now or (expression.end > now and expression.granularity not in _CLOCK)


def _is_meeting_long(expression: TimeExpression) -> bool:
    return expression.end - expression.start <= timedelta(hours=12) and expression.start.time() != time()


def _event(title: str, said: Statement, expression: TimeExpression) -> CalendarEvent:
    if expression.granularity not in _CLOCK:
        midnight = datetime.combine(expression.start.date(), time(), tzinfo=expression.start.tzinfo)
        return CalendarEvent(title=title, start=midnight, all_day=True)
    start = expression.start
    if start.hour in _EVENING_HOURS and EVENING.search(said.small) and not DAYTIME.search(said.small):
        start = start.replace(hour=start.hour + 12)
    return CalendarEvent(title=title, start=start, duration=_minutes(said, expression))


def _minutes(said: Statement, expression: TimeExpression) -> int:
    if expression.granularity is Granularity.SPAN:
        return min(int((expression.end - expression.start).total_seconds() // 60), LONGEST)
    lasting = _LASTING.search(said.small)
    if lasting is None:
        return USUAL
    minutes = int(lasting[3]) if lasting[3] else int(60 * _HOURS[lasting[1]]) if lasting[2] != "minutes" else USUAL
    return max(min(minutes, LONGEST), 1)


def _apart(words: _Place, expression: TimeExpression) -> int:
    return max(expression.first - words.behind, words.first - expression.behind, 0)


def _different(found: Sequence[CalendarEvent]) -> list[CalendarEvent]:
    """What is spoken of again is one event: with the time of the day, if that was said once."""
    kept: list[CalendarEvent] = []
    for event in sorted(found, key=lambda event: (event.all_day, -len(event.title))):
        same = next((place for place, other in enumerate(kept) if _is_same(event, other)), None)
        if same is None:
            kept.append(event)
        else:
            both = dict.fromkeys((*kept[same].evidence, *event.evidence))
            kept[same] = structs.replace(kept[same], evidence=tuple(both))
    return kept


def _is_same(event: CalendarEvent, other: CalendarEvent) -> bool:
    same_time = event.start == other.start or (
        event.start.date() == other.start.date() and (event.all_day or other.all_day)
    )
    return same_time and bool(content_of(event.title) & content_of(other.title))
