"""Requests and sockets, counted from outside."""

from typing import Any

import anyio
import pytest

from adapters.inbound.metrics.loop_lag import LOOK_SECONDS, LoopLag
from adapters.inbound.metrics.requests import MeasuredRequests
from adapters.inbound.metrics.sockets import MeasuredSockets
from ports.measures import Label, Measurable


async def labeled(measured: Measurable, name: str) -> dict[tuple[str, ...], float]:
    (found,) = [measure for measure in await measured.measures() if measure.name == name]
    return {tuple(sample.labels.values()): sample.value for sample in found.samples}


async def nowhere(_: Any) -> None:
    return


def http(path: str = "/v1/memories/secret", method: str = "GET") -> dict[str, Any]:
    return {"type": "http", "path": path, "method": method}


async def answering(scope: Any, _receive: Any, send: Any) -> None:
    scope["path_template"] = "/v1/memories/{memory_id}"
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b""})


async def test_a_request_is_counted_by_its_route_and_never_by_its_path() -> None:
    requests = MeasuredRequests(answering)
    await requests(http(), None, nowhere)
    await requests(http(), None, nowhere)
    assert await labeled(requests, "http_requests") == {("GET", "/v1/memories/{memory_id}", "200"): 2}
    assert "secret" not in repr([repr(measure) for measure in await requests.measures()])


async def test_a_path_that_leads_nowhere_and_a_method_that_is_none_are_no_labels() -> None:
    async def missing(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404})

    requests = MeasuredRequests(missing)
    await requests(http("/.env", "BREW"), None, nowhere)
    assert await labeled(requests, "http_requests") == {("other", "none", "404"): 1}


async def test_a_request_that_fails_is_counted_too() -> None:
    async def failing(*_: Any) -> None:
        raise RuntimeError("no")

    requests = MeasuredRequests(failing)
    with pytest.raises(RuntimeError):
        await requests(http(), None, nowhere)
    assert await labeled(requests, "http_requests") == {("GET", "none", "none"): 1}
    assert await labeled(requests, "http_requests_open") == {(): 0}


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        ({"type": "websocket.close", "code": 1012}, "1012"),
        ({"type": "websocket.http.response.start", "status": 401}, "http 401"),
        ({"type": "websocket.send", "text": "{}"}, "client"),
    ],
)
async def test_a_socket_is_counted_by_how_it_ended(sent: dict[str, Any], end: str) -> None:
    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send(sent)

    sockets = MeasuredSockets(application)
    await sockets({"type": "websocket"}, None, nowhere)
    assert await labeled(sockets, "socket_closes") == {(end,): 1}
    assert await labeled(sockets, "sockets_open") == {(): 0}


async def test_a_socket_that_failed_is_counted_as_that() -> None:
    async def failing(*_: Any) -> None:
        raise RuntimeError("no")

    sockets = MeasuredSockets(failing)
    with pytest.raises(RuntimeError):
        await sockets({"type": "websocket"}, None, nowhere)
    assert await labeled(sockets, "socket_closes") == {("failed",): 1}


async def test_packets_come_past_what_counts_sockets() -> None:
    async def receive() -> None:
        return

    async def application(_scope: Any, received: Any, _send: Any) -> None:
        assert received is receive

    await MeasuredSockets(application)({"type": "websocket"}, receive, nowhere)


async def test_a_loop_that_is_held_up_is_late() -> None:
    lag = LoopLag()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lag.run)
        await anyio.lowlevel.checkpoint()
        end = anyio.current_time() + LOOK_SECONDS + 0.05
        while anyio.current_time() < end:
            pass
        await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()
    assert (await labeled(lag, "loop_lag_worst_seconds"))[()] >= 0.04
    assert (await labeled(lag, "loop_lag_worst_seconds"))[()] == 0
    assert Label.STATE not in (await lag.measures())[0].spreads[0].labels
