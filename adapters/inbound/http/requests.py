"""What the apps send, and how forgiving we are: keys we do not know are ignored, the word `null` is nothing."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from application.memories.make_memory import Telling
from application.memories.manage_memories import MemoryRequest
from domain.audio import samples
from domain.errors import InvalidRequest
from domain.ids import PersonId, SegmentId, new_id
from domain.memory import Geolocation, MemoryStatus, Photo, Source, Visibility
from domain.transcript import TranscriptSegment

Seconds = Annotated[float, Meta(ge=0, le=31 * 86_400)]
Text = Annotated[str, Meta(max_length=100_000)]
Name = Annotated[str, Meta(max_length=200)]
FIRST_YEAR, LAST_YEAR = 1900, 9000


class SegmentIn(Struct, kw_only=True):
    """What one voice said, as a client heard it."""

    text: Text
    start: Seconds
    end: Seconds
    id: Name | None = None
    speaker: Name | None = None
    """`SPEAKER_00`."""
    speaker_id: Annotated[int, Meta(ge=0, le=9_999)] | None = None
    is_user: bool = False
    person_id: Name | None = None


class GeolocationIn(Struct, kw_only=True):
    """Where the phone was. Apps write the names either way."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    google_place_id: Name | None = None
    place_id: Name | None = field(default=None, name="googlePlaceId")
    address: Text | None = None
    location_type: Name | None = None
    type: Name | None = field(default=None, name="locationType")


class PhotoIn(Struct, kw_only=True):
    """A picture."""

    base64: str
    description: Text | None = None


class CreateMemoryIn(Struct, kw_only=True):
    """Material for a memory."""

    transcript_segments: Annotated[list[SegmentIn], Meta(max_length=50_000)]
    started_at: datetime | None = None
    finished_at: datetime | None = None
    photos: Annotated[list[PhotoIn], Meta(max_length=1_000)] | None = None
    geolocation: GeolocationIn | None = None
    source: str | None = None
    language: Name | None = None


class SearchIn(Struct, kw_only=True):
    """What to look for."""

    query: Annotated[str, Meta(min_length=1, max_length=2_000)]
    limit: Annotated[int, Meta(ge=1, le=100)] = 10


def present(value: str | None) -> str | None:
    """A value, or None where an app sends the word `null` or nothing for it."""
    return None if value is None or value.strip() in {"", "null"} else value


def memory_request(
    body: CreateMemoryIn, *, language: str | None, source: str | None, telling: Telling = Telling.LATER
) -> MemoryRequest:
    """The request that a body and its query parameters make.

    Raises:
        InvalidRequest: there is no such source.
    """
    return MemoryRequest(
        segments=tuple(sorted(map(_segment, body.transcript_segments), key=lambda segment: segment.start)),
        photos=tuple(Photo(base64=photo.base64, description=photo.description or "") for photo in body.photos or ()),
        started_at=aware(body.started_at),
        finished_at=aware(body.finished_at),
        source=_source(present(body.source) or present(source)),
        language=present(language) or present(body.language),
        geolocation=geolocation(body.geolocation) if body.geolocation else None,
        telling=telling,
    )


def statuses(value: str | None) -> tuple[MemoryStatus, ...]:
    """Statuses in one parameter, by commas.

    Raises:
        InvalidRequest: one of them does not exist.
    """
    names = (present(value) or "").split(",")
    try:
        return tuple(MemoryStatus(name.strip()) for name in names if name.strip())
    except ValueError as error:
        raise InvalidRequest(f"statuses: expected some of {', '.join(MemoryStatus)}, by commas") from error


def visibility(name: str) -> Visibility:
    """Who may read something.

    Raises:
        InvalidRequest: there is no such choice.
    """
    try:
        return Visibility(name)
    except ValueError as error:
        expected = ", ".join(Visibility)
        raise InvalidRequest(f"visibility: {name[:20]!r} is not known; expected one of {expected}") from error


def aware(moment: datetime | None) -> datetime | None:
    """Times without a zone are UTC: that is what the apps mean.

    Raises:
        InvalidRequest: it is so far from today that times beside it would leave the calendar.
    """
    if moment is None:
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InvalidRequest(f"times: expected years from {FIRST_YEAR} to {LAST_YEAR}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _source(value: str | None) -> Source:
    """Where it came from. Apps also name occasions here (`speech_profile_onboarding`); those say nothing of it."""
    if value is None or value == "speech_profile_onboarding":
        return Source.FRIEND
    try:
        return Source(value)
    except ValueError as error:
        raise InvalidRequest(f"source: expected one of {', '.join(Source)}") from error


def _segment(segment: SegmentIn) -> TranscriptSegment:
    return TranscriptSegment(
        id=SegmentId(present(segment.id) or new_id()),
        text=segment.text,
        start=samples(segment.start),
        end=samples(max(segment.start, segment.end)),
        speaker=_speaker(segment),
        is_user=segment.is_user,
        person_id=PersonId(person) if (person := present(segment.person_id)) else None,
    )


def _speaker(segment: SegmentIn) -> int:
    """The number of the voice: in its label, or by itself."""
    number = (segment.speaker or "").rpartition("_")[2]
    return int(number[:4]) if number.isascii() and number.isdigit() else segment.speaker_id or 0


def geolocation(place: GeolocationIn) -> Geolocation:
    """A place, by whichever of its names."""
    return Geolocation(
        latitude=place.latitude,
        longitude=place.longitude,
        google_place_id=present(place.google_place_id) or present(place.place_id),
        address=present(place.address),
        location_type=present(place.location_type) or present(place.type),
    )
