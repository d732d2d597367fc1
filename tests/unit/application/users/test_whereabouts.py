"""Where somebody was is noted on what was said there, and on nothing else."""

from datetime import timedelta

from adapters.outbound.clock.manual import START, ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.users.whereabouts import Whereabouts
from domain.ids import UserId
from domain.memory import Geolocation
from ports.errors import TemporarilyUnavailable
from tests.support.memories import a_memory

ANNA = UserId("anna")
ZURICH, PARIS = Geolocation(latitude=47.4, longitude=8.5), Geolocation(latitude=48.9, longitude=2.4)


def world() -> tuple[ManualClock, InMemoryKeyValueStore, Whereabouts]:
    clock = ManualClock()
    values = InMemoryKeyValueStore(clock)
    return clock, values, Whereabouts(values=values, clock=clock)


async def test_a_place_is_noted_on_a_conversation_of_that_time() -> None:
    _, _, whereabouts = world()
    await whereabouts.note(ANNA, ZURICH)
    memory = a_memory(started_at=START + timedelta(minutes=20), finished_at=START + timedelta(minutes=25))
    assert (await whereabouts.noted_on(ANNA, memory)).geolocation == ZURICH


async def test_a_place_is_not_noted_on_what_was_said_long_before() -> None:
    _, _, whereabouts = world()
    await whereabouts.note(ANNA, ZURICH)
    memory = a_memory(started_at=START - timedelta(days=1), finished_at=START - timedelta(hours=23))
    assert (await whereabouts.noted_on(ANNA, memory)).geolocation is None


async def test_after_half_an_hour_nobody_knows_where_somebody_is() -> None:
    clock, _, whereabouts = world()
    await whereabouts.note(ANNA, ZURICH)
    await clock.advance(1_801)
    assert await whereabouts.last(ANNA) is None


async def test_a_place_that_came_with_the_memory_stays() -> None:
    _, _, whereabouts = world()
    await whereabouts.note(ANNA, ZURICH)
    memory = a_memory(started_at=START, geolocation=PARIS)
    assert (await whereabouts.noted_on(ANNA, memory)).geolocation == PARIS


async def test_what_the_original_left_is_no_place_and_no_failure() -> None:
    _, values, whereabouts = world()
    await values.put("users:anna:geolocation", b"{'latitude': 1, 'longitude': 2}")
    assert await whereabouts.last(ANNA) is None


async def test_a_store_that_is_away_costs_the_place_and_not_the_memory() -> None:
    class Away(InMemoryKeyValueStore):
        async def get(self, key: str) -> bytes | None:
            raise TemporarilyUnavailable(key)

    clock = ManualClock()
    memory = a_memory(started_at=START)
    assert await Whereabouts(values=Away(clock), clock=clock).noted_on(ANNA, memory) == memory
