"""`/v3/memories`: facts, as the apps of 2025 use them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import ANNA, BERT, Running, program

BASE = "/v3/memories"
NEVER_NULL = ("reviewed", "manually_added", "edited", "deleted")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        yield running


async def added(running: Running, **more: Any) -> Any:
    answer = await running.client.post(BASE, json={"content": "I like tea", "category": "habits"} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(running: Running, path: str = BASE) -> Any:
    return (await running.client.get(path)).json()


async def test_a_fact_has_what_the_apps_require(running: Running) -> None:
    fact = await added(running)
    required = {"id", "uid", "content", "category", "created_at", "updated_at", "visibility", "conversation_id", "tags"}
    assert fact.keys() >= required | set(NEVER_NULL)
    assert all(isinstance(fact[key], bool) for key in NEVER_NULL)
    assert (fact["content"], fact["category"], fact["visibility"]) == ("I like tea", "habits", "private")
    assert await listed(running) == [fact]


async def test_both_names_lead_to_the_same_facts(running: Running) -> None:
    fact = await added(running, category="core")
    assert fact["category"] == "other"
    [other] = await listed(running, "/v1/facts")
    assert other["id"] == fact["id"]


async def test_a_fact_is_changed_judged_and_shown(running: Running) -> None:
    path = f"{BASE}/{(await added(running))['id']}"
    for verb, where, params in (
        ("PATCH", path, {"value": "green tea"}),
        ("PATCH", f"{path}/visibility", {"value": "public"}),
        ("POST", f"{path}/review", {"value": "true"}),
    ):
        answer = await running.client.request(verb, where, params=params)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"}), where
    [fact] = await listed(running)
    assert (fact["content"], fact["edited"], fact["visibility"], fact["user_review"]) == (
        "green tea",
        True,
        "public",
        True,
    )
    await running.client.patch(f"{path}/visibility", params={"value": "private"})
    assert (await listed(running))[0]["visibility"] == "private"
    assert (await running.client.patch(f"{path}/visibility", params={"value": "all"})).status_code == 400


@pytest.mark.parametrize("name", [BASE, "/v1/facts"])
async def test_a_deleted_fact_is_gone_by_whatever_name(running: Running, name: str) -> None:
    fact = await added(running, visibility="public")
    answer = await running.client.delete(f"{name}/{fact['id']}")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert await listed(running) == []
    assert await running.container.show_facts().public(ANNA) == frozenset()


async def test_all_facts_can_be_deleted_at_once_and_only_ones_own(running: Running) -> None:
    await added(running)
    await added(running, content="I like coffee")
    running.become(BERT)
    await added(running, content="I like milk")
    running.become(ANNA)
    answer = await running.client.delete(BASE)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert await listed(running) == []
    running.become(BERT)
    assert len(await listed(running)) == 1


async def test_the_fact_of_somebody_else_is_not_found(running: Running) -> None:
    path = f"{BASE}/{(await added(running))['id']}"
    running.become(BERT)
    assert await listed(running) == []
    assert (await running.client.delete(path)).status_code == 404
    assert (await running.client.patch(path, params={"value": "x"})).status_code == 404
    assert (await running.client.post(f"{path}/review", params={"value": "true"})).status_code == 404
    assert (await running.client.patch(f"{path}/visibility", params={"value": "public"})).status_code == 404
