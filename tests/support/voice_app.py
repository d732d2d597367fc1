"""The REST interface of voices and people over stores in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.inbound.http.application import provided
from adapters.inbound.http.objects import ObjectsController
from adapters.inbound.http.people import PeopleController
from adapters.inbound.http.segments import SegmentsController
from adapters.inbound.http.speech_profile import SpeechProfileController
from adapters.inbound.http.users import RecordingPermissionController
from domain.ids import UserId
from tests.support.http_app import Backend
from tests.support.voices import ANNA, VoiceWorld

CONTROLLERS = (
    ObjectsController,
    PeopleController,
    SegmentsController,
    SpeechProfileController,
    RecordingPermissionController,
)


@asynccontextmanager
async def voice_client(world: VoiceWorld, user: UserId | None = ANNA) -> AsyncIterator[AsyncTestClient[Litestar]]:
    backend = Backend()
    backend.memories = world.memories
    dependencies: dict[str, Any] = {
        "share_objects": world.share,
        "people": world.manage_people,
        "join_people": world.join_people,
        "learn_voices": world.learn,
        "enroll_speaker": world.enroll,
        "speech_profiles": world.profiles,
        "recordings": world.recordings,
    }
    provide = {name: provided(value) for name, value in dependencies.items()}
    async with backend.client(user, handlers=CONTROLLERS, dependencies=provide) as client:
        yield client
