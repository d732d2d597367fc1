"""The simulation is true to Firestore, as Google's own SDK sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import (
    DELETE_FIELD,
    SERVER_TIMESTAMP,
    And,
    ArrayRemove,
    ArrayUnion,
    AsyncClient,
    AsyncTransaction,
    FieldFilter,
    Increment,
    Or,
    async_transactional,
)

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.inbound.simulators.firestore_faults import (
    FirestoreFault,
    FirestoreFaultKind,
    FirestoreScript,
    FirestoreStatus,
    read_firestore_script,
)

DESCENDING = "DESCENDING"


@asynccontextmanager
async def a_client(simulation: FirestoreSimulation) -> AsyncIterator[AsyncClient]:
    client = AsyncClient(project="omi", credentials=AnonymousCredentials(), database="(default)")
    client._emulator_host = simulation.url
    yield client
    await client._firestore_api.transport.close()


@pytest.fixture
async def simulation() -> AsyncIterator[FirestoreSimulation]:
    async with serve_firestore() as ready:
        yield ready


@pytest.fixture
async def client(simulation: FirestoreSimulation) -> AsyncIterator[AsyncClient]:
    async with a_client(simulation) as ready:
        yield ready


async def filled(client: AsyncClient, **documents: dict[str, Any]) -> Any:
    collection = client.collection("users/u/things")
    for name, fields in documents.items():
        await collection.document(name).set(fields)
    return collection


async def ids(query: Any) -> list[str]:
    return [snapshot.id for snapshot in await query.get()]


def where(field: str, operator: str, value: Any) -> FieldFilter:
    return FieldFilter(field, operator, value)


async def test_a_document_is_read_as_it_was_written(client: AsyncClient) -> None:
    fields = {"text": "é\0", "whole": 2**62, "number": 0.1, "nothing": None, "yes": True, "bytes": b"\xff"}
    fields |= {"list": [1, {"deep": [2]}], "map": {"a.b": 1}, "empty": {}}
    reference = client.document("users/u")
    await reference.set(fields)
    assert (await reference.get()).to_dict() == fields
    assert not (await client.document("users/other").get()).exists


async def test_fields_are_changed_removed_and_merged_by_path(client: AsyncClient) -> None:
    reference = client.document("users/u")
    await reference.set({"a": {"b": 1, "c": 2}, "d": 3})
    await reference.update({"a.b": DELETE_FIELD, "e.f": 4, "`g.h`": 5})
    await reference.set({"a": {"i": 6}}, merge=True)
    assert (await reference.get()).to_dict() == {"a": {"c": 2, "i": 6}, "d": 3, "e": {"f": 4}, "g.h": 5}


async def test_the_server_computes_what_it_is_asked_to(client: AsyncClient) -> None:
    reference = client.document("users/u")
    await reference.set({"count": 1, "list": [1, 2]})
    await reference.update({"count": Increment(2), "at": SERVER_TIMESTAMP, "list": ArrayUnion([2, 3])})
    await reference.update({"list": ArrayRemove([1])})
    found = await reference.get()
    assert (found.get("count"), found.get("list")) == (3, [2, 3])
    assert found.get("at") <= found.update_time


async def test_preconditions_hold(client: AsyncClient) -> None:
    reference = client.document("users/u")
    with pytest.raises(exceptions.NotFound):
        await reference.update({"a": 1})
    await reference.create({"a": 1})
    with pytest.raises(exceptions.AlreadyExists):
        await reference.create({"a": 2})
    version = client.write_option(last_update_time=(await reference.get()).update_time)
    await reference.update({"a": 3}, option=version)
    with pytest.raises(exceptions.FailedPrecondition):
        await reference.update({"a": 4}, option=version)
    assert (await reference.get()).to_dict() == {"a": 3}


async def test_a_batch_is_written_whole_or_not_at_all(client: AsyncClient) -> None:
    await client.document("users/there").set({})
    batch = client.batch()
    batch.set(client.document("users/new"), {"a": 1})
    batch.create(client.document("users/there"), {})
    with pytest.raises(exceptions.AlreadyExists):
        await batch.commit()
    assert not (await client.document("users/new").get()).exists


async def test_queries_filter(client: AsyncClient) -> None:
    things = await filled(
        client,
        a={"n": 1, "tags": ["x", "y"], "maybe": None},
        b={"n": 2, "tags": ["y"], "deep": {"er": "yes"}},
        c={"n": 3.5, "tags": []},
        d={"n": "text"},
    )
    assert await ids(things.where(filter=where("n", ">=", 2))) == ["b", "c"]
    assert await ids(things.where(filter=where("n", "in", [1, "text"]))) == ["a", "d"]
    assert await ids(things.where(filter=where("n", "!=", 2))) == ["a", "c", "d"]
    assert await ids(things.where(filter=where("n", "not-in", [1, 2]))) == ["c", "d"]
    assert await ids(things.where(filter=where("tags", "array_contains", "y"))) == ["a", "b"]
    assert await ids(things.where(filter=where("tags", "array_contains_any", ["x"]))) == ["a"]
    assert await ids(things.where(filter=where("maybe", "==", None))) == ["a"]
    assert await ids(things.where(filter=where("deep.er", "==", "yes"))) == ["b"]
    assert await ids(things.where(filter=Or([where("n", "==", 1), where("n", "==", 2)]))) == ["a", "b"]
    assert await ids(things.where(filter=And([where("n", ">", 1), where("n", "<", 3)]))) == ["b"]


async def test_queries_are_ordered_and_cut(client: AsyncClient) -> None:
    things = await filled(client, a={"n": 1}, b={"n": 2}, c={"n": 2}, d={"n": 3}, without={})
    newest = things.order_by("n", direction=DESCENDING)
    assert await ids(newest) == ["d", "c", "b", "a"]
    assert await ids(newest.limit(2).offset(1)) == ["c", "b"]
    both = newest.order_by("__name__", direction=DESCENDING)
    assert await ids(both.start_after({"n": 2, "__name__": things.document("c")})) == ["b", "a"]
    assert await ids(both.start_at({"n": 2, "__name__": things.document("c")}).limit(1)) == ["c"]
    assert await ids(things.order_by("n").end_before({"n": 2})) == ["a"]
    assert await ids(things.order_by("n").start_after(await things.document("b").get())) == ["c", "d"]


async def test_kinds_of_values_have_an_order(client: AsyncClient) -> None:
    values = [None, False, True, float("nan"), -1, 0.5, 2, "a", "b", b"\0", client.document("users/u"), [1], {"a": 1}]
    things = await filled(client, **{f"{n:02}": {"v": value} for n, value in enumerate(values)})
    assert await ids(things.order_by("v")) == [f"{n:02}" for n in range(len(values))]


async def test_queries_select_count_and_look_everywhere(client: AsyncClient) -> None:
    things = await filled(client, a={"n": 1, "m": 2}, b={"n": 2})
    [first, _] = await things.order_by("n").select(["n"]).get()
    assert first.to_dict() == {"n": 1}
    assert (await things.where(filter=where("n", ">", 1)).count().get())[0][0].value == 1
    await client.document("users/v/things/c").set({"n": 3})
    assert await ids(client.collection_group("things")) == ["a", "b", "c"]


async def test_documents_and_collections_are_listed_page_by_page(client: AsyncClient) -> None:
    things = await filled(client, **{f"{n:02}": {} for n in range(7)})
    assert [one.id async for one in things.list_documents(page_size=3)] == [f"{n:02}" for n in range(7)]
    assert [one.id async for one in client.document("users/u").collections()] == ["things"]
    assert [one.id async for one in client.collections()] == ["users"]


async def test_an_index_of_several_fields_is_missed(client: AsyncClient) -> None:
    things = await filled(client, a={"n": 1, "k": 1})
    asked = things.where(filter=where("k", "==", 1)).order_by("n")
    with pytest.raises(exceptions.FailedPrecondition, match="index"):
        await asked.get()
    async with serve_firestore(composite_indexes=True) as other, a_client(other) as indexed:
        things = await filled(indexed, a={"n": 1, "k": 1})
        assert await ids(things.where(filter=where("k", "==", 1)).order_by("n")) == ["a"]


async def test_of_concurrent_transactions_none_is_lost(client: AsyncClient) -> None:
    reference = client.document("users/u")
    await reference.set({"count": 0})

    @async_transactional
    async def increase(transaction: AsyncTransaction) -> None:
        found = await reference.get(transaction=transaction)
        transaction.update(reference, {"count": found.get("count") + 1})

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(increase, client.transaction(max_attempts=20))
    assert (await reference.get()).get("count") == 8


async def test_a_transaction_that_read_what_was_changed_is_aborted(client: AsyncClient) -> None:
    reference = client.document("users/u")
    await reference.set({"a": 1})

    @async_transactional
    async def overtaken(transaction: AsyncTransaction) -> None:
        await reference.get(transaction=transaction)
        await reference.set({"a": 2})
        transaction.set(reference, {"a": 3})

    with pytest.raises(ValueError, match="Failed to commit"):
        await overtaken(client.transaction(max_attempts=1))
    assert (await reference.get()).get("a") == 2


async def test_many_writes_are_written_each_for_itself(client: AsyncClient) -> None:
    answer = await client._firestore_api.batch_write(
        request={
            "database": client._database_string,
            "writes": [
                {"update": {"name": f"{client._database_string}/documents/users/a"}},
                {"delete": f"{client._database_string}/documents/users/b", "current_document": {"exists": True}},
            ],
        }
    )
    assert [status.code for status in answer.status] == [0, 5]


@pytest.mark.parametrize(
    "fields",
    [{"large": b"x" * 1_048_576}, {"list": [[1]]}, {"__reserved__": 1}],
    ids=["too large", "an array in an array", "a reserved field"],
)
async def test_what_firestore_does_not_take_is_refused(client: AsyncClient, fields: dict[str, Any]) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        await client.document("users/u").set(fields)


@pytest.mark.parametrize("name", [".", "..", "__id__", "x" * 1501])
async def test_names_that_firestore_does_not_take_are_refused(client: AsyncClient, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        await client.collection("users").document(name).set({})


async def test_it_counts_what_is_asked_and_written(simulation: FirestoreSimulation, client: AsyncClient) -> None:
    await client.document("users/u").set({"text": "x" * 100})
    await client.document("users/u").get()
    metrics = simulation.metrics
    assert metrics.requests == {"Commit": 1, "BatchGetDocuments": 1}
    assert (metrics.documents_written, metrics.documents_read) == (1, 1)
    # 16 and the path, the field's name and content, 32: as Firestore's documentation counts
    assert metrics.bytes_written == metrics.largest_document == 16 + 6 + 2 + 5 + 101 + 32


async def test_a_write_that_changes_nothing_leaves_the_version(client: AsyncClient) -> None:
    reference = client.document("users/u")
    await reference.set({"a": 1})
    version = (await reference.get()).update_time
    await reference.set({"a": 1})
    assert (await reference.get()).update_time == version


async def test_calls_fail_by_script(simulation: FirestoreSimulation, client: AsyncClient) -> None:
    simulation.script = FirestoreScript(
        faults=(
            FirestoreFault(status=FirestoreStatus.RESOURCE_EXHAUSTED, methods=("Commit",), calls=(1,)),
            FirestoreFault(kind=FirestoreFaultKind.HANG, methods=("Commit",), calls=(2,)),
            FirestoreFault(kind=FirestoreFaultKind.LOST_ANSWER, methods=("Commit",), calls=(3,)),
        )
    )
    reference = client.document("users/u")
    with pytest.raises(exceptions.ResourceExhausted):
        await reference.set({"a": 1}, retry=None)
    with pytest.raises(exceptions.DeadlineExceeded):
        await reference.set({"a": 2}, retry=None, timeout=0.1)
    assert not (await reference.get()).exists
    with pytest.raises(exceptions.ServiceUnavailable):
        await reference.set({"a": 3}, retry=None)
    assert (await reference.get()).to_dict() == {"a": 3}


def test_a_script_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "script.toml"
    path.write_text('latency_seconds = 0.5\n[[faults]]\nkind = "hang"\nmethods = ["RunQuery"]\n')
    script = read_firestore_script(path)
    assert script.latency_seconds == 0.5
    assert script.of_call("RunQuery", calls={"RunQuery": 9}) == script.faults[0]
    assert script.of_call("Commit", calls={"Commit": 1}) is None


async def test_an_address_that_is_taken_is_told(simulation: FirestoreSimulation) -> None:
    port = int(simulation.url.rpartition(":")[2])
    with pytest.raises(OSError, match="taken"):
        async with serve_firestore(port=port):
            pass
