"""Who may ask, and what a failure tells."""

from typing import Any

import pytest
from litestar import WebSocket, get, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.testing import TestClient

from domain.errors import BusinessError, TooManySessions
from ports.errors import AdapterError, Conflict, NotFound, Rejected, StorageFull, TemporarilyUnavailable
from tests.support.http_app import Backend

PUBLIC = {
    "/health/live",
    "/health/ready",
    "/documentation",
    "/documentation/start.js",
    "/documentation/files/{file_path}",
    "/schema",
    "/schema/{path}",
    "/schema/openapi.json",
}
SECRET = "secret-5e1f"  # noqa: S105 - a canary


def routes() -> list[tuple[str, str]]:
    """Every method of every path, as the application knows them."""
    app = Backend().application()
    return [
        (method, route.path_format) for route in app.routes for method in sorted(getattr(route, "methods", {"GET"}))
    ]


@pytest.mark.parametrize(("method", "path"), [route for route in routes() if route[1] not in PUBLIC])
@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({}, "Authorization header not found"),
        ({"Authorization": ""}, "Invalid authorization token"),
        ({"Authorization": "Bearer"}, "Invalid authorization token"),
        ({"Authorization": "token-anna"}, "Invalid authorization token"),
        ({"Authorization": "Basic token-anna"}, "Invalid authorization token"),
        ({"Authorization": "Bearer token-anna more"}, "Invalid authorization token"),
        ({"Authorization": "Bearer wrong"}, "Invalid authorization token"),
    ],
)
async def test_every_route_asks_for_a_token(method: str, path: str, headers: dict[str, str], detail: str) -> None:
    async with Backend().client(None) as client:
        answer = await client.request(method, f"{path}?token=token-anna&uid=anna", headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"detail": detail}
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_what_is_open_is_known() -> None:
    assert {path for _, path in routes()} >= PUBLIC


@get("/careless", status_code=200)
async def careless() -> str:
    return SECRET


@websocket("/careless-socket")
async def careless_socket(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept()


async def test_a_route_that_forgets_to_say_who_may_call_it_is_closed() -> None:
    async with Backend().client(None, handlers=[careless]) as client:
        assert (await client.get("/careless")).status_code == 401


def test_a_socket_that_forgets_to_say_who_may_open_it_is_closed() -> None:
    with (
        TestClient(Backend().application(handlers=[careless_socket])) as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/careless-socket"),
    ):
        pass


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BusinessError("told"), 400),
        (TooManySessions("full"), 503),
        (NotFound(SECRET), 404),
        (Conflict(SECRET), 409),
        (StorageFull(SECRET), 507),
        (TemporarilyUnavailable(SECRET), 503),
        (Rejected(SECRET), 500),
        (AdapterError(SECRET), 500),
        (ZeroDivisionError(SECRET), 500),
        (ExceptionGroup(SECRET, [ValueError(SECRET)]), 500),
    ],
)
async def test_a_failure_has_its_status_and_tells_nothing_of_the_inside(
    error: Exception, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    @get("/failing", status_code=200)
    async def failing() -> None:
        raise error

    async with Backend().client(handlers=[failing]) as client:
        answer = await client.get("/failing")
    assert answer.status_code == status
    assert answer.json().keys() == {"detail"}
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    assert SECRET not in "".join(capsys.readouterr())
    assert ("Retry-After" in answer.headers) == (status == 503)


async def test_a_path_that_does_not_exist_is_not_found() -> None:
    async with Backend().client(None) as client:
        answer = await client.get("/v1/nothing")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


async def test_a_method_that_does_not_exist_is_not_allowed() -> None:
    async with Backend().client() as client:
        assert (await client.put("/v1/memories")).status_code == 405


async def test_other_origins_are_told_nothing() -> None:
    async with Backend().client() as client:
        answer = await client.get("/v1/memories", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
