"""How often users may ask: who asks too often is told when to ask again, and nobody else notices."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.inbound.http.rate_limits import COSTLY
from ports.errors import TemporarilyUnavailable
from tests.support.program import ANNA, BERT, Running, container_over, program, rest_of


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    limits = {"OMI_RATE_LIMITS__REQUESTS": "3", "OMI_RATE_LIMITS__COSTLY": "1"}
    async with program(tmp_path, settings=limits) as running:
        yield running


async def test_a_user_who_asks_too_often_is_told_when_to_ask_again(running: Running) -> None:
    answers = [await running.client.get("/v1/memories") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers[:3]] == ["2", "1", "0"]
    assert answers[0].headers["X-RateLimit-Limit"] == "3"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
    assert answers[3].json() == {"detail": "Too many requests; try again later"}
    running.become(BERT)
    assert (await running.client.get("/v1/memories")).status_code == 200


async def test_what_costs_is_counted_apart(running: Running) -> None:
    question = {"query": "tea"}
    assert (await running.client.post("/v1/memories/search", json=question)).status_code == 200
    assert (await running.client.post("/v1/conversations/search", json=question)).status_code == 429
    assert (await running.client.get("/v1/memories")).status_code == 200


async def test_who_has_no_token_is_not_counted(running: Running) -> None:
    running.become(None)
    assert {(await running.client.get("/v1/memories")).status_code for _ in range(6)} == {401}
    running.become(ANNA)
    assert (await running.client.get("/v1/memories")).headers["X-RateLimit-Remaining"] == "2"


async def test_a_limiter_that_is_out_of_order_limits_nobody(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise TemporarilyUnavailable("out of reach")

    monkeypatch.setattr(running.container.rate_limiter(), "take", fail)
    assert {(await running.client.get("/v1/memories")).status_code for _ in range(6)} == {200}


async def test_nobody_is_limited_where_that_is_not_wanted(tmp_path: Path) -> None:
    async with program(tmp_path, settings={"OMI_RATE_LIMITS__REQUESTS": "0"}) as running:
        answer = await running.client.get("/v1/memories")
        assert "X-RateLimit-Limit" not in answer.headers


def test_what_is_said_to_cost_is_served(tmp_path: Path) -> None:
    routes = rest_of(container_over(tmp_path)).routes
    served = {(method, route.path_format) for route in routes for method in getattr(route, "methods", ())}
    assert served >= COSTLY
