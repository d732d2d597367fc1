"""What the app says of its user: people, permissions, webhooks, the end of the account."""

import anyio

from tests.end_to_end.app.test_memories import made
from tests.support.omi_app.phone import PLACE
from tests.support.omi_app.rest import Rest


async def test_people_are_kept_renamed_and_forgotten(app: Rest) -> None:
    person = await app.ask("POST /v1/users/people", body={"name": "Bertha"})
    await app.ask("POST /v1/users/people", body={"name": "B"}, status_expected=422)
    await app.ask("PATCH /v1/users/people/{person_id}/name", person_id=person["id"], query={"value": "Berta"})
    query = {"include_speech_samples": True}
    assert [one["name"] for one in await app.ask("GET /v1/users/people", query=query)] == ["Berta"]
    seen = await app.ask("GET /v1/users/people/{person_id}", person_id=person["id"], query=query)
    assert seen["speech_samples"] == []
    await app.ask("DELETE /v1/users/people/{person_id}", person_id=person["id"])
    assert await app.ask("GET /v1/users/people") == []


async def test_recordings_are_kept_only_with_permission(app: Rest) -> None:
    route = "store-recording-permission"
    assert await app.ask("GET /v1/users/store-recording-permission") == {"store_recording_permission": False}, route
    await app.ask("POST /v1/users/store-recording-permission", query={"value": True})
    assert (await app.ask("GET /v1/users/store-recording-permission"))["store_recording_permission"] is True
    await app.ask("DELETE /v1/users/store-recording-permission")
    assert (await app.ask("GET /v1/users/store-recording-permission"))["store_recording_permission"] is False


async def test_a_phone_says_where_it_is_and_where_notifications_go(app: Rest) -> None:
    await app.ask("PATCH /v1/users/geolocation", body=PLACE)
    await app.ask("POST /v1/users/fcm-token", body={"fcm_token": "abc", "time_zone": "Europe/Berlin"})
    await app.ask("POST /v1/users/fcm-token", body={"fcm_token": "abc", "time_zone": "Nowhere"}, status_expected=400)


async def test_a_language_is_chosen(app: Rest) -> None:
    assert await app.ask("GET /v1/users/language") == {"language": None}
    await app.ask("PATCH /v1/users/language", body={"language": "de"})
    assert await app.ask("GET /v1/users/language") == {"language": "de"}
    await app.ask("PATCH /v1/users/language", body={"language": "multi"})
    assert await app.ask("GET /v1/users/language") == {"language": None}


async def test_webhooks_of_a_developer_are_set_and_turned_off(app: Rest) -> None:
    kinds = ("audio_bytes", "realtime_transcript", "memory_created", "day_summary")
    for kind in kinds:
        url = f"https://example.com/{kind}" + (",5" if kind == "audio_bytes" else "")
        await app.ask("POST /v1/users/developer/webhook/{kind}", kind=kind, body={"url": url})
        assert await app.ask("GET /v1/users/developer/webhook/{kind}", kind=kind) == {"url": url}
    await app.ask("POST /v1/users/developer/webhook/{kind}/disable", kind="day_summary")
    assert await app.ask("GET /v1/users/developer/webhooks/status") == dict.fromkeys(kinds, True) | {
        "day_summary": False
    }
    await app.ask("POST /v1/users/developer/webhook/{kind}/enable", kind="day_summary")
    assert (await app.ask("GET /v1/users/developer/webhooks/status"))["day_summary"] is True


async def test_ratings_are_taken_and_never_asked_for(app: Rest) -> None:
    memory = await made(app)
    query = {"memory_id": memory["id"]}
    await app.ask("POST /v1/users/analytics/memory_summary", query=query | {"value": 1})
    assert (await app.ask("GET /v1/users/analytics/memory_summary", query=query))["has_rating"] is True
    await app.ask("POST /v1/users/analytics/chat_message", query={"message_id": "any", "value": -1})


async def test_kind_words_come_to_whoever_wants_them(app: Rest) -> None:
    assert await app.ask("GET /v1/users/emotional-feedback") == {"emotional_feedback": False}
    await app.ask("POST /v1/users/emotional-feedback", query={"value": True})
    assert await app.ask("GET /v1/users/emotional-feedback") == {"emotional_feedback": True}


async def test_an_account_is_deleted_with_all_there_is(app: Rest) -> None:
    await made(app)
    await app.ask("POST /v1/facts", body={"content": "Likes tea"})
    await app.ask("DELETE /v1/users/delete-account")
    with anyio.fail_after(20):
        while await app.ask("GET /v1/memories") or await app.ask("GET /v1/facts"):
            await anyio.sleep(0.02)


async def test_translation_the_first_app_and_the_mode_for_developers_are_chosen(app: Rest) -> None:
    await app.ask("PATCH /v1/users/translation", body={"enabled": True, "language": "de"})
    assert await app.ask("GET /v1/users/translation") == {"enabled": True, "language": "de"}
    await app.ask("PUT /v1/users/preferences/app", query={"app_id": "follow-ups"})
    assert await app.ask("GET /v1/users/preferences/app") == {"app_id": "follow-ups"}
    await app.ask("POST /v1/users/developer/dev-mode", body={"enabled": True})
    assert await app.ask("GET /v1/users/developer/dev-mode") == {"enabled": True}
