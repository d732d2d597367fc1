"""Sessions, added up."""

from application.listening.live_sessions import LiveSessions, SessionCounts
from ports.measures import Sample


class Talk:
    """A session."""

    is_behind = True

    def __init__(self, counts: SessionCounts) -> None:
        self.counts = counts


async def values(sessions: LiveSessions) -> dict[str, float]:
    return {measure.name: measure.samples[0].value for measure in await sessions.measures()}


async def test_a_session_is_counted_while_it_goes_on_and_after() -> None:
    sessions, first, second = LiveSessions(), Talk(SessionCounts(packets=5, words=2)), Talk(SessionCounts(packets=1))
    with sessions.following(first):
        with sessions.following(second):
            found = await values(sessions)
            assert (found["sessions_live"], found["sessions_behind"], found["packets"]) == (2, 2, 6)
        first.counts = SessionCounts(packets=7, words=3, samples=32_000)
        found = await values(sessions)
        assert (found["sessions_live"], found["packets"], found["session_seconds"]) == (1, 8, 2.0)
    found = await values(sessions)
    assert (found["sessions_live"], found["sessions_opened"], found["packets"], found["final_words"]) == (0, 2, 8, 3)


async def test_without_sessions_all_is_nothing() -> None:
    assert all(measure.samples == (Sample(0),) for measure in await LiveSessions().measures())
