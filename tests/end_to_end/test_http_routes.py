"""All routes of the program at once: who may ask, what they answer with, and whether the page about them is right."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from benchmarks.crash import FAKES
from benchmarks.server_process import ServerProcess
from domain import watermark
from tests.support.known_routes import NOT_SERVED
from tests.support.listen_client import client, words_of
from tests.support.program import Running, container_over, program, rest_of
from tests.support.route_table import FILE, Served, alike, served, table

OPEN = {
    "GET /health/live",
    "GET /health/ready",
    "GET /v1/conversations/{memory_id}/shared",
    "GET /v1/firmware/latest",
    "GET /v1/integrations/workflow/memories",
    "GET /v1/memories/{memory_id}/shared",
    "GET /v1/objects/{token}",
    "GET /v1/public-conversations",
    "GET /v1/public-memories",
    "GET /v2/firmware/latest",
    "GET /v2/integrations/{app_id}/conversations",
    "GET /v2/integrations/{app_id}/memories",
    "POST /v1/agents/hume/callback",
    "POST /v1/integrations/notification",
    "POST /v1/integrations/screenpipe",
    "POST /v1/integrations/workflow/memories",
    "POST /v2/integrations/{app_id}/notification",
    "POST /v2/integrations/{app_id}/search/conversations",
    "POST /v2/integrations/{app_id}/user/conversations",
    "POST /v2/integrations/{app_id}/user/facts",
    "POST /v2/integrations/{app_id}/user/memories",
}
"""Routes without a token of a user. Those of integrations have keys of their own, the callback proves itself."""
NO_CONTENT = {
    "DELETE /v1/memories/{memory_id}",
    "DELETE /v1/conversations/{memory_id}",
    "DELETE /v1/users/people/{person_id}",
}
"""What the apps expect 204 of, and 200 of everything else."""


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[Served]:
    return list(served(rest_of(container_over(tmp_path_factory.mktemp("program")))))


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        yield running


def address(route: Served) -> str:
    return re.sub(r"\{\w+\}", "0", route.path)


def test_only_what_is_meant_to_be_open_is(routes: list[Served]) -> None:
    assert {route.name for route in routes if route.is_public} == OPEN


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nobody", "Bearer a b", "Basic YTpi", "nobody"])
async def test_without_a_token_every_other_route_answers_401(
    running: Running, routes: list[Served], header: str | None
) -> None:
    running.become(None)
    headers = {} if header is None else {"Authorization": header}
    for route in routes:
        if not route.is_public:
            answer = await running.client.request(route.method, address(route), headers=headers)
            assert answer.status_code == 401, route.name
            assert answer.json().keys() == {"detail"}


async def test_with_a_token_no_route_answers_401(running: Running, routes: list[Served]) -> None:
    for route in routes:
        if not route.is_public and route.path != "/v1/users/delete-account":
            answer = await running.client.request(route.method, address(route))
            assert answer.status_code != 401, route.name
            assert answer.status_code < 500, (route.name, answer.text)


def test_statuses_are_those_that_the_apps_test_for(routes: list[Served]) -> None:
    assert {route.name for route in routes if route.status == 204} == NO_CONTENT
    assert {route.status for route in routes} == {200, 204}


def test_the_page_about_routes_is_right(routes: list[Served]) -> None:
    page = FILE.read_text()
    missing = [route.name for route in routes if f"`{route.name}`" not in page and alike(route.name) not in alike(page)]
    assert not missing
    assert page == table(routes), "run: make routes"


def test_what_is_said_not_to_be_served_is_not(routes: list[Served]) -> None:
    assert not {alike(name) for name in NOT_SERVED} & {alike(route.name) for route in routes}


def test_every_route_is_tested_somewhere(routes: list[Served]) -> None:
    for route in routes:
        tests = (Path(__file__).parent / route.tests).read_text()
        last = [part for part in route.path.split("/") if part and not part.startswith("{")][-1]
        assert last in tests, route.name


async def test_there_is_no_firmware_here(running: Running) -> None:
    running.become(None)
    for path in ("/v1/firmware/latest", "/v2/firmware/latest"):
        answer = await running.client.get(path, params={"device": "1"})
        assert answer.status_code == 404
        assert "publishes no firmware" in answer.json()["detail"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("server"), settings=FAKES)
    anyio.run(server.start)
    yield server
    anyio.run(server.stop)


async def test_over_real_sockets_a_conversation_is_ended_read_and_deleted_with_its_user(server: ServerProcess) -> None:
    headers = {"Authorization": f"Bearer {server.token('anna')}"}
    async with (
        client(server, "anna", "codec=pcm16&sample_rate=16000&language=en") as talker,
        httpx.AsyncClient(base_url=server.address, headers=headers, timeout=60) as rest,
    ):
        await rest.patch("/v1/users/geolocation", json={"latitude": 1, "longitude": 2})
        await talker.say(watermark.speech(0, 3, pause=4_000) + bytes(24_000))
        await talker.until_words(3)
        made = await rest.post("/v1/conversations")
        assert made.status_code == 200, made.text
        conversation = made.json()["conversation"]
        assert words_of(conversation) == [watermark.text_of(number) for number in range(3)]
        assert conversation["geolocation"]["latitude"] == 1.0
        told = await talker.until("new_memory_created")
        assert told["memory_id"] == conversation["id"]
        assert (await rest.get("/v1/conversations")).json() == [conversation]
        assert (await rest.delete("/v1/users/delete-account")).status_code == 200
        with anyio.fail_after(10):
            while (await rest.get("/v1/conversations")).json():
                await anyio.sleep(0.05)
