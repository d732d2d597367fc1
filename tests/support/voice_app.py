"""The REST interface of voices and people over stores in memory, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.di import Provide
from litestar.testing import AsyncTestClient

from adapters.inbound.http.application import LARGEST_BODY, provided
from adapters.inbound.http.authentication import Authentication, current_user
from adapters.inbound.http.errors import answered
from adapters.inbound.http.objects import ObjectsController
from adapters.inbound.http.people import PeopleController
from adapters.inbound.http.segments import SegmentsController
from adapters.inbound.http.speech_profile import SpeechProfileController
from adapters.inbound.http.users import RecordingPermissionController
from domain.ids import UserId
from tests.support.http_app import NameIsToken
from tests.support.voices import ANNA, VoiceWorld


def voice_application(world: VoiceWorld) -> Litestar:
    return Litestar(
        route_handlers=[
            ObjectsController,
            PeopleController,
            SegmentsController,
            SpeechProfileController,
            RecordingPermissionController,
        ],
        dependencies={
            "user": Provide(current_user, sync_to_thread=False),
            "share_objects": provided(world.share),
            "people": provided(world.manage_people),
            "join_people": provided(world.join_people),
            "learn_voices": provided(world.learn),
            "enroll_speaker": provided(world.enroll),
            "speech_profiles": provided(world.profiles),
            "recordings": provided(world.recordings),
        },
        middleware=[Authentication(NameIsToken())],
        exception_handlers={Exception: answered},
        request_max_body_size=LARGEST_BODY,
        openapi_config=None,
        logging_config=None,
    )


@asynccontextmanager
async def voice_client(world: VoiceWorld, user: UserId | None = ANNA) -> AsyncIterator[AsyncTestClient[Litestar]]:
    headers = {"Authorization": f"Bearer token-{user}"} if user else {}
    async with AsyncTestClient(voice_application(world), raise_server_exceptions=False) as client:
        client.headers.update(headers)
        yield client
