"""What a device recorded while no phone was near, as the app sends it later."""

from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

from domain.watermark import speech, text_of
from tests.end_to_end.app.conftest import Owner
from tests.end_to_end.app.test_live import words_of
from tests.support.offline import framed_pcm, name_of
from tests.support.omi_app.eras import OCTOBER_2024
from tests.support.omi_app.rest import Rest
from tests.support.voices import wav

THEN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


def files(*contents: tuple[datetime, bytes]) -> dict[str, Any]:
    """All in one request, under one name."""
    return {"httpx": {"files": [("files", (name_of(at), content)) for at, content in contents]}}


async def test_files_of_a_device_become_a_memory_of_their_own_time(app: Rest) -> None:
    later = THEN + timedelta(seconds=10)
    parts = [(THEN, framed_pcm(speech(0, 20, pause=4_800))), (later, framed_pcm(speech(20, 20, pause=4_800)))]
    synced = await app.ask("POST /v1/sync-local-files", body=files(*parts))
    [memory] = await app.ask("GET /v1/memories")
    assert synced == {"new_memories": [memory["id"]], "updated_memories": []}
    assert words_of(memory) == [text_of(number) for number in range(40)]
    assert datetime.fromisoformat(memory["started_at"]) == THEN


async def test_the_app_of_october_2024_is_told_which_files_are_in_a_memory(owner: Owner, app: Rest) -> None:
    with anyio.fail_after(20):
        async with owner.phone(OCTOBER_2024).attached() as phone:
            await phone.until(lambda: phone.is_connected)
            await app.ask("POST /v1/sync-local-files", body=files((THEN, framed_pcm(speech(0, 20, pause=4_800)))))
            await phone.until(lambda: "memory_backward_synced" in phone.screen.kinds())
    [told] = [event["name"] for event in phone.screen.events if event["type"] == "memory_backward_synced"]
    assert told == name_of(THEN)


async def test_the_recording_of_a_card_becomes_a_memory_of_its_own_time(app: Rest) -> None:
    card = {"httpx": {"files": {"file": ("card.wav", wav(speech(0, 20, pause=4_800)), "audio/wav")}}}
    made = await app.ask("POST /sdcard_memory", query={"date_time": THEN.isoformat()}, body=card)
    assert await app.ask("GET /v1/memories") == made
    assert words_of(made[0]) == [text_of(number) for number in range(20)]
    assert datetime.fromisoformat(made[0]["started_at"]) == THEN


async def test_a_file_that_is_none_is_refused(app: Rest) -> None:
    part = {"httpx": {"files": [("files", ("notes.txt", b"hello"))]}}
    await app.ask("POST /v1/sync-local-files", body=part, status_expected=(400, 422))
