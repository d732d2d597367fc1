"""`/health` and the documentation: open, and quiet about users."""

import re

import anyio
import pytest

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
    backend.adapters = {"speech_to_text": Patient(condition), "clock": backend.clock}
    async with backend.client(None) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == status
    assert answer.json() == {"status": summary, "adapters": {"speech_to_text": condition.value}}


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
    assert operation["responses"].keys() == {"200", "400", "401", "404", "422", "503"}
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
