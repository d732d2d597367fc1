"""How far the index on a disk follows: never further than what is in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.outbound.search_database import search_file
from adapters.outbound.text_index.followed_places import NOWHERE, FollowedPlaces
from adapters.outbound.text_index.redis_changes import Place
from domain.ids import UserId

ANN = UserId("ann \ud83d")


def at(number: int, epoch: bytes = b"log") -> Place:
    return Place(epoch, number)


@pytest.fixture
async def places(tmp_path: Path) -> AsyncIterator[FollowedPlaces]:
    async with FollowedPlaces(tmp_path) as places:
        await places.count(ANN, before=NOWHERE, after=None)
        assert await places.of(ANN) == NOWHERE
        await places.reached(ANN, before=NOWHERE, after=at(4))
        yield places


@pytest.mark.usefixtures("places")
async def test_a_place_survives_reopening_and_tells_whose_it_is(tmp_path: Path) -> None:
    async with FollowedPlaces(tmp_path) as again:
        assert await again.of(ANN) == at(4)
        assert await again.owner(search_file(tmp_path, ANN).parent.name) == ANN
        assert await again.owner("0" * 64) is None
        assert await again.owner("../users") is None


async def test_the_next_change_is_counted_where_nothing_else_happened(places: FollowedPlaces) -> None:
    await places.count(ANN, before=at(4), after=at(5))
    assert await places.of(ANN) == at(5)


@pytest.mark.parametrize(
    ("before", "after"), [(4, at(6)), (3, at(4)), (3, at(5)), (4, at(5, b"other")), (4, at(1, b"other")), (4, None)]
)
async def test_a_change_is_not_counted_otherwise(places: FollowedPlaces, before: int, after: Place | None) -> None:
    await places.count(ANN, before=at(before), after=after)
    assert await places.of(ANN) == at(4)


async def test_a_change_is_not_counted_where_something_happened_meanwhile(places: FollowedPlaces) -> None:
    before = await places.of(ANN)
    await places.reached(ANN, before=before, after=at(6))
    await places.count(ANN, before=before, after=at(5))
    assert await places.of(ANN) == at(6)


async def test_what_two_wrote_at_the_same_time_is_looked_at_again(places: FollowedPlaces) -> None:
    await places.reached(ANN, before=at(4), after=at(6))
    await places.reached(ANN, before=at(4), after=at(5))
    assert await places.of(ANN) == at(4)


async def test_what_two_wrote_of_different_logs_is_made_anew(places: FollowedPlaces) -> None:
    await places.reached(ANN, before=at(4), after=at(2, b"other"))
    await places.reached(ANN, before=at(4), after=at(5))
    assert await places.of(ANN) == NOWHERE


async def test_of_who_has_nothing_the_place_is_known_and_not_on_the_disk(tmp_path: Path) -> None:
    async with FollowedPlaces(tmp_path) as places:
        await places.reached(ANN, before=NOWHERE, after=at(4))
        assert await places.of(ANN) == at(4)
        assert not list(tmp_path.iterdir())
        await places.count(ANN, before=at(4), after=at(5))
        assert await places.of(ANN) == at(5)
        await places.empty(ANN, after=at(0, b"new"))
        assert await places.of(ANN) == at(0, b"new")
        assert await places.owner(search_file(tmp_path, ANN).parent.name) is None
