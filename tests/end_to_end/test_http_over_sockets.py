"""REST and the live socket on one port of the real server."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.support.rest_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_rest_answers(address: str) -> None:
    answer = httpx.get(f"{address}/v1/memories", headers={"Authorization": "Bearer token-anna"})
    assert (answer.status_code, answer.json()) == (200, [])
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert "server" not in answer.headers


def test_rest_asks_for_a_token(address: str) -> None:
    assert httpx.get(f"{address}/v1/memories").status_code == 401


def test_the_files_of_the_documentation_may_be_kept(address: str) -> None:
    answer = httpx.get(f"{address}/documentation/files/swagger-ui.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "max-age=86400"


async def test_a_socket_that_is_public_opens(address: str) -> None:
    async with connect(f"ws{address.removeprefix('http')}/listen") as socket:
        await socket.send(bytes(80))
        assert await socket.recv() == bytes(80)


async def test_a_socket_can_be_refused_with_a_status(address: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        await connect(f"ws{address.removeprefix('http')}/listen?refuse")
    assert refusal.value.response.status_code == 401


async def test_there_is_no_socket_elsewhere(address: str) -> None:
    with pytest.raises(InvalidStatus):
        await connect(f"ws{address.removeprefix('http')}/nowhere")
