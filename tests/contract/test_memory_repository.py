"""What every memory repository does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta, timezone
from pathlib import Path

import anyio
import pytest
from msgspec import structs

from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepository, FirestoreMemoryRepositorySettings
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.memory_repository.sealed import SealedMemoryRepository
from adapters.outbound.memory_repository.sqlite import SqliteMemoryRepository
from domain.coverage import Coverage, Gap
from domain.ids import MemoryId, UserId
from domain.memory import (
    ActionItem,
    CalendarEvent,
    Category,
    Geolocation,
    Memory,
    MemoryStatus,
    Photo,
    PluginResult,
    PostProcessing,
    PostProcessingStatus,
    Source,
    Structure,
    Visibility,
)
from domain.transcript import Translation
from ports.errors import NotFound, Rejected
from ports.memory_repository import MemoryQuery, MemoryRepository
from tests.contract.document_harness import document_harnesses, durable
from tests.contract.harness import Harness, over
from tests.support.hostile_pairs import GONE, PAIRS, STAYING
from tests.support.memories import HOSTILE, NOON, a_memory, a_segment
from tests.support.vaults import a_vault

ME, OTHER = UserId("me"), UserId("other")
HARNESSES: dict[str, Harness[MemoryRepository]] = document_harnesses(
    sqlite=SqliteMemoryRepository,
    memory=InMemoryMemoryRepository,
    firestore=FirestoreMemoryRepository,
    sealed=SealedMemoryRepository,
    settings=FirestoreMemoryRepositorySettings,
)
DURABLE = durable(HARNESSES)


@asynccontextmanager
async def sealed_in_firestore(folder: Path) -> AsyncIterator[MemoryRepository]:
    async with a_vault(folder) as vault, HARNESSES["firestore"](folder) as store:
        yield SealedMemoryRepository(store, vault=vault)


@pytest.fixture(params=over("memory_repository", HARNESSES | {"sealed_in_firestore": sealed_in_firestore}))
async def repository(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MemoryRepository]:
    async with request.param(tmp_path) as ready:
        yield ready


GERMAN = (Translation("de", "Nul \0 und 'Zitate'."),)


def a_full_memory() -> Memory:
    return a_memory(
        "full",
        started_at=NOON.astimezone(timezone(timedelta(hours=5, minutes=30))),
        finished_at=NOON + timedelta(microseconds=1),
        source=Source.OMI,
        language="en",
        structure=Structure(
            title="Zürich 🏔",
            overview="Where to go.",
            emoji="🏔",
            category=Category.TRAVEL,
            action_items=(ActionItem(description="Book a train", completed=True),),
            events=(CalendarEvent(title="Leave", start=NOON, duration=45),),
        ),
        segments=(
            a_segment(at=0),
            a_segment("Nul \0 and 'quotes'.", at=1, is_user=True, person_id="p", translations=GERMAN),
        ),
        geolocation=Geolocation(latitude=47.37, longitude=0.1 + 0.2, address="Bahnhofstrasse"),
        photos=(Photo(base64="aGk=", description="A hill"),),
        plugin_results=(PluginResult(plugin_id=None, content="Nice."),),
        external={"number": 2**64, "list": [1, None, True, {"deep": "é"}]},
        status=MemoryStatus.PROCESSING,
        discarded=True,
        visibility=Visibility.SHARED,
        coverage=Coverage(captured=10, transcribed={"fake": 5}, gaps=(Gap(5, 10, "lost"),)),
        people=("Anna",),
        topics=("travel",),
        postprocessing=PostProcessing(status=PostProcessingStatus.FAILED, recognizer="fal", reason="no answer"),
        has_recording=True,
        degraded=("structure",),
    )


async def save_minutes(repository: MemoryRepository, count: int) -> None:
    for minute in range(count):
        await repository.save(ME, a_memory(f"m{minute}", minute=minute))


async def ids(repository: MemoryRepository, user: UserId = ME, **query: object) -> list[str]:
    page = await repository.page(user, MemoryQuery(**query))
    return [found.id for found in page.memories]


async def test_what_was_saved_is_read_back_with_every_field(repository: MemoryRepository) -> None:
    full = a_full_memory()
    assert {name for name in full.__struct_fields__ if getattr(full, name) == getattr(a_memory("full"), name)} == {
        "id",
        "created_at",
    }
    await repository.save(ME, full)
    assert await repository.get(ME, full.id) == full
    assert (await repository.page(ME, MemoryQuery())).memories == (full,)


async def test_times_keep_their_offset(repository: MemoryRepository) -> None:
    await repository.save(ME, a_full_memory())
    started = (await repository.get(ME, MemoryId("full"))).started_at
    assert started is not None
    assert started.utcoffset() == timedelta(hours=5, minutes=30)


async def test_a_transcript_of_twelve_hours_is_read_back(repository: MemoryRepository) -> None:
    long = a_memory(segments=tuple(a_segment(f"Sentence number {n}.", at=n) for n in range(12_000)))
    await repository.save(ME, long)
    with anyio.fail_after(5):
        assert (await repository.page(ME, MemoryQuery())).memories == (long,)


async def test_a_memory_that_was_never_saved_is_not_found(repository: MemoryRepository) -> None:
    with pytest.raises(NotFound):
        await repository.get(ME, MemoryId("none"))
    with pytest.raises(NotFound):
        await repository.update(ME, MemoryId("none"), lambda found: found)


async def test_saving_again_replaces(repository: MemoryRepository) -> None:
    await repository.save(ME, a_memory(segments=(a_segment(),)))
    await repository.save(ME, a_memory(language="de"))
    assert await repository.get(ME, MemoryId("memory")) == a_memory(language="de")
    assert await ids(repository) == ["memory"]


async def test_a_deleted_memory_is_gone(repository: MemoryRepository) -> None:
    await repository.save(ME, a_memory())
    await repository.delete(ME, MemoryId("memory"))
    with pytest.raises(NotFound):
        await repository.get(ME, MemoryId("memory"))
    assert await ids(repository) == []


async def test_deleting_twice_or_what_never_was_does_nothing(repository: MemoryRepository) -> None:
    await repository.delete(ME, MemoryId("memory"))
    await repository.save(ME, a_memory())
    await repository.delete(ME, MemoryId("memory"))
    await repository.delete(ME, MemoryId("memory"))
    assert await ids(repository) == []


async def test_users_see_their_own_memories_alone_whatever_they_are_called(repository: MemoryRepository) -> None:
    for user in HOSTILE:
        await repository.save(UserId(user), a_memory("same", language=user))
    for user in HOSTILE:
        assert (await repository.get(UserId(user), MemoryId("same"))).language == user
        assert await ids(repository, UserId(user)) == ["same"]


async def test_users_and_identifiers_that_read_alike_are_not_taken_for_each_other(repository: MemoryRepository) -> None:
    for user, name in PAIRS:
        await repository.save(user, a_memory(name, language=f"{user} {name}"))
    for user, name in GONE:
        await repository.delete(user, MemoryId(name))
    for user, name in GONE:
        assert name not in await ids(repository, user)
    for user, name in STAYING:
        assert await repository.get(user, MemoryId(name)) == a_memory(name, language=f"{user} {name}")
    names = [name for _, name in PAIRS]
    for user in {user for user, _ in PAIRS}:
        own = [name for name in dict.fromkeys(names) if (user, name) in STAYING]
        assert await several(repository, *names, user=user) == own


async def test_deleting_leaves_other_users_alone(repository: MemoryRepository) -> None:
    for user in (ME, OTHER):
        await repository.save(user, a_memory())
    await repository.delete(ME, MemoryId("memory"))
    assert await ids(repository, OTHER) == ["memory"]


async def test_any_text_is_an_id(repository: MemoryRepository) -> None:
    for name in HOSTILE:
        await repository.save(ME, a_memory(name, language=name))
    assert await ids(repository) == sorted(HOSTILE, reverse=True)
    for name in HOSTILE:
        assert (await repository.get(ME, MemoryId(name))).language == name


async def test_changing_what_a_saved_value_holds_changes_nothing_stored(repository: MemoryRepository) -> None:
    external = {"list": [1]}
    await repository.save(ME, a_memory(external=external))
    external["list"].append(2)
    found = await repository.get(ME, MemoryId("memory"))
    assert found.external == {"list": [1]}
    found.external["list"].append(3)
    assert (await repository.get(ME, MemoryId("memory"))).external == {"list": [1]}


async def test_text_that_no_store_can_write_is_rejected_and_nothing_changes(repository: MemoryRepository) -> None:
    await repository.save(ME, a_memory())
    with pytest.raises(Rejected):
        await repository.save(ME, a_memory(language="half a character: \ud800"))
    assert await repository.get(ME, MemoryId("memory")) == a_memory()


async def test_an_update_changes_and_returns_the_memory(repository: MemoryRepository) -> None:
    await repository.save(ME, a_full_memory())
    after = await repository.update(ME, MemoryId("full"), lambda found: structs.replace(found, language="de"))
    assert after == structs.replace(a_full_memory(), language="de")
    assert await repository.get(ME, MemoryId("full")) == after


async def test_an_update_may_change_transcript_time_and_status(repository: MemoryRepository) -> None:
    await save_minutes(repository, 2)
    new = a_memory("m0", minute=5, segments=(a_segment("New."),), status=MemoryStatus.FAILED, discarded=True)
    await repository.update(ME, MemoryId("m0"), lambda _: new)
    assert await repository.get(ME, MemoryId("m0")) == new
    assert await ids(repository) == ["m0", "m1"]
    assert await ids(repository, statuses=[MemoryStatus.FAILED]) == ["m0"]
    assert await ids(repository, include_discarded=False) == ["m1"]


async def test_an_update_cannot_make_another_memory_of_it(repository: MemoryRepository) -> None:
    await repository.save(ME, a_memory())
    with pytest.raises(Rejected):
        await repository.update(ME, MemoryId("memory"), lambda _: a_memory("other"))
    assert await ids(repository) == ["memory"]


async def test_an_update_that_fails_changes_nothing(repository: MemoryRepository) -> None:
    def fail(_: Memory) -> Memory:
        raise LookupError("a rule of the application")

    await repository.save(ME, a_memory())
    with pytest.raises(LookupError):
        await repository.update(ME, MemoryId("memory"), fail)
    assert await repository.get(ME, MemoryId("memory")) == a_memory()
    await repository.save(ME, a_memory(language="de"))


async def test_of_concurrent_updates_none_is_lost(repository: MemoryRepository) -> None:
    def count(found: Memory) -> Memory:
        return structs.replace(found, external={"count": found.external["count"] + 1})

    await repository.save(ME, a_memory(external={"count": 0}))
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(repository.update, ME, MemoryId("memory"), count)
    assert (await repository.get(ME, MemoryId("memory"))).external == {"count": 50}


async def test_concurrent_writers_of_many_users_all_succeed(repository: MemoryRepository) -> None:
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(repository.save, UserId(f"user {number % 25}"), a_memory(f"m{number // 25}"))
    for number in range(25):
        assert await ids(repository, UserId(f"user {number}")) == ["m3", "m2", "m1", "m0"]


async def test_the_newest_comes_first_and_among_equals_the_greater_id(repository: MemoryRepository) -> None:
    for name, minute in (("b", 1), ("a", 1), ("B", 1), ("old", 0), ("new", 2)):
        await repository.save(ME, a_memory(name, minute=minute))
    assert await ids(repository) == ["new", "b", "a", "B", "old"]


async def test_times_before_1970_and_of_other_offsets_are_in_order(repository: MemoryRepository) -> None:
    ancient = structs.replace(a_memory("ancient"), created_at=NOON.replace(year=1900))
    early = structs.replace(a_memory("early"), created_at=NOON.replace(tzinfo=timezone(timedelta(hours=1))))
    for one in (early, a_memory("late"), ancient):
        await repository.save(ME, one)
    assert await ids(repository) == ["late", "early", "ancient"]


async def test_pages_follow_each_other_to_the_end(repository: MemoryRepository) -> None:
    await save_minutes(repository, 7)
    seen, cursor = [], None
    for _ in range(3):
        page = await repository.page(ME, MemoryQuery(limit=3, cursor=cursor))
        seen.append([found.id for found in page.memories])
        cursor = page.next_cursor
    assert seen == [["m6", "m5", "m4"], ["m3", "m2", "m1"], ["m0"]]
    assert cursor is None


async def test_a_full_last_page_has_no_cursor(repository: MemoryRepository) -> None:
    await save_minutes(repository, 3)
    assert (await repository.page(ME, MemoryQuery(limit=3))).next_cursor is None


async def test_a_cursor_goes_on_at_its_place_while_memories_come_and_go(repository: MemoryRepository) -> None:
    await save_minutes(repository, 6)
    cursor = (await repository.page(ME, MemoryQuery(limit=3))).next_cursor
    await repository.save(ME, a_memory("newer", minute=99))
    await repository.delete(ME, MemoryId("m3"))  # the one that the cursor stands behind
    await repository.delete(ME, MemoryId("m1"))
    assert await ids(repository, cursor=cursor) == ["m2", "m0"]


async def test_cursors_tell_memories_of_one_moment_apart(repository: MemoryRepository) -> None:
    for name in HOSTILE:
        await repository.save(ME, a_memory(name))
    seen: list[str] = []
    query = MemoryQuery(limit=1)
    while True:
        page = await repository.page(ME, query)
        seen += [found.id for found in page.memories]
        if page.next_cursor is None:
            break
        query = structs.replace(query, cursor=page.next_cursor)
    assert seen == sorted(HOSTILE, reverse=True)


async def test_a_cursor_goes_into_a_url_as_it_is(repository: MemoryRepository) -> None:
    await repository.save(ME, a_memory("é/?&=+ÿ", minute=1))
    await repository.save(ME, a_memory())
    cursor = (await repository.page(ME, MemoryQuery(limit=1))).next_cursor
    assert cursor is not None
    assert set(cursor) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


async def test_a_cursor_takes_precedence_over_an_offset(repository: MemoryRepository) -> None:
    await save_minutes(repository, 4)
    cursor = (await repository.page(ME, MemoryQuery(limit=1))).next_cursor
    assert await ids(repository, cursor=cursor, offset=2) == ["m2", "m1", "m0"]


@pytest.mark.parametrize("made_up", ["", "1", "garbage", "=", "é", "AAAAAAAAAAAAAAAAAAAAAA", "../x", "\0", "x" * 5000])
async def test_a_made_up_cursor_is_rejected(repository: MemoryRepository, made_up: str) -> None:
    with pytest.raises(Rejected):
        await repository.page(ME, MemoryQuery(cursor=made_up))


async def test_a_cursor_with_something_added_or_changed_is_rejected(repository: MemoryRepository) -> None:
    await save_minutes(repository, 2)
    cursor = (await repository.page(ME, MemoryQuery(limit=1))).next_cursor
    assert cursor is not None
    for wrong in (f"{cursor}=", f"{cursor}A", f" {cursor}", cursor[:-1], cursor.swapcase(), f"B{cursor[1:]}"):
        with pytest.raises(Rejected):
            await repository.page(ME, MemoryQuery(cursor=wrong))


async def test_limit_and_offset_cut_a_window(repository: MemoryRepository) -> None:
    await save_minutes(repository, 5)
    assert await ids(repository, limit=2, offset=1) == ["m3", "m2"]
    assert await ids(repository, offset=9) == []
    assert await ids(repository, limit=10**30) == ["m4", "m3", "m2", "m1", "m0"]
    assert await ids(repository, limit=10**30, offset=10**30) == []


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_limit_of_nothing_gives_nothing(repository: MemoryRepository, limit: int) -> None:
    await save_minutes(repository, 2)
    page = await repository.page(ME, MemoryQuery(limit=limit))
    assert page.memories == ()
    assert page.next_cursor is None


async def test_status_and_discarded_filter_what_is_listed(repository: MemoryRepository) -> None:
    for number, status in enumerate(MemoryStatus):
        await repository.save(ME, a_memory(status, minute=number, status=status, discarded=number == 0))
    assert await ids(repository) == ["failed", "completed", "processing", "in_progress"]
    assert await ids(repository, include_discarded=False) == ["failed", "completed", "processing"]
    wanted = (MemoryStatus.IN_PROGRESS, MemoryStatus.FAILED)
    assert await ids(repository, statuses=wanted) == ["failed", "in_progress"]
    assert await ids(repository, statuses=wanted, include_discarded=False, limit=1) == ["failed"]
    assert await ids(repository, statuses=wanted, offset=1) == ["in_progress"]


async def test_a_user_without_memories_has_an_empty_page(repository: MemoryRepository) -> None:
    page = await repository.page(UserId("nobody"), MemoryQuery())
    assert (page.memories, page.next_cursor) == ((), None)


async def several(repository: MemoryRepository, *names: str, user: UserId = ME) -> list[str]:
    return [found.id for found in await repository.several(user, [MemoryId(name) for name in names])]


async def test_several_are_read_as_they_were_saved_and_in_the_order_asked_for(repository: MemoryRepository) -> None:
    await repository.save(ME, a_full_memory())
    await save_minutes(repository, 3)
    found = await repository.several(ME, [MemoryId("m1"), MemoryId("full"), MemoryId("m0")])
    assert found == (a_memory("m1", minute=1), a_full_memory(), a_memory("m0"))


async def test_of_several_those_that_are_not_there_are_left_out(repository: MemoryRepository) -> None:
    assert await several(repository, "m0") == []
    await save_minutes(repository, 4)
    await repository.delete(ME, MemoryId("m2"))
    assert await several(repository, "none", "m3", "m2", "half a character: \ud800", "m0") == ["m3", "m0"]


async def test_one_that_is_asked_for_twice_is_given_once(repository: MemoryRepository) -> None:
    await save_minutes(repository, 2)
    assert await several(repository, "m1", "m0", "m1", "none", "none") == ["m1", "m0"]


async def test_none_of_none_are_found(repository: MemoryRepository) -> None:
    await save_minutes(repository, 1)
    assert await repository.several(ME, ()) == ()


async def test_any_texts_are_ids_of_several(repository: MemoryRepository) -> None:
    for name in HOSTILE[::2]:
        await repository.save(ME, a_memory(name, language=name))
    found = await repository.several(ME, [MemoryId(name) for name in HOSTILE])
    assert [(one.id, one.language) for one in found] == [(name, name) for name in HOSTILE[::2]]
    assert await several(repository, *HOSTILE, user=OTHER) == []


async def test_more_than_a_database_gives_at_once_are_found_together(repository: MemoryRepository) -> None:
    said = (a_segment(),)
    async with anyio.create_task_group() as tasks:
        for number in range(101):
            tasks.start_soon(repository.save, ME, a_memory(f"m{number}", segments=said))
    names = [f"m{number}" for number in range(130)]
    assert await several(repository, *names) == names[:101]


async def test_several_large_ones_are_read_in_time(repository: MemoryRepository) -> None:
    long = tuple(a_segment(f"Sentence number {n}.", at=n) for n in range(3_000))
    for name in ("a", "b", "c"):
        await repository.save(ME, a_memory(name, segments=long))
    with anyio.fail_after(5):
        found = await repository.several(ME, [MemoryId(name) for name in "abc"])
    assert [one.segments for one in found] == [long] * 3


@DURABLE
async def test_memories_survive_reopening(harness: Harness[MemoryRepository], tmp_path: Path) -> None:
    async with harness(tmp_path) as first:
        await first.save(ME, a_full_memory())
    async with harness(tmp_path) as second:
        assert await second.get(ME, MemoryId("full")) == a_full_memory()


@DURABLE
async def test_two_that_are_open_at_once_see_each_other(harness: Harness[MemoryRepository], tmp_path: Path) -> None:
    async with harness(tmp_path) as one, harness(tmp_path) as other:
        await one.save(ME, a_memory())
        await other.update(ME, MemoryId("memory"), lambda found: structs.replace(found, language="de"))
        assert (await one.get(ME, MemoryId("memory"))).language == "de"


@DURABLE
async def test_reading_makes_nothing_on_the_disk(harness: Harness[MemoryRepository], tmp_path: Path) -> None:
    async with harness(tmp_path) as store:
        assert await ids(store) == []
        await store.delete(ME, MemoryId("memory"))
    assert not files_in(tmp_path)


async def test_nothing_of_a_deleted_memory_stays_on_the_disk(tmp_path: Path) -> None:
    canary = "a sentence that nobody else says"
    async with SqliteMemoryRepository(tmp_path) as store:
        await store.save(ME, a_memory(external={"long": canary * 1000}, structure=Structure(title=canary)))
        assert holding(tmp_path, canary)
        await store.delete(ME, MemoryId("memory"))
        assert not holding(tmp_path, canary)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def holding(folder: Path, text: str) -> list[Path]:
    return [path for path in files_in(folder) if text.encode() in path.read_bytes()]
