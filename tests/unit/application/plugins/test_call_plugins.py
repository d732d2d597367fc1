import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock, settle
from application.plugins.call_plugins import CallLimits, CallPlugins, LeftAlone
from domain.ids import PluginId, UserId
from ports.errors import Rejected, TemporarilyUnavailable

ANNA, ECHO = UserId("anna"), PluginId("echo")


async def fine() -> str:
    return "fine"


async def fail() -> str:
    raise TemporarilyUnavailable("failed")


async def refuse() -> str:
    raise Rejected("refused")


async def failed(calls: CallPlugins, times: int) -> None:
    for _ in range(times):
        with pytest.raises(TemporarilyUnavailable):
            await calls.call(ECHO, ANNA, fail)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def calls(clock: ManualClock) -> CallPlugins:
    return CallPlugins(clock=clock)


async def test_a_plugin_that_fails_five_times_within_a_minute_is_left_alone(calls: CallPlugins) -> None:
    await failed(calls, 5)
    with pytest.raises(LeftAlone):
        await calls.call(ECHO, ANNA, fine)
    assert await calls.call(PluginId("other"), ANNA, fine) == "fine"


async def test_failures_that_lie_far_apart_do_not_add_up(calls: CallPlugins, clock: ManualClock) -> None:
    for _ in range(10):
        await failed(calls, 1)
        await clock.advance(16)
    assert await calls.call(ECHO, ANNA, fine) == "fine"


async def test_an_answer_in_between_makes_good(calls: CallPlugins) -> None:
    for _ in range(3):
        await failed(calls, 4)
        await calls.call(ECHO, ANNA, fine)


async def test_refusals_are_not_failures(calls: CallPlugins) -> None:
    for _ in range(10):
        with pytest.raises(Rejected):
            await calls.call(ECHO, ANNA, refuse)
    assert await calls.call(ECHO, ANNA, fine) == "fine"


async def test_after_five_minutes_one_call_finds_out(calls: CallPlugins, clock: ManualClock) -> None:
    await failed(calls, 5)
    await clock.advance(299)
    with pytest.raises(LeftAlone):
        await calls.call(ECHO, ANNA, fine)
    await clock.advance(1)
    answered = anyio.Event()

    async def slow() -> str:
        await answered.wait()
        return "fine"

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(calls.call, ECHO, ANNA, slow)
        await settle()
        with pytest.raises(LeftAlone):
            await calls.call(ECHO, ANNA, fine)
        answered.set()
    assert await calls.call(ECHO, ANNA, fine) == "fine"


async def test_a_plugin_that_is_still_in_trouble_is_left_alone_again(calls: CallPlugins, clock: ManualClock) -> None:
    await failed(calls, 5)
    await clock.advance(300)
    await failed(calls, 1)
    await clock.advance(299)
    with pytest.raises(LeftAlone):
        await calls.call(ECHO, ANNA, fine)
    await clock.advance(1)
    assert await calls.call(ECHO, ANNA, fine) == "fine"


async def test_a_call_that_is_cancelled_while_it_finds_out_lets_the_next_one_try(
    calls: CallPlugins, clock: ManualClock
) -> None:
    await failed(calls, 5)
    await clock.advance(300)
    with anyio.move_on_after(0.01):
        await calls.call(ECHO, ANNA, anyio.sleep_forever)
    assert await calls.call(ECHO, ANNA, fine) == "fine"


@pytest.mark.parametrize(("plugins", "users", "most"), [(1, 40, 4), (40, 1, 8), (30, 40, 64)])
async def test_no_more_calls_are_under_way_than_may_be(clock: ManualClock, plugins: int, users: int, most: int) -> None:
    calls = CallPlugins(clock=clock, limits=CallLimits())
    running = highest = done = 0

    async def work() -> None:
        nonlocal running, highest, done
        running += 1
        highest = max(highest, running)
        await settle(3)
        running -= 1
        done += 1

    async with anyio.create_task_group() as tasks:
        for number in range(200):
            plugin, user = PluginId(f"{number % plugins}"), UserId(f"{number % users}")
            tasks.start_soon(calls.call, plugin, user, work)
    assert (highest, done) == (most, 200)


async def test_who_waits_for_one_plugin_does_not_keep_others_waiting(calls: CallPlugins) -> None:
    with anyio.move_on_after(5):
        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(calls.call, ECHO, ANNA, anyio.sleep_forever)
            await settle()
            assert await calls.call(PluginId("other"), ANNA, fine) == "fine"
            tasks.cancel_scope.cancel()
    assert await calls.call(ECHO, ANNA, fine) == "fine"
