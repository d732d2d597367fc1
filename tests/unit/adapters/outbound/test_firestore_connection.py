"""How failures of Firestore are met: tried again while that may help, told in the words of the ports."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from adapters.inbound.simulators.firestore import FirestoreSimulation, serve_firestore
from adapters.inbound.simulators.firestore_faults import (
    FirestoreFault,
    FirestoreFaultKind,
    FirestoreScript,
    FirestoreStatus,
)
from adapters.outbound.firestore_connection import Batch, FirestoreConnection
from adapters.outbound.firestore_settings import FirestoreSettings
from domain.ids import UserId
from ports.diagnosis import Condition
from ports.errors import AdapterError, Conflict, Rejected, TemporarilyUnavailable
from tests.support.firestore import reaching

ME = UserId("me")


@pytest.fixture
async def simulation() -> AsyncIterator[FirestoreSimulation]:
    async with serve_firestore() as ready:
        yield ready


def failing(status: FirestoreStatus = FirestoreStatus.UNAVAILABLE, *calls: int) -> FirestoreScript:
    return FirestoreScript(faults=(FirestoreFault(status=status, calls=calls),))


@pytest.mark.parametrize(
    "status", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "INTERNAL"], ids=lambda status: status.lower()
)
async def test_a_call_is_tried_again_while_that_may_help(simulation: FirestoreSimulation, status: str) -> None:
    simulation.script = failing(FirestoreStatus(status), 1, 2)
    async with FirestoreConnection(reaching(simulation, FirestoreSettings)) as connection:
        [found] = await connection.read([connection.user(ME)])
    assert not found.exists
    assert simulation.metrics.requests == {"BatchGetDocuments": 3}


async def test_queries_and_lists_are_tried_again_too(simulation: FirestoreSimulation) -> None:
    simulation.script = failing(FirestoreStatus.UNAVAILABLE, 1)
    async with FirestoreConnection(reaching(simulation, FirestoreSettings)) as connection:
        things = connection.user(ME).collection("things")
        assert await connection.find(things) == []
        assert await connection.names(things) == []
        assert await connection.below(connection.user(ME)) == []
    assert set(simulation.metrics.requests.values()) == {2}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("UNAVAILABLE", TemporarilyUnavailable),
        ("PERMISSION_DENIED", Rejected),
        ("UNAUTHENTICATED", Rejected),
        ("NOT_FOUND", Rejected),
        ("ABORTED", Conflict),
        ("FAILED_PRECONDITION", Conflict),
    ],
)
async def test_what_stays_wrong_is_told(
    simulation: FirestoreSimulation, status: str, expected: type[AdapterError]
) -> None:
    simulation.script = failing(FirestoreStatus(status))
    async with FirestoreConnection(reaching(simulation, FirestoreSettings, patience=0.1)) as connection:
        with pytest.raises(AdapterError) as told:
            await connection.read([connection.user(ME)])
    assert type(told.value) is expected
    assert "Firestore (omi, (default))" in str(told.value)


async def test_what_is_refused_is_not_tried_again(simulation: FirestoreSimulation) -> None:
    async with FirestoreConnection(reaching(simulation, FirestoreSettings)) as connection:

        def too_large(batch: Batch) -> None:
            batch.set(connection.user(ME), {"large": b"x" * 2**20})

        with pytest.raises(Rejected):
            await connection.write(too_large)
    assert simulation.metrics.requests == {"Commit": 1}


async def test_a_service_that_never_answers_is_given_up(simulation: FirestoreSimulation) -> None:
    simulation.script = FirestoreScript(faults=(FirestoreFault(kind=FirestoreFaultKind.HANG),))
    settings = reaching(simulation, FirestoreSettings, timeout=0.05, patience=0.3)
    with anyio.fail_after(5):
        async with FirestoreConnection(settings) as connection:
            with pytest.raises(TemporarilyUnavailable):
                await connection.read([connection.user(ME)])
    assert simulation.metrics.requests["BatchGetDocuments"] > 1


async def test_a_service_that_is_not_there_is_told() -> None:
    settings = FirestoreSettings(host="127.0.0.1:1", insecure=True, timeout=0.2, patience=0.2)
    with anyio.fail_after(5):
        async with FirestoreConnection(settings) as connection:
            diagnosis = await connection.diagnose()
    assert diagnosis.condition is Condition.BROKEN
    assert "HOST" in diagnosis.remedy


async def test_a_service_that_answers_is_told(simulation: FirestoreSimulation) -> None:
    async with FirestoreConnection(reaching(simulation, FirestoreSettings)) as connection:
        diagnosis = await connection.diagnose()
    assert diagnosis.condition is Condition.WORKING
    assert "omi" in diagnosis.finding


async def test_who_uses_the_same_database_shares_a_client(simulation: FirestoreSimulation) -> None:
    settings = reaching(simulation, FirestoreSettings)
    patient = reaching(simulation, FirestoreSettings, patience=60.0)
    elsewhere = reaching(simulation, FirestoreSettings, database="other")
    async with FirestoreConnection(settings) as one:
        async with FirestoreConnection(patient) as two, FirestoreConnection(elsewhere) as three:
            assert one._client is two._client
            assert one._client is not three._client
        await one.read([one.user(ME)])  # still open


async def test_more_documents_than_fit_into_a_call_are_read_in_their_order(simulation: FirestoreSimulation) -> None:
    async with FirestoreConnection(reaching(simulation, FirestoreSettings)) as connection:
        references = [connection.user(UserId(f"{n}")) for n in range(250)]
        found = await connection.read([*references, references[0]])
        assert [one.reference.id for one in found] == [*(f"{n}" for n in range(250)), "0"]


async def test_without_tls_a_host_has_to_be_named() -> None:
    with pytest.raises(Rejected, match="HOST"):
        async with FirestoreConnection(FirestoreSettings(insecure=True)):
            pass


async def test_credentials_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    settings = FirestoreSettings(project="omi", credentials_file=str(tmp_path / "missing.json"))
    with pytest.raises(Rejected, match="CREDENTIALS_FILE"):
        async with FirestoreConnection(settings):
            pass
