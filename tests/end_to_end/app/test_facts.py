"""What is known of a user, as the apps of both years ask for it."""

import pytest

from tests.support.omi_app.rest import Rest


async def test_facts_are_written_changed_reviewed_and_deleted(app: Rest) -> None:
    fact = await app.ask("POST /v1/facts", body={"content": "Likes tea", "category": "lifestyle"})
    assert (fact["manually_added"], fact["category"]) == (True, "lifestyle")
    assert await app.ask("GET /v1/facts", query={"limit": 100, "offset": 0}) == [fact]
    await app.ask("PATCH /v1/facts/{fact_id}", fact_id=fact["id"], query={"value": "Likes green tea"})
    await app.ask("POST /v1/facts/{fact_id}/review", fact_id=fact["id"], query={"value": True})
    [seen] = await app.ask("GET /v1/facts")
    assert (seen["content"], seen["edited"], seen["reviewed"], seen["user_review"]) == (
        "Likes green tea",
        True,
        True,
        True,
    )
    await app.ask("DELETE /v1/facts/{fact_id}", fact_id=fact["id"])
    assert await app.ask("GET /v1/facts") == []


async def test_a_fact_that_the_user_rejects_is_not_listed(app: Rest) -> None:
    fact = await app.ask("POST /v1/facts", body={"content": "Likes tea"})
    await app.ask("POST /v1/facts/{fact_id}/review", fact_id=fact["id"], query={"value": False})
    assert await app.ask("GET /v1/facts") == []


async def test_facts_bear_the_name_of_memories_since_2025(app: Rest) -> None:
    one = await app.ask("POST /v3/memories", body={"content": "Likes tea", "category": "core", "visibility": "public"})
    two = await app.ask("POST /v3/memories", body={"content": "Has a garden", "category": "other"})
    assert (one["visibility"], two["visibility"]) == ("public", "private")
    await app.ask("PATCH /v3/memories/{fact_id}/visibility", fact_id=two["id"], query={"value": "public"})
    await app.ask("PATCH /v3/memories/{fact_id}", fact_id=two["id"], query={"value": "Has two gardens"})
    await app.ask("POST /v3/memories/{fact_id}/review", fact_id=one["id"], query={"value": True})
    seen = {fact["id"]: fact for fact in await app.ask("GET /v3/memories", query={"limit": 5000, "offset": 0})}
    assert (seen[two["id"]]["content"], seen[two["id"]]["visibility"]) == ("Has two gardens", "public")
    await app.ask("DELETE /v3/memories/{fact_id}", fact_id=one["id"])
    assert [fact["id"] for fact in await app.ask("GET /v3/memories")] == [two["id"]]
    await app.ask("DELETE /v3/memories")
    assert await app.ask("GET /v3/memories") == []


@pytest.mark.parametrize("route", ["PATCH /v1/facts/{fact_id}", "PATCH /v3/memories/{fact_id}"])
async def test_a_fact_of_somebody_else_is_not_there(app: Rest, route: str) -> None:
    await app.ask(route, fact_id="not-mine", query={"value": "Mine"}, status_expected=404)
