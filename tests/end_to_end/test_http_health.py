"""`/health` and the documentation: open, and quiet about users."""

import re

import anyio
import pytest

from adapters.inbound.http import readiness as readiness_module
from adapters.inbound.http.readiness import NEEDED, Readiness, State
from adapters.outbound.clock.manual import ManualClock
from bootstrap.registry import REGISTRY
from ports.diagnosis import Condition, Diagnosis
from tests.support.http_app import Backend


class Patient:
    """An adapter in some condition."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.looks = 0

    async def diagnose(self) -> Diagnosis:
        self.looks += 1
        await anyio.lowlevel.checkpoint()
        return Diagnosis(condition=self.condition, finding="secret path", remedy="secret key")


async def test_a_process_that_runs_is_alive_even_while_it_drains() -> None:
    backend = Backend()
    backend.is_draining = True
    async with backend.client(None) as client:
        answer = await client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("condition", "status", "summary"),
    [
        (Condition.WORKING, 200, "ready"),
        (Condition.DEGRADED, 200, "degraded"),
        (Condition.BROKEN, 503, "unavailable"),
    ],
)
async def test_a_process_is_as_ready_as_its_adapters(condition: Condition, status: int, summary: str) -> None:
    backend = Backend()
    backend.adapters = {"job_queue": Patient(condition), "clock": backend.clock}
    async with backend.client(None) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == status
    told = answer.json()
    assert told["status"] == summary
    assert told["adapters"]["job_queue"].pop("milliseconds") >= 0
    assert told["adapters"] == {
        "job_queue": {"adapter": "", "state": condition.value},
        "clock": {"adapter": "", "state": "unchecked", "milliseconds": None},
    }
    assert "secret" not in answer.text


async def test_what_can_be_done_without_makes_a_process_no_less_ready_to_work() -> None:
    clock = ManualClock()
    adapters = {"job_queue": Patient(Condition.WORKING), "notifier": Patient(Condition.BROKEN)}
    readiness = Readiness(adapters, clock=clock, names={"notifier": "fcm"}, needed=NEEDED)
    report = await readiness.report()
    assert (report.status, report.adapters["notifier"].state) == ("degraded", State.BROKEN)
    assert report.adapters["notifier"].adapter == "fcm"
    assert REGISTRY.keys() >= NEEDED


async def test_an_adapter_that_hangs_is_broken_and_the_others_are_not(monkeypatch) -> None:
    class Hanging:
        async def diagnose(self) -> Diagnosis:
            await anyio.sleep_forever()
            raise AssertionError

    monkeypatch.setattr(readiness_module, "PATIENCE", 0.02)
    adapters = {"notifier": Hanging(), "job_queue": Patient(Condition.WORKING)}
    report = await Readiness(adapters, clock=ManualClock()).report()
    assert [finding.state for finding in report.adapters.values()] == [State.BROKEN, State.WORKING]
    assert report.adapters["notifier"].milliseconds is None


async def test_of_many_who_ask_at_once_one_looks() -> None:
    patient = Patient(Condition.BROKEN)
    readiness = Readiness({"job_queue": patient}, clock=ManualClock())
    statuses = []

    async def ask() -> None:
        statuses.append((await readiness.report()).status)

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(ask)
    assert (patient.looks, statuses) == (1, ["unavailable"] * 5)


async def test_numbers_ask_nobody() -> None:
    patient = Patient(Condition.DEGRADED)
    readiness = Readiness({"job_queue": patient}, clock=ManualClock(), names={"job_queue": "redis"})
    await readiness.report()
    condition, draining = await readiness.measures()
    assert {tuple(sample.labels.values()): sample.value for sample in condition.samples} == {
        ("job_queue", "redis", "working"): False,
        ("job_queue", "redis", "degraded"): True,
        ("job_queue", "redis", "broken"): False,
    }
    assert (patient.looks, draining.samples[0].value) == (1, False)


async def test_a_process_that_drains_takes_no_work() -> None:
    backend = Backend()
    backend.is_draining = True
    async with backend.client(None) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "draining")


async def test_adapters_are_looked_at_once_in_ten_seconds() -> None:
    backend, patient = Backend(), Patient(Condition.WORKING)
    backend.adapters = {"vendor": patient}
    async with backend.client(None) as client:
        for _ in range(5):
            await client.get("/health/ready")
        assert patient.looks == 1
        await backend.clock.advance(11)
        await client.get("/health/ready")
    assert patient.looks == 2


async def test_the_interface_describes_itself() -> None:
    async with Backend().client(None) as client:
        answer = await client.get("/schema/openapi.json")
    assert answer.status_code == 200
    description = answer.json()
    assert description["paths"].keys() >= {"/v1/memories", "/v1/memories/{memory_id}", "/health/ready"}
    assert description["security"] == [{"token": []}]
    assert "trigger_integrations" in answer.text


async def test_the_description_names_the_failures() -> None:
    async with Backend().client(None) as client:
        description = (await client.get("/schema/openapi.json")).json()
    operation = description["paths"]["/v1/memories/{memory_id}"]["get"]
    assert operation["responses"].keys() == {"200", "400", "401", "404", "422", "429", "500", "503"}
    body = operation["responses"]["400"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/ErrorBody"}


async def test_the_documentation_loads_nothing_from_elsewhere() -> None:
    async with Backend().client(None) as client:
        page = await client.get("/documentation")
        assert page.headers["content-security-policy"].startswith("default-src 'self';")
        assert "//" not in page.text
        assert "<script>" not in page.text
        links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(links) == 4
        for link in links:
            answer = await client.get(link)
            assert answer.status_code == 200
            assert answer.content


async def test_the_documentation_serves_its_own_files_alone() -> None:
    async with Backend().client(None) as client:
        assert (await client.get("/documentation/files/..%2f..%2f..%2f__init__.py")).status_code == 404
