"""Programs that bring memories, and their keys."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from application.memories.make_memory import MadeMemory, Telling
from application.memories.remember_external import RememberExternal
from application.plugins.integration_keys import IntegrationKeys
from domain.errors import NothingToRemember, Unauthenticated
from domain.ids import MemoryId, UserId
from domain.integration import ExternalText, Integration, SharedKeys, TextSource
from domain.memory import Memory

ANNA, BERT = UserId("anna"), UserId("bert")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WORKFLOW, SCREENPIPE = Integration.WORKFLOW, Integration.SCREENPIPE


class DiscardingMaker:
    """Finds nothing worth keeping."""

    def __init__(self, memories: InMemoryMemoryRepository) -> None:
        self.memories = memories
        self.made = 0

    async def make(self, user: UserId, draft: Memory, *, telling: Telling = Telling.LATER) -> MadeMemory:  # noqa: ARG002
        self.made += 1
        memory = structs.replace(draft, discarded=True)
        await self.memories.save(user, memory)
        return MadeMemory(memory)


@pytest.fixture
def values() -> InMemoryKeyValueStore:
    return InMemoryKeyValueStore(clock=ManualClock())


@pytest.fixture
def keys(values: InMemoryKeyValueStore) -> IntegrationKeys:
    return IntegrationKeys(values=values)


@pytest.fixture
def maker() -> DiscardingMaker:
    return DiscardingMaker(InMemoryMemoryRepository())


@pytest.fixture
def external(maker: DiscardingMaker) -> RememberExternal:
    return RememberExternal(make_memory=maker, memories=maker.memories, clock=ManualClock())


async def refused(keys: IntegrationKeys, integration: Integration, user: UserId, key: str) -> bool:
    try:
        await keys.check(integration, user, key)
    except Unauthenticated as error:
        return str(error) == "Invalid API Key"
    return False


async def test_a_key_opens_one_user_for_one_program(keys: IntegrationKeys) -> None:
    key = await keys.create(WORKFLOW, ANNA)
    assert not await refused(keys, WORKFLOW, ANNA, key)
    assert await refused(keys, WORKFLOW, BERT, key)
    assert await refused(keys, SCREENPIPE, ANNA, key)


@pytest.mark.parametrize("key", ["", " ", "omi_workflow_", "\ud800", "x" * 10_000])
async def test_nothing_else_opens(keys: IntegrationKeys, key: str) -> None:
    await keys.create(WORKFLOW, ANNA)
    for user in (ANNA, BERT, UserId("")):
        assert await refused(keys, WORKFLOW, user, key)


async def test_a_new_key_replaces_the_old_one_and_can_be_taken_back(keys: IntegrationKeys) -> None:
    old, new = await keys.create(WORKFLOW, ANNA), await keys.create(WORKFLOW, ANNA)
    assert old != new
    assert await refused(keys, WORKFLOW, ANNA, old)
    await keys.revoke(WORKFLOW, ANNA)
    assert await refused(keys, WORKFLOW, ANNA, new)


async def test_the_key_itself_is_kept_nowhere(keys: IntegrationKeys, values: InMemoryKeyValueStore) -> None:
    key = await keys.create(WORKFLOW, ANNA)
    kept = await values.get("users:anna:integration_keys:workflow")
    assert kept is not None
    assert len(kept) == 32
    assert key.encode() not in kept


async def test_a_key_for_everybody_counts_only_where_it_is_set(values: InMemoryKeyValueStore) -> None:
    shared = IntegrationKeys(values=values, shared=SharedKeys(workflow="of all"))
    assert not await refused(shared, WORKFLOW, BERT, "of all")
    assert await refused(shared, SCREENPIPE, BERT, "of all")
    assert await refused(shared, SCREENPIPE, BERT, "")
    assert await refused(shared, WORKFLOW, UserId(""), "of all")


async def test_a_transcript_keeps_its_voices(external: RememberExternal) -> None:
    text = "User: Shall we?\n\n[00:01] Speaker 1: Yes,\nlet us go.\nSPEAKER_02: note: bring water"
    memory = await external.remember(ANNA, ExternalText(text=text, started_at=NOON))
    said = [(s.is_user, s.speaker, s.text) for s in memory.segments]
    assert said == [
        (True, 0, "Shall we?"),
        (False, 1, "Yes,"),
        (False, 0, "let us go."),
        (False, 2, "note: bring water"),
    ]


async def test_other_text_is_taken_as_it_stands(external: RememberExternal) -> None:
    brought = ExternalText(text="User: admin\nLogged in", text_source=TextSource.OTHER_TEXT)
    assert [s.text for s in (await external.remember(ANNA, brought)).segments] == ["User: admin", "Logged in"]


async def test_it_takes_five_minutes_from_now_unless_it_says_more(external: RememberExternal) -> None:
    memory = await external.remember(ANNA, ExternalText(text="one\ntwo"))
    assert memory.started_at == NOON
    assert memory.finished_at == NOON + timedelta(minutes=5)
    assert [(s.start, s.end) for s in memory.segments] == [(0, 2_400_000), (2_400_000, 4_800_000)]


async def test_an_end_before_the_start_is_no_time_at_all(external: RememberExternal) -> None:
    brought = ExternalText(text="one", started_at=NOON, finished_at=NOON - timedelta(hours=1))
    assert (await external.remember(ANNA, brought)).finished_at == NOON


async def test_what_was_brought_is_never_discarded(external: RememberExternal, maker: DiscardingMaker) -> None:
    memory = await external.remember(ANNA, ExternalText(text="buy milk", external={"text": "buy milk"}))
    assert not memory.discarded
    assert (await maker.memories.get(ANNA, memory.id)).external == {"text": "buy milk"}
    assert await external.latest(ANNA, limit=1) == (memory,)


async def test_the_same_text_twice_is_one_memory(external: RememberExternal, maker: DiscardingMaker) -> None:
    brought = ExternalText(text="buy milk", memory_id=MemoryId("known"))
    assert await external.remember(ANNA, brought) == await external.remember(ANNA, brought)
    assert maker.made == 1


async def test_a_blank_text_is_nothing_to_remember(external: RememberExternal) -> None:
    with pytest.raises(NothingToRemember):
        await external.remember(ANNA, ExternalText(text=" \n "))
