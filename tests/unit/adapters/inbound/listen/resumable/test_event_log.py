import anyio
import anyio.lowlevel
from hypothesis import given
from hypothesis import strategies as st

from adapters.inbound.listen.resumable.event_log import EventLog
from adapters.outbound.clock.manual import ManualClock


def a_log(**bounds: int) -> EventLog:
    return EventLog(clock=ManualClock(), **bounds)


def texts(log: EventLog, *, since: int) -> list[str] | None:
    found = log.since(since)
    return None if found is None else [event.text for event in found]


@given(st.lists(st.one_of(st.none(), st.integers(0, 10)), max_size=80))
def test_a_client_that_is_cut_off_anywhere_has_every_event_once_in_order(steps: list[int | None]) -> None:
    """None: something happens. A number: a client comes and takes so many events before it is cut off."""
    log, said, has = a_log(), [], 0
    heard: list[tuple[int, str]] = []
    for step in steps:
        if step is None:
            said.append(f"event {len(said)}")
            log.append(said[-1])
        else:
            for event in (log.since(has) or [])[:step]:
                heard.append((event.number, event.text))
                has = event.number
    heard += [(event.number, event.text) for event in log.since(has) or []]
    assert heard == list(enumerate(said, start=1))


@given(st.lists(st.text(max_size=20), max_size=60), st.integers(1, 20), st.integers(1, 200), st.integers(0, 70))
def test_what_is_told_is_whole_or_nothing(events: list[str], most_events: int, most_bytes: int, has: int) -> None:
    log = a_log(most_events=most_events, most_bytes=most_bytes)
    for event in events:
        log.append(event)
    assert texts(log, since=has) in (None, events[has:])
    if has > len(events):
        assert log.since(has) is None


def test_only_so_many_are_kept() -> None:
    log = a_log(most_events=3)
    for number in range(5):
        log.append(str(number))
    assert texts(log, since=1) is None
    assert texts(log, since=2) == ["2", "3", "4"]


def test_only_so_many_bytes_are_kept() -> None:
    log = a_log(most_bytes=10)
    log.append("12345678")
    log.append("123")
    assert texts(log, since=0) is None
    assert texts(log, since=1) == ["123"]


async def test_only_the_last_minutes_are_kept() -> None:
    clock = ManualClock()
    log = EventLog(clock=clock, longest=60)
    log.append("early")
    await clock.advance(40)
    log.append("late")
    await clock.advance(40)
    assert texts(log, since=0) is None
    assert texts(log, since=1) == ["late"]


async def test_who_waits_is_woken_by_an_event_and_by_the_end() -> None:
    log, woken = a_log(), []

    async def wait() -> None:
        await log.wait(behind=0)
        woken.append("event")
        await log.wait(behind=1)
        woken.append("end")

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.lowlevel.checkpoint()
            log.append("something")
            while not woken:
                await anyio.lowlevel.checkpoint()
            log.close()
    assert woken == ["event", "end"]


def test_nothing_is_added_to_a_log_that_is_closed() -> None:
    log = a_log()
    log.close()
    log.append("late")
    assert log.last == 0
