"""`/sdcard_memory`: a recording from the card of a device, sent as one file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from litestar import Controller, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from application.offline.accept_card import AcceptCard
from domain.errors import InvalidRequest
from domain.ids import UserId
from domain.voice_errors import NotARecording

LARGEST_FILE = 256 * 1024 * 1024
"""Bytes: two hours as WAV."""
LONGEST_MOMENT = 64
"""Characters."""
MILLISECONDS = 10**11
"""Numbers above are milliseconds since 1970, those below seconds."""

_EPOCH = re.compile(r"\d{9,13}(?:\.\d+)?\Z", re.ASCII)
_DIGITS = re.compile(r"\d{14}\Z", re.ASCII)
_LOST_PLUS = re.compile(r"(:\d{2}(?:\.\d+)?) (\d{2}:?\d{2})\Z", re.ASCII)
"""In a query, a plus that was not escaped is a blank."""


@dataclass
class UploadCard:
    """A recording: WAV, FLAC or Ogg."""

    file: UploadFile | None = None


class CardRecordingsController(Controller):
    """Recordings that a device kept on its card."""

    path = "/sdcard_memory"
    tags: Sequence[str] | None = ["memories"]

    @post(
        status_code=200,
        responses=FAILURES,
        summary="Hear what a device kept on its card",
        request_max_body_size=LARGEST_FILE,
    )
    async def hear(
        self,
        *,
        user: NamedDependency[UserId],
        accept_card: NamedDependency[AcceptCard],
        data: Annotated[UploadCard, Body(media_type=RequestEncodingType.MULTI_PART)],
        date_time: FromQuery[str],
    ) -> list[WireMemory]:
        """Makes a memory of each conversation, once for the same recording of the same time.

        Answers after 25 seconds at the latest; the same recording again tells what became of it.
        """
        started_at = moment_of(date_time)
        if data.file is None:
            raise NotARecording("file: there is none")
        content = await data.file.read()
        return [memory_to_wire(memory) for memory in await accept_card.accept(user, content, started_at=started_at)]


def moment_of(text: str) -> datetime:
    """A moment as ISO 8601 (UTC where it does not say), as digits in that order, or as seconds since 1970.

    Raises:
        InvalidRequest: it is none.
    """
    text = text.strip()
    try:
        if _EPOCH.match(text):
            number = float(text)
            return datetime.fromtimestamp(number / 1_000 if number >= MILLISECONDS else number, UTC)
        if _DIGITS.match(text):
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        found = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text[:LONGEST_MOMENT]))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest("date_time: expected a time like 2024-10-01T09:30:00Z") from error
