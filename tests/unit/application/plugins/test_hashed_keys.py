"""Keys that are told once."""

import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.plugins.hashed_keys import LONGEST_LABEL, MOST_KEYS, HashedKeys, id_of
from domain.errors import InvalidRequest
from ports.errors import NotFound

PLACE, OTHER = "users:anna:mcp_keys", "users:bert:mcp_keys"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def keys(clock: ManualClock) -> HashedKeys:
    return HashedKeys(values=InMemoryKeyValueStore(clock=clock), clock=clock)


async def test_a_key_opens_its_place_alone(keys: HashedKeys) -> None:
    made = await keys.create(PLACE, kind="mcp", label="desk")
    assert await keys.is_genuine(PLACE, made.secret)
    assert not await keys.is_genuine(OTHER, made.secret)
    assert id_of(made.secret) == made.note.id


@pytest.mark.parametrize("wrong", ["", "omi_mcp_", "\ud800", "x" * 10_000, "omi_mcp_{id}_" + "A" * 43])
async def test_nothing_else_opens_it(keys: HashedKeys, wrong: str) -> None:
    made = await keys.create(PLACE, kind="mcp", label="")
    assert not await keys.is_genuine(PLACE, wrong.replace("{id}", made.note.id))


async def test_keys_are_listed_newest_first_and_each_can_be_ended(keys: HashedKeys, clock: ManualClock) -> None:
    old = await keys.create(PLACE, kind="mcp", label="old")
    await clock.advance(60)
    new = await keys.create(PLACE, kind="mcp", label="new")
    assert await keys.list(PLACE) == (new.note, old.note)
    await keys.delete(PLACE, old.note.id)
    assert await keys.list(PLACE) == (new.note,)
    assert not await keys.is_genuine(PLACE, old.secret)
    assert await keys.is_genuine(PLACE, new.secret)
    with pytest.raises(NotFound):
        await keys.delete(OTHER, new.note.id)


async def test_there_are_only_so_many(keys: HashedKeys) -> None:
    for _ in range(MOST_KEYS):
        await keys.create(PLACE, kind="mcp", label="")
    with pytest.raises(InvalidRequest, match="delete one first"):
        await keys.create(PLACE, kind="mcp", label="")
    with pytest.raises(InvalidRequest, match="label"):
        await keys.create(OTHER, kind="mcp", label="x" * (LONGEST_LABEL + 1))
