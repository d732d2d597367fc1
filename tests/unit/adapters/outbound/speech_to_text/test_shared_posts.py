"""What one server learns of a recognizer holds for the others, and the vendor's limit is a limit for all together."""

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.speech_to_text.failover.breaker import FIRST_BENCH, BreakerState
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.failover.post import Post
from adapters.outbound.speech_to_text.failover.shared_posts import FORGOTTEN, SharedPosts
from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from ports.speech_to_text import Terms, TranscriptionRequest, TranscriptionStream


class ForTwo(FakeSpeechToText):
    """Takes two connections at once."""

    terms = Terms(most_sessions=2)


class Servers:
    """Two, with one recognizer each that is the same one."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.values = InMemoryKeyValueStore(clock=self.clock)
        self.one, self.two = Post(ForTwo(), clock=self.clock), Post(ForTwo(), clock=self.clock)
        self._shared = [SharedPosts([post], values=self.values, clock=self.clock) for post in (self.one, self.two)]

    async def tell(self) -> None:
        for _ in range(2):
            for shared in self._shared:
                await shared.share()


@pytest.fixture
def servers() -> Servers:
    return Servers()


async def test_what_fails_at_one_server_is_left_alone_by_all(servers: Servers) -> None:
    servers.one.breaker.failed("gone")
    await servers.tell()
    assert not servers.two.breaker.try_it()
    assert servers.two.breaker.reason == "gone"
    await servers.clock.advance(FIRST_BENCH)
    await servers.tell()
    assert servers.two.breaker.try_it()


async def test_what_works_again_at_one_server_is_tried_by_all(servers: Servers) -> None:
    servers.one.breaker.failed("gone")
    await servers.tell()
    servers.one.breaker.served(opened=servers.clock.monotonic())
    await servers.tell()
    assert servers.two.breaker.try_it()


async def test_what_a_server_was_told_it_does_not_tell_on(servers: Servers) -> None:
    servers.one.breaker.failed("gone")
    await servers.tell()
    assert servers.two.breaker.bench == 0.0


async def test_a_session_without_any_other_choice_may_try_what_others_leave_alone(servers: Servers) -> None:
    servers.one.breaker.failed("gone")
    await servers.tell()
    assert servers.two.breaker.try_for_want_of_better()


async def test_connections_of_all_servers_count(servers: Servers) -> None:
    async with hold(servers.one), hold(servers.two):
        await servers.tell()
        assert servers.two.breaker.state is BreakerState.CLOSED
        assert not servers.two.breaker.try_it()
        assert not servers.one.breaker.try_for_want_of_better()
    await servers.tell()
    assert servers.two.breaker.try_it()


async def test_what_a_server_said_is_forgotten_when_it_is_gone(servers: Servers) -> None:
    gone = SharedPosts([servers.one], values=servers.values, clock=servers.clock)
    here = SharedPosts([servers.two], values=servers.values, clock=servers.clock)
    servers.one.sessions = 2
    await gone.share()
    await here.share()
    assert servers.two.sessions_elsewhere == 2
    await servers.clock.advance(FORGOTTEN.total_seconds())
    await here.share()
    assert servers.two.sessions_elsewhere == 0


async def test_a_chain_shares_what_it_learns_while_it_is_open() -> None:
    clock = ManualClock()
    values = InMemoryKeyValueStore(clock=clock)
    async with (
        FailoverSpeechToText([ForTwo()], clock=clock, values=values) as one,
        FailoverSpeechToText([ForTwo()], clock=clock, values=values) as two,
    ):
        one._posts[0].breaker.failed("gone")
        await clock.advance(3)
        assert two._posts[0].breaker.state is BreakerState.OPEN


class hold:  # noqa: N801 - reads as what it does
    """A connection that stays open."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._opened, self._over = anyio.Event(), anyio.Event()

    async def __aenter__(self) -> None:
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._post.serve, TranscriptionRequest(), self._work)
        await self._opened.wait()

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        await self._tasks.__aexit__(None, None, None)

    async def _work(self, _stream: TranscriptionStream) -> None:
        self._opened.set()
        await self._over.wait()
