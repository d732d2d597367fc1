"""Moving users within the stores where they are already: what is ours stays, and is laid out as we do."""

from collections.abc import AsyncIterator

import pytest
from msgspec import Struct

from application.users.archive_changes import Verdict
from application.users.migrate_records import MEMORIES, Record
from application.users.migrate_users import MigrateUsers
from domain.ids import UserId
from domain.memory import Memory
from tests.support.user_data import ANNA, Stores, a_memory


class OursAlready(Struct):
    """Reads where it is to be written."""

    memory: Memory
    is_current: bool

    async def users(self) -> tuple[UserId, ...]:
        return (ANNA,)

    async def records(self, user: UserId) -> AsyncIterator[Record]:
        del user

        async def load() -> Memory:
            return self.memory

        yield Record(table=MEMORIES, path="m", version="1", is_current=self.is_current, load=load)

    async def forget_vectors(self, user: UserId) -> int:
        del user
        return 0


@pytest.mark.parametrize(("is_current", "found"), [(False, 1), (True, 0)])
async def test_a_memory_that_stays_where_it_is_is_laid_out_anew_and_found(*, is_current: bool, found: int) -> None:
    stores, memory = Stores(), a_memory("trip", "We go to Lisbon")
    await stores.data.memories.save(ANNA, memory)
    use_case = MigrateUsers(
        OursAlready(memory, is_current), data=stores.data, recall=stores.recall, voices_changed=stores._voices_changed
    )
    migration = await use_case.migrate([ANNA])
    assert migration.report[MEMORIES] == {Verdict.SAME: 1}
    assert len(await stores.recall.search(ANNA, "Lisbon")) == found
