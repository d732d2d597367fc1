"""A recording from the card of a device, as `/sdcard_memory` takes it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.inbound.http.card_recordings import moment_of
from domain.errors import InvalidRequest
from domain.watermark import speech, text_of
from tests.support.program import Running, program
from tests.support.voices import wav

ROUTE = "/sdcard_memory"
THEN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
CARD = {"file": ("../card.wav", wav(speech(0, 20, pause=4_800)), "audio/wav")}
MOMENT = datetime(2024, 10, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        yield running


async def test_a_recording_becomes_a_memory_once(running: Running) -> None:
    answer = await running.client.post(ROUTE, params={"date_time": THEN.isoformat()}, files=CARD)
    assert answer.status_code == 200, answer.text
    (memory,) = answer.json()
    assert datetime.fromisoformat(memory["started_at"]) == THEN
    said = [word for segment in memory["transcript_segments"] for word in segment["text"].split()]
    assert said == [text_of(number) for number in range(20)]
    assert (memory["source"], memory["status"]) == ("sdcard", "completed")
    again = await running.client.post(ROUTE, params={"date_time": str(THEN.timestamp())}, files=CARD)
    assert again.json() == [memory]


async def test_what_takes_long_is_told_by_asking_again(running: Running) -> None:
    running.container.accept_card()._patience = 0
    query = {"date_time": THEN.isoformat()}
    assert (await running.client.post(ROUTE, params=query, files=CARD)).json() == []
    running.container.accept_card()._patience = 25
    assert len((await running.client.post(ROUTE, params=query, files=CARD)).json()) == 1


async def test_what_cannot_be_taken_is_refused(running: Running) -> None:
    text = {"file": ("card.wav", b"no audio")}
    for query, files, status in [
        ({"date_time": "yesterday"}, CARD, 400),
        ({"date_time": "1970-01-01T00:00:00Z"}, CARD, 400),
        ({"date_time": THEN.isoformat()}, text, 415),
        ({"date_time": THEN.isoformat()}, {"other": b"x"}, 415),
    ]:
        answer = await running.client.post(ROUTE, params=query, files=files)
        assert answer.status_code == status, answer.text
    assert (await running.client.post(ROUTE, files=CARD)).status_code == 422


@pytest.mark.parametrize(
    "text",
    [
        "2024-10-01T09:30:00Z",
        "2024-10-01 09:30",
        " 2024-10-01T11:30:00.000000+02:00",
        "2024-10-01T11:30:00 02:00",
        "2024-10-01T11:30:00.000 0200",
        "20241001T093000Z",
        "20241001093000",
        "1727775000",
        "1727775000.0",
        "1727775000000",
    ],
)
def test_a_time_is_understood_in_many_forms(text: str) -> None:
    assert moment_of(text) == MOMENT


@pytest.mark.parametrize("text", ["", "null", "9h", "0001-01-01T00:00:00+14:00", "2024-13-01", "9" * 500])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        moment_of(text)
