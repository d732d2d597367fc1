"""The program as one ASGI application."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import anyio
from litestar import Litestar
from litestar.di import Provide

from adapters.inbound.gateway import Gateway
from adapters.inbound.http.accounts import AccountsController
from adapters.inbound.http.app_integrations import AppIntegrationsController, AppNoticesController
from adapters.inbound.http.app_keys import AppKeysController
from adapters.inbound.http.application import create_application, provided
from adapters.inbound.http.apps import AppsController
from adapters.inbound.http.card_recordings import CardRecordingsController
from adapters.inbound.http.chat_files import ChatFilesController
from adapters.inbound.http.conversations import CONVERSATIONS
from adapters.inbound.http.developer_webhooks import DeveloperWebhooksController
from adapters.inbound.http.emotions import EmotionalFeedbackController, HumeCallbackController
from adapters.inbound.http.facts import FactsController
from adapters.inbound.http.firmware import FirmwareController
from adapters.inbound.http.followup_questions import FollowupQuestionsController
from adapters.inbound.http.in_progress import ProcessController, ProcessingMemoriesController
from adapters.inbound.http.integrations import IntegrationsController
from adapters.inbound.http.memory_edits import MemoryEditsController, PublicMemoriesController
from adapters.inbound.http.messages import MessagesController
from adapters.inbound.http.objects import ObjectsController
from adapters.inbound.http.offline_files import OfflineFilesController
from adapters.inbound.http.people import PeopleController
from adapters.inbound.http.photos import PhotosController
from adapters.inbound.http.plugin_uses import PluginUsesController
from adapters.inbound.http.plugins import PluginsController
from adapters.inbound.http.post_processing import PostProcessingController
from adapters.inbound.http.prompt_trials import PromptTrialsController
from adapters.inbound.http.push_tokens import PushTokensController
from adapters.inbound.http.rate_limits import RateLimitation
from adapters.inbound.http.readiness import NEEDED, Readiness
from adapters.inbound.http.renamed_facts import RenamedFactsController
from adapters.inbound.http.reports import ReportsController
from adapters.inbound.http.segments import SegmentsController
from adapters.inbound.http.speech_profile import SpeechProfileController
from adapters.inbound.http.tool_server import ToolServerController
from adapters.inbound.http.tools import ToolConversationsController, ToolFactsController, ToolKeysController
from adapters.inbound.http.trends import TrendsController
from adapters.inbound.http.users import RecordingPermissionController
from adapters.inbound.http.voice_messages import VoiceMessagesController
from adapters.inbound.http.wishes import WishesController
from adapters.inbound.listen.endpoint import ListenEndpoint
from adapters.inbound.listen.generations import GENERATIONS
from adapters.inbound.metrics.endpoint import PATH as METRICS
from adapters.inbound.metrics.requests import MeasuredRequests
from adapters.inbound.metrics.sockets import MeasuredSockets
from adapters.inbound.traced import Traced
from bootstrap.container import OPENED, Container
from bootstrap.lifespan import running
from bootstrap.observed import Observed
from bootstrap.registry import REGISTRY
from bootstrap.whole_users import eraser
from ports.errors import AdapterError

GONE_SECONDS = 0.05
"""Between two looks at whether the last session has ended."""


CONTROLLERS = (
    *CONVERSATIONS,
    AccountsController,
    AppIntegrationsController,
    AppKeysController,
    AppNoticesController,
    AppsController,
    CardRecordingsController,
    ChatFilesController,
    DeveloperWebhooksController,
    FirmwareController,
    FollowupQuestionsController,
    ProcessController,
    ProcessingMemoriesController,
    RenamedFactsController,
    ToolConversationsController,
    ToolFactsController,
    ToolKeysController,
    ToolServerController,
    TrendsController,
    PushTokensController,
    PhotosController,
    IntegrationsController,
    HumeCallbackController,
    EmotionalFeedbackController,
    FactsController,
    MemoryEditsController,
    MessagesController,
    ObjectsController,
    OfflineFilesController,
    PeopleController,
    PluginUsesController,
    PluginsController,
    PostProcessingController,
    PromptTrialsController,
    PublicMemoriesController,
    RecordingPermissionController,
    ReportsController,
    SegmentsController,
    SpeechProfileController,
    VoiceMessagesController,
    WishesController,
)
"""Routes beside those of memories and health."""


class Program:
    """What is served, and how it is asked to stop."""

    def __init__(self, container: Container) -> None:
        self.failure: str | None = None
        """Why it did not start, in one line."""
        self._listen = ListenEndpoint(
            listen=container.listen(),
            authenticator=container.authenticator(),
            clock=container.clock(),
            streams=container.known_streams(),
            newest=container.manage_memories().newest,
            trust_uid=container.settings().trust_uid,
            longest_socket=container.settings().longest_socket,
        )
        tracer, settings = container.tracer(), container.settings()
        readiness = Readiness(
            {port: getattr(container, port)() for port in OPENED if port in REGISTRY},
            names={port: ",".join(settings.names(port)) for port in REGISTRY},
            needed=NEEDED,
            clock=container.clock(),
            is_draining=lambda: self._listen.is_draining,
        )
        sockets = MeasuredSockets(self._listen)
        rest = create_application(
            memories=container.manage_memories(),
            readiness=readiness,
            authenticator=container.authenticator(),
            tool_keys=container.tool_keys(),
            handlers=CONTROLLERS,
            dependencies=_use_cases(container),
            rate_limitation=RateLimitation(container.rate_limiter(), limits=settings.rate_limits),
            lifespan=[self._lifespan(container)],
        )
        requests = MeasuredRequests(rest)
        self._observed = Observed(container, around=(requests, sockets, readiness))
        self.application = Gateway(
            sockets=dict.fromkeys(GENERATIONS, Traced(sockets, tracer=tracer)),
            rest=rest,
            around=lambda _: Traced(requests, tracer=tracer),
            beside={} if self._observed.is_apart else {METRICS: self._observed.endpoint},
        )

    async def drain(self) -> None:
        """Asks every live session to finish, and waits until they have."""
        self._listen.go_away()
        while self._listen.live_sessions:
            await anyio.sleep(GONE_SECONDS)

    def _lifespan(self, container: Container) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
        @asynccontextmanager
        async def lifespan(_: Litestar) -> AsyncIterator[None]:
            async with AsyncExitStack() as stack:
                try:
                    await stack.enter_async_context(running(container))
                    await stack.enter_async_context(self._observed.running())
                except AdapterError as error:
                    self.failure = str(error)
                    raise
                yield

        return lifespan


def _use_cases(container: Container) -> dict[str, Provide]:
    """What controllers ask for, by the names under which they do."""
    return {
        "accept_card": provided(container.accept_card()),
        "accept_files": provided(container.accept_files()),
        "ask_back": provided(container.ask_back()),
        "app_keys": provided(container.app_keys()),
        "callbacks": provided(container.emotion_callbacks()),
        "feedback": provided(container.emotional_feedback()),
        "integration_keys": provided(container.integration_keys()),
        "photos": provided(container.keep_photos()),
        "push_addresses": provided(container.push_addresses()),
        "remember_external": provided(container.remember_external()),
        "tell": provided(container.tell_user()),
        "last_report": provided(container.last_report()),
        "tell_firmware": provided(container.tell_firmware()),
        "tell_uses": provided(container.tell_uses()),
        "tool_keys": provided(container.tool_keys()),
        "trial": provided(container.try_prompt()),
        "trends": provided(container.tell_trends()),
        "chat": provided(container.chat()),
        "chat_files": provided(container.chat_files()),
        "hear_message": provided(container.hear_message()),
        "accounts": provided(container.accounts()),
        "conversations_in_progress": provided(container.conversations_in_progress()),
        "erase_user": provided(eraser(container)),
        "developer_webhooks": provided(container.developer_webhooks()),
        "show_facts": provided(container.show_facts()),
        "whereabouts": provided(container.whereabouts()),
        "deliveries": provided(container.failed_deliveries()),
        "edit_memories": provided(container.edit_memories()),
        "enroll_speaker": provided(container.enroll_speaker()),
        "facts": provided(container.manage_facts()),
        "join_people": provided(container.join_people()),
        "learn_facts": provided(container.learn_facts()),
        "kept_transcripts": provided(container.kept_transcripts()),
        "learn_voices": provided(container.learn_voices()),
        "people": provided(container.manage_people()),
        "plugins": provided(container.manage_plugins()),
        "post_processing": provided(container.post_process()),
        "recordings": provided(container.recordings()),
        "share_objects": provided(container.share_objects()),
        "speech_profiles": provided(container.speech_profiles()),
    }
