"""Plugins, which are apps since 2025, as the app lists, enables and reviews them."""

import pytest

from tests.support.omi_app.rest import Rest


@pytest.mark.parametrize(
    "route", ["GET /plugins", "GET /v1/plugins", "GET /v2/plugins", "GET /v1/apps", "GET /v1/approved-apps"]
)
async def test_plugins_are_listed_for_whoever_asks_whatever_the_address_says(app: Rest, route: str) -> None:
    plugins = await app.ask(route, query={"uid": "somebody-else", "include_reviews": True})
    assert {"follow-ups", "local-webhook"} <= {plugin["id"] for plugin in plugins}


@pytest.mark.parametrize("of", ["plugins", "apps"])
async def test_a_plugin_is_enabled_and_disabled(app: Rest, of: str) -> None:
    async def enabled() -> set[str]:
        return {plugin["id"] for plugin in await app.ask("GET /v2/plugins") if plugin["enabled"]}

    query = {f"{of[:-1]}_id": "follow-ups"}
    await app.ask(f"POST /v1/{of}/enable", query=query)
    assert await enabled() == {"follow-ups"}
    await app.ask(f"POST /v1/{of}/disable", query=query)
    assert await enabled() == set()
    await app.ask(f"POST /v1/{of}/enable", query={f"{of[:-1]}_id": "not-there"}, status_expected=404)


async def test_the_review_that_the_app_of_2024_garbles_is_understood(app: Rest) -> None:
    garbled = {"score": 4.0, "Gut gemacht, ü": "Gut gemacht, ü"}
    await app.ask("POST /v1/plugins/review", query={"plugin_id": "follow-ups"}, body=garbled)
    [mine] = [plugin for plugin in await app.ask("GET /v2/plugins") if plugin["id"] == "follow-ups"]
    assert (mine["user_review"]["score"], mine["user_review"]["review"]) == (4.0, "Gut gemacht, ü")
    assert mine["rating_avg"] is not None
    await app.ask("POST /v1/plugins/review", query={"plugin_id": "follow-ups"}, body={}, status_expected=422)


async def test_an_app_is_reviewed_and_the_review_is_changed(app: Rest) -> None:
    await app.ask("POST /v1/apps/review", query={"app_id": "reading-list"}, body={"score": 5, "review": "Good"})
    await app.ask("PATCH /v1/apps/{app_id}/review", app_id="reading-list", body={"score": 1, "review": "No good"})
    assert (await app.ask("GET /v1/apps/{app_id}", app_id="reading-list"))["user_review"]["review"] == "No good"
    reviews = await app.ask("GET /v1/apps/{app_id}/reviews", app_id="reading-list")
    assert "No good" in {review["review"] for review in reviews}
    assert "reading-list" in {each["id"] for each in await app.ask("GET /v1/apps/popular")}


@pytest.mark.parametrize("route", ["GET /v1/app-categories", "GET /v1/plugin-categories", "GET /v1/app-capabilities"])
async def test_there_is_something_to_choose_from(app: Rest, route: str) -> None:
    assert await app.ask(route)


async def test_who_writes_a_plugin_learns_how_it_is_called_and_what_did_not_reach_it(app: Rest) -> None:
    await app.ask("POST /v1/plugins/enable", query={"plugin_id": "local-webhook"})
    secret = await app.ask("GET /v1/plugins/{plugin_id}/signing-secret", plugin_id="local-webhook")
    assert secret["secret"]
    assert await app.ask("GET /v1/plugins/deliveries") == []
    await app.ask("POST /v1/plugins/deliveries/{delivery_id}/resend", delivery_id="not-there", status_expected=404)


async def test_how_often_a_plugin_was_used_is_told_in_numbers(app: Rest) -> None:
    usage = await app.ask("GET /v1/plugins/{plugin_id}/usage", plugin_id="follow-ups")
    money = await app.ask("GET /v1/plugins/{plugin_id}/money", plugin_id="follow-ups")
    assert sum(day["count"] for day in usage) == money["type1"] + money["type2"] + money["type3"]
    assert money["money"] == 0.0
    await app.ask("GET /v1/plugins/{plugin_id}/usage", plugin_id="not-there", status_expected=404)
