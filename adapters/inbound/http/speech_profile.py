"""`/v3/speech-profile` and its neighbors: how the owner of a device sounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Controller, Request, delete, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, MultipartBody
from msgspec import Meta, Struct

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.links import absolute, all_absolute
from adapters.inbound.http.requests import present
from application.recordings.share_objects import ShareObjects
from application.voices.enroll_speaker import Enrollment, EnrollSpeaker
from application.voices.learn_voices import LearnVoices
from application.voices.speech_profiles import SpeechProfiles
from application.voices.voice_documents import ENROLLED, samples_of
from domain.ids import MemoryId, PersonId, UserId
from domain.speaker import OWNER

Packet = Annotated[list[Annotated[int, Meta(ge=0, le=255)]], Meta(max_length=4_000)]
DONE = {"status": "ok"}


class HasProfile(Struct, frozen=True):
    """Whether the owner is known by voice."""

    has_profile: bool


class ProfileUrl(Struct, frozen=True):
    """Where the recording is."""

    url: str | None


class UploadedProfile(Struct, frozen=True, kw_only=True):
    """What came of a recording."""

    url: str | None
    status: str = "ok"
    speakers: int
    """Voices in it."""
    speech: float
    """Seconds."""
    exemplars: int
    """Stretches that the voice is known by."""
    warning: str
    """Empty when all is well."""


class UploadBytes(Struct, frozen=True):
    """A recording in the packets of a device."""

    bytes: Annotated[list[Packet], Meta(max_length=100_000)]
    """Opus packets."""
    duration: float
    """Seconds."""


@dataclass
class UploadAudio:
    """A recording in a file."""

    file: UploadFile


class SpeechProfileController(Controller):
    """The voice of the caller."""

    path = "/"
    tags: Sequence[str] | None = ["speech profile"]

    @get("/v3/speech-profile", status_code=200, responses=FAILURES, summary="Whether there is a speech profile")
    async def has_profile(
        self, *, user: NamedDependency[UserId], speech_profiles: NamedDependency[SpeechProfiles]
    ) -> HasProfile:
        """Says whether the owner is known by voice."""
        return HasProfile(OWNER in await speech_profiles.known(user))

    @get("/v4/speech-profile", status_code=200, responses=FAILURES, summary="The recording of the speech profile")
    async def profile_url(
        self,
        *,
        user: NamedDependency[UserId],
        share_objects: NamedDependency[ShareObjects],
        request: Request[Any, Any, Any],
    ) -> ProfileUrl:
        """Links to the recording for an hour."""
        return ProfileUrl(absolute(await share_objects.link(user, ENROLLED), request))

    @delete("/v3/speech-profile", status_code=200, responses=FAILURES, summary="Forget the voice of the owner")
    async def delete_profile(
        self, *, user: NamedDependency[UserId], enroll_speaker: NamedDependency[EnrollSpeaker]
    ) -> dict[str, str]:
        """Removes the profile with every recording that was learned from."""
        await enroll_speaker.forget(user)
        return DONE

    @post("/v3/upload-bytes", status_code=200, responses=FAILURES, summary="Make a speech profile of Opus packets")
    async def upload_bytes(
        self,
        *,
        user: NamedDependency[UserId],
        enroll_speaker: NamedDependency[EnrollSpeaker],
        share_objects: NamedDependency[ShareObjects],
        data: JSONBody[UploadBytes],
        request: Request[Any, Any, Any],
    ) -> UploadedProfile:
        """Learns from 10 to 120 seconds of what a device sent."""
        made = await enroll_speaker.from_packets(user, [bytes(one) for one in data.bytes], duration=data.duration)
        return _uploaded(made, absolute(await share_objects.link(user, ENROLLED), request))

    @post("/v3/upload-audio", status_code=200, responses=FAILURES, summary="Make a speech profile of a file")
    async def upload_audio(
        self,
        *,
        user: NamedDependency[UserId],
        enroll_speaker: NamedDependency[EnrollSpeaker],
        share_objects: NamedDependency[ShareObjects],
        data: MultipartBody[UploadAudio],
        request: Request[Any, Any, Any],
    ) -> UploadedProfile:
        """Learns from a WAV, FLAC or Ogg file at 16 kHz that lasts 5 to 120 seconds."""
        made = await enroll_speaker.from_file(user, await data.file.read(), file_name=data.file.filename)
        return _uploaded(made, absolute(await share_objects.link(user, ENROLLED), request))

    @get("/v3/speech-profile/expand", status_code=200, responses=FAILURES, summary="Samples that were learned")
    async def list_samples(
        self,
        *,
        user: NamedDependency[UserId],
        share_objects: NamedDependency[ShareObjects],
        request: Request[Any, Any, Any],
        person_id: FromQuery[str | None] = None,
    ) -> list[str]:
        """Links to the recordings of segments that somebody's voice was learned from."""
        person = PersonId(present(person_id) or OWNER)
        return all_absolute(await share_objects.links_below(user, samples_of(person)), request)

    @delete("/v3/speech-profile/expand", status_code=200, responses=FAILURES, summary="Take a sample back")
    async def delete_sample(
        self,
        *,
        user: NamedDependency[UserId],
        learn_voices: NamedDependency[LearnVoices],
        memory_id: FromQuery[str],
        segment_idx: FromQuery[int],
        person_id: FromQuery[str | None] = None,
    ) -> dict[str, str]:
        """Forgets what was learned of somebody's voice from a segment."""
        person = PersonId(present(person_id) or OWNER)
        await learn_voices.forget_sample(user, MemoryId(memory_id), segment_idx, person=person)
        return DONE


def _uploaded(made: Enrollment, url: str | None) -> UploadedProfile:
    return UploadedProfile(
        url=url, speakers=made.speakers, speech=made.speech, exemplars=made.exemplars, warning=made.warning
    )
