"""What is asked by others than the app's user: firmware updates, programs with keys, vendors, operators."""

from domain.ids import UserId
from domain.integration import Integration
from tests.support.omi_app.assembled import Assembled
from tests.support.omi_app.rest import Rest


async def test_no_firmware_is_published(nobody: Rest, app: Rest) -> None:
    await nobody.ask("GET /v1/firmware/latest", query={"device": 1}, status_expected=404)
    await app.ask("GET /v2/firmware/latest", query={"device_model": "Omi CV 1"}, status_expected=404)


async def test_a_workflow_brings_a_memory_that_the_app_reads(
    server: Assembled, app: Rest, nobody: Rest, user: str
) -> None:
    key = await server.container.integration_keys().create(Integration.WORKFLOW, UserId(user))
    text = "We meet on Monday about the fence. I will call the carpenter."
    body = {"httpx": {"json": {"text": text, "text_source": "other_text"}, "headers": {"api-key": key}}}
    await nobody.ask("POST /v1/integrations/workflow/memories", query={"uid": user}, body=body)
    body = {"httpx": {"headers": {"api-key": key}}}
    read = await nobody.ask("GET /v1/integrations/workflow/memories", query={"uid": user, "limit": 1}, body=body)
    assert await app.ask("GET /v1/memories") == read
    assert read[0]["source"] == "workflow"


async def test_a_screen_is_remembered(server: Assembled, app: Rest, nobody: Rest, user: str) -> None:
    key = await server.container.integration_keys().create(Integration.SCREENPIPE, UserId(user))
    seen = {"request_id": "r", "source": "screen", "text": "The fence costs 900 euros, says the carpenter."}
    body = {"json": seen | {"timestamp_range": {"start": 1_767_000_000, "end": 1_767_000_060}}}
    await nobody.ask(
        "POST /v1/integrations/screenpipe", query={"uid": user}, body={"httpx": {**body, "headers": {"api_key": key}}}
    )
    [memory] = await app.ask("GET /v1/memories")
    assert memory["source"] == "screenpipe"


async def test_a_report_of_a_vendor_is_taken(nobody: Rest) -> None:
    report = {"job_id": "never-begun", "status": "COMPLETED", "predictions": []}
    assert await nobody.ask("POST /v1/agents/hume/callback", body=report) == {}
    await nobody.ask("POST /v1/agents/hume/callback", body={"status": "COMPLETED"}, status_expected=400)


async def test_what_a_vendor_reports_can_be_looked_at(app: Rest) -> None:
    await app.ask("GET /webhook", status_expected=404)
    assert await app.ask("POST /webhook", body={"jobId": "5f0c", "status": "succeeded"}) == {}
    assert (await app.ask("GET /webhook"))["report"]["status"] == "succeeded"


async def test_an_operator_sees_that_it_lives(nobody: Rest) -> None:
    await nobody.ask("GET /health/live")
    assert (await nobody.ask("GET /health/ready"))["status"]
