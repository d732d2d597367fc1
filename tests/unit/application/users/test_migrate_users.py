"""Moving users: each thing once, whatever happens in between."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec import structs

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from application.plugins.plugin_reviews import PluginReviews
from application.questions.recall import Recall
from application.users.accounts import Accounts
from application.users.archive_changes import Verdict
from application.users.archive_format import ArchivedAccount, ArchivedSettings
from application.users.migrate_records import (
    CHAT,
    FACTS,
    FILES,
    MEMORIES,
    PEOPLE,
    REVIEWS,
    SETTINGS,
    WEBHOOKS,
    OriginalFile,
    OriginalReview,
    OriginalSettings,
    OriginalWebhook,
    Record,
    SealedValue,
    Value,
)
from application.users.migrate_users import MigrateUsers, Migration
from application.users.user_data import ALL
from domain.chat import Message, Sender
from domain.fact import Fact
from domain.ids import MemoryId, PersonId, PluginId, UserId
from domain.memory import Visibility
from domain.person import Person
from domain.plugin_rating import Review
from ports.errors import Rejected, TemporarilyUnavailable
from ports.memory_repository import MemoryQuery
from tests.support.user_data import ANNA, BERT, NOON, Stores, a_memory

WEBHOOK = "users:{}:developer:webhook:memory_created"


class Original:
    """A backend in memory: (table, path) -> version and value; a reason where it cannot be read."""

    def __init__(self) -> None:
        self.kept: dict[UserId, dict[tuple[str, str], tuple[str, Value | SealedValue | str]]] = {}
        self.loads = 0
        self.fails_after: int | None = None

    def put(self, user: UserId, table: str, path: str, value: Value | SealedValue | str) -> None:
        kept = self.kept.setdefault(user, {})
        version = kept.get((table, path), ("0", ""))[0]
        kept[table, path] = str(int(version) + 1), value

    async def users(self) -> tuple[UserId, ...]:
        return tuple(self.kept)

    async def records(self, user: UserId) -> AsyncIterator[Record]:
        for (table, path), (version, value) in self.kept.get(user, {}).items():
            yield Record(table=table, path=path, version=version, load=partial(self._load, value))

    async def forget_vectors(self, user: UserId) -> int:
        return len(user)

    async def _load(self, value: Value | SealedValue | str) -> Value | SealedValue:
        if self.loads == self.fails_after:
            raise TemporarilyUnavailable("gone")
        self.loads += 1
        if isinstance(value, str):
            raise Rejected(value)
        return value


def filled(*users: UserId) -> Original:
    original = Original()
    for user in users:
        for table, path, value in everything(user):
            original.put(user, table, path, value)
    return original


def everything(user: UserId) -> list[tuple[str, str, Value]]:
    chosen = ArchivedSettings(
        account=ArchivedAccount(name="Anna", time_zone="Europe/Berlin"),
        flags=("store_recording_permission",),
        sets={"enabled_plugins": ("chef",)},
    )
    return [
        (FILES, "speech_profile.wav", OriginalFile(key="speech_profile.wav", content=b"RIFF")),
        (SETTINGS, "account", OriginalSettings(chosen=chosen, push_token=f"device of {user}")),
        (WEBHOOKS, "made", OriginalWebhook(key=WEBHOOK.format(user), value=b"https://a.example")),
        (
            REVIEWS,
            "chef",
            OriginalReview(plugin=PluginId("chef"), review=Review(user=user, score=4.0, text="Good", rated_at=NOON)),
        ),
        (PEOPLE, "dave", Person(id=PersonId("dave"), name="Dave", created_at=NOON, updated_at=NOON)),
        (FACTS, "f", Fact(id="f", content="Likes pasta.", created_at=NOON, updated_at=NOON)),
        (CHAT, "m", Message(id="m", text="Hello?", created_at=NOON, sender=Sender.HUMAN)),
        (MEMORIES, "trip", a_memory(f"{user}-trip", "We go to Lisbon", visibility=Visibility.SHARED)),
        (MEMORIES, "work", a_memory(f"{user}-work", "A meeting", days=1)),
    ]


def moving(original: Original, stores: Stores) -> MigrateUsers:
    async def voices_changed(user: UserId) -> None:
        stores.told.append(user)

    return MigrateUsers(original, data=stores.data, recall=stores.recall, voices_changed=voices_changed)


async def contents(stores: Stores, user: UserId) -> dict[str, object]:
    """All that a user has here, but for the notes of what was moved."""
    data = stores.data
    page = await data.memories.page(user, MemoryQuery(limit=100, include_discarded=True))
    keys = await data.objects.list(user)
    account = await data.accounts.get(user)
    return {
        "memories": page.memories,
        "people": await data.people.list(user),
        "facts": await data.facts.list(user),
        "chat": await data.chat.recent(user, limit=ALL),
        "objects": {key: await data.objects.get(user, key) for key in keys},
        "reviews": await data.reviews.of(PluginId("chef")),
        "account": account,
        "values": {
            key: (await data.values.get(key), await data.values.members(key))
            for key in await data.values.keys("")
            if not key.endswith(":migrated")
        },
        "found": [hit.memory.id for hit in await stores.recall.search(user, "Lisbon")],
    }


def counted(migration: Migration, verdict: Verdict) -> int:
    return sum(verdicts[verdict] for verdicts in migration.report.values())


async def test_everything_arrives() -> None:
    stores, original = Stores(), filled(ANNA)
    migration = await moving(original, stores).migrate([ANNA])
    assert (migration.problems, counted(migration, Verdict.ADDED)) == ({}, len(everything(ANNA)))
    found = await contents(stores, ANNA)
    values = {type(value): value for _, _, value in everything(ANNA)}
    assert found["people"] == (values[Person],)
    assert found["facts"] == (values[Fact],)
    assert found["chat"] == (values[Message],)
    assert found["found"] == [f"{ANNA}-trip", f"{ANNA}-work"]
    assert stores.told == [ANNA]
    account = await stores.data.accounts.get(ANNA)
    assert (account.name, account.time_zone, account.push_token) == ("Anna", "Europe/Berlin", f"device of {ANNA}")
    assert await stores.data.values.members(f"users:{ANNA}:enabled_plugins") == {"chef"}
    assert await stores.data.values.get(f"users:{ANNA}:store_recording_permission") == b"1"
    assert await stores.data.values.get(f"memories-visibility:{ANNA}-trip") == ANNA.encode()
    assert await stores.data.values.get(WEBHOOK.format(ANNA)) == b"https://a.example"


async def test_twice_is_once() -> None:
    stores, original = Stores(), filled(ANNA, BERT)
    await moving(original, stores).migrate([ANNA, BERT])
    once, loads = [await contents(stores, user) for user in (ANNA, BERT)], original.loads
    again = await moving(original, stores).migrate([ANNA, BERT])
    assert [await contents(stores, user) for user in (ANNA, BERT)] == once
    assert counted(again, Verdict.SAME) == 2 * len(everything(ANNA))
    assert original.loads == loads  # what is done is not even read


async def test_a_dry_run_tells_what_would_be_done_and_writes_nothing() -> None:
    stores, original = Stores(), filled(ANNA)
    original.put(ANNA, MEMORIES, "broken", "it is damaged")
    before = await contents(stores, ANNA)
    preview = await moving(original, stores).preview([ANNA])
    assert await contents(stores, ANNA) == before
    assert await stores.data.values.keys("") == ()
    done = await moving(original, stores).migrate([ANNA])
    assert (preview.report, preview.problems) == (done.report, done.problems)
    assert done.problems == {"broken": "it is damaged"}


async def test_what_cannot_be_read_is_left_out_and_moved_once_it_can() -> None:
    stores, original = Stores(), filled(ANNA)
    original.put(ANNA, MEMORIES, "broken", "it is damaged")
    await moving(original, stores).migrate([ANNA])
    original.kept[ANNA][MEMORIES, "broken"] = "1", a_memory("mended", "Words")
    again = await moving(original, stores).migrate([ANNA])
    assert (again.problems, counted(again, Verdict.ADDED)) == ({}, 1)
    assert (await stores.data.memories.get(ANNA, MemoryId("mended"))).segments


class Crash(Exception):
    """The power went."""


WRITES = frozenset({"save", "put", "append", "delete", "add_member", "remove_member", "put_if_absent", "record"})


class Power:
    """Goes with one call that writes, of whatever store: before it is done, or after."""

    def __init__(self, *, writes: int, moment: str) -> None:
        self._writes = writes
        self._moment = moment

    def over(self, store: Any) -> Any:
        return _Powered(store, self)

    async def write(self, work: Callable[[], Awaitable[object]]) -> object:
        self._writes -= 1
        if self._writes < 0 or (self._writes == 0 and self._moment == "before"):
            raise Crash
        done = await work()
        if self._writes == 0:
            raise Crash
        return done


class _Powered:
    def __init__(self, store: Any, power: Power) -> None:
        self._store = store
        self._power = power

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name not in WRITES:
            return method
        return lambda *given, **named: self._power.write(lambda: method(*given, **named))


def powered(stores: Stores, original: Original, power: Power) -> MigrateUsers:
    """Moves over stores that go down together."""
    data, values = stores.data, power.over(stores.data.values)
    weak = structs.replace(
        data,
        memories=power.over(data.memories),
        people=power.over(data.people),
        facts=power.over(data.facts),
        chat=power.over(data.chat),
        objects=power.over(data.objects),
        values=values,
        accounts=Accounts(store=values),
        reviews=PluginReviews(store=values, clock=AtOnce()),
    )
    recall = Recall(
        memories=weak.memories,
        embedder=FakeTextEmbedder(),
        texts=power.over(stores.recall._texts),
        vectors=power.over(stores.recall._vectors),
    )
    return MigrateUsers(original, data=weak, recall=recall, voices_changed=stores._voices_changed)


class AtOnce(ManualClock):
    """A clock on which waiting takes no time and lets it pass."""

    async def sleep(self, seconds: float) -> None:
        await self.advance(seconds)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_crash_at_any_moment_is_gone_on_from(moment: str) -> None:
    whole = Stores()
    await moving(filled(ANNA), whole).migrate([ANNA])
    wanted, crashes = await contents(whole, ANNA), 0
    for writes in range(1, 200):
        stores = Stores()
        try:
            await powered(stores, filled(ANNA), Power(writes=writes, moment=moment)).migrate([ANNA])
        except Crash:
            crashes += 1
        else:
            break
        await stores.data.values.delete("plugins:chef:reviews:lock")  # a lease: it would end by itself
        await moving(filled(ANNA), stores).migrate([ANNA])
        assert await contents(stores, ANNA) == wanted, writes
    assert crashes >= 3 * len(everything(ANNA))


async def test_a_source_that_goes_away_ends_the_run_and_costs_nothing() -> None:
    stores, original = Stores(), filled(ANNA)
    for after in range(len(everything(ANNA))):
        original.loads, original.fails_after = 0, 1 if after else 0
        with pytest.raises(TemporarilyUnavailable):
            await moving(original, stores).migrate([ANNA])
    original.fails_after = None
    whole = Stores()
    await moving(original, stores).migrate([ANNA])
    await moving(filled(ANNA), whole).migrate([ANNA])
    assert await contents(stores, ANNA) == await contents(whole, ANNA)


async def test_what_changed_there_since_is_moved_again() -> None:
    stores, original = Stores(), filled(ANNA)
    await moving(original, stores).migrate([ANNA])
    original.put(ANNA, FACTS, "f", Fact(id="f", content="Likes rice.", created_at=NOON, updated_at=NOON))
    again = await moving(original, stores).migrate([ANNA])
    assert again.report[FACTS] == {Verdict.REPLACED: 1}
    assert (await stores.data.facts.get(ANNA, "f")).content == "Likes rice."


async def test_what_changed_on_both_sides_stays_as_it_is_here() -> None:
    stores, original = Stores(), filled(ANNA)
    await moving(original, stores).migrate([ANNA])
    mine = Fact(id="f", content="Likes soup.", created_at=NOON, updated_at=NOON)
    await stores.data.facts.save(ANNA, mine)
    original.put(ANNA, FACTS, "f", Fact(id="f", content="Likes rice.", created_at=NOON, updated_at=NOON))
    again = await moving(original, stores).migrate([ANNA])
    assert again.report[FACTS] == {Verdict.KEPT: 1}
    assert await stores.data.facts.get(ANNA, "f") == mine


async def test_what_was_removed_here_since_stays_away() -> None:
    stores, original = Stores(), filled(ANNA)
    await moving(original, stores).migrate([ANNA])
    await stores.data.facts.delete(ANNA, "f")
    original.put(ANNA, FACTS, "f", Fact(id="f", content="Likes rice.", created_at=NOON, updated_at=NOON))
    await moving(original, stores).migrate([ANNA])
    assert await stores.data.facts.list(ANNA) == ()


async def test_what_was_here_before_stays() -> None:
    stores, original = Stores(), filled(ANNA)
    mine = Fact(id="f", content="Likes soup.", created_at=NOON, updated_at=NOON + timedelta(days=1))
    await stores.data.facts.save(ANNA, mine)
    migration = await moving(original, stores).migrate([ANNA])
    assert migration.report[FACTS] == {Verdict.KEPT: 1}
    assert await stores.data.facts.get(ANNA, "f") == mine


async def test_what_a_user_chose_here_goes_before_what_they_chose_there() -> None:
    stores, original = Stores(), filled(ANNA)
    await stores.data.accounts.update(ANNA, lambda now: structs.replace(now, name="Annika", push_token="new"))  # noqa: S106
    await moving(original, stores).migrate([ANNA])
    account = await stores.data.accounts.get(ANNA)
    assert (account.name, account.push_token, account.time_zone) == ("Annika", "new", "Europe/Berlin")


async def test_users_stay_apart() -> None:
    stores = Stores()
    await moving(filled(ANNA, BERT), stores).migrate([ANNA])
    assert (await contents(stores, BERT))["memories"] == ()
    assert await stores.data.objects.list(BERT) == ()


async def test_how_far_it_is_can_be_followed() -> None:
    told: list[tuple[str, int]] = []
    stores = Stores()
    await moving(filled(ANNA, BERT), stores).migrate([ANNA, BERT], told=lambda what, done: told.append((what, done)))
    assert (MEMORIES, 4) in told
    assert told[-1] == ("users", 2)


async def test_what_a_server_sealed_is_told_unless_it_is_here_already() -> None:
    stores, original = Stores(), Original()
    sealed = Fact(id="f", content="omi-sealed:xyz", created_at=NOON, updated_at=NOON)
    original.put(ANNA, FACTS, "f", SealedValue(sealed))
    migration = await moving(original, stores).migrate([ANNA])
    assert list(migration.problems) == ["f"]
    assert await stores.data.facts.list(ANNA) == ()
    mine = Fact(id="f", content="Likes soup.", created_at=NOON, updated_at=NOON)
    await stores.data.facts.save(ANNA, mine)
    migration = await moving(original, stores).migrate([ANNA])
    assert (migration.problems, migration.report[FACTS]) == ({}, {Verdict.KEPT: 1})
    assert await stores.data.facts.list(ANNA) == (mine,)


async def test_vectors_of_the_source_are_removed_when_that_is_asked_for() -> None:
    stores = Stores()
    use_case = moving(filled(ANNA), stores)
    migration = await use_case.migrate([ANNA])
    assert migration.vectors == 0
    await use_case.forget_vectors([ANNA], migration)
    assert migration.vectors == len(ANNA)
