"""`/v1/agents/hume/callback` and `/v1/users/emotional-feedback`: what voices tell, and who wants to be told."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from litestar.types import ExceptionHandlersMap
from msgspec import Meta, Struct

from adapters.inbound.http.authentication import PUBLIC
from adapters.inbound.http.errors import FAILURES, ErrorBody, answered
from application.days.emotion_callbacks import EmotionCallbacks
from application.days.emotional_feedback import EmotionalFeedback
from domain.audio import samples
from domain.emotion import MeasuredEmotions
from domain.errors import InvalidRequest
from domain.ids import UserId

DONE = {"status": "ok"}
COMPLETED, FAILED = "COMPLETED", "FAILED"

Seconds = Annotated[float, Meta(ge=0, le=31 * 86_400)]
Score = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Span(Struct, frozen=True):
    """Where in the recording, in seconds."""

    begin: Seconds
    end: Seconds


class ScoredEmotion(Struct, frozen=True):
    """A feeling."""

    name: Name
    score: Score


class Prediction(Struct, frozen=True):
    """What was heard in a stretch."""

    time: Span
    emotions: tuple[ScoredEmotion, ...] = ()


class SpeakerGroup(Struct, frozen=True):
    """Stretches of one voice."""

    predictions: tuple[Prediction, ...] = ()


class Prosody(Struct, frozen=True):
    """What the model of voices heard."""

    grouped_predictions: tuple[SpeakerGroup, ...] = ()


class Models(Struct, frozen=True):
    """What each model found."""

    prosody: Prosody | None = None


class FilePrediction(Struct, frozen=True):
    """Of one file."""

    models: Models = Models()


class Results(Struct, frozen=True):
    """Of one source."""

    predictions: tuple[FilePrediction, ...] = ()


class SourcePrediction(Struct, frozen=True):
    """Of one of the things that were to be measured."""

    results: Results = Results()


class HumeCallback(Struct, frozen=True):
    """What the vendor's batch jobs report."""

    job_id: Name
    status: Name
    predictions: tuple[SourcePrediction, ...] = ()


class Feedback(Struct, frozen=True):
    """What the user wants."""

    emotional_feedback: bool


def _refused(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorBody]:
    """What is no report is 400, as the vendor knows it."""
    answer = answered(request, error)
    return Response(answer.content, status_code=400) if answer.status_code == 422 else answer


HANDLERS: ExceptionHandlersMap = {Exception: _refused}


class HumeCallbackController(Controller):
    """Open to anybody, as the vendor shows no key: a report counts for a task that was begun here, and once."""

    path = "/v1/agents/hume/callback"
    opt = PUBLIC
    security: Sequence[dict[str, list[str]]] | None = [{}]
    tags: Sequence[str] | None = ["integrations"]
    exception_handlers = HANDLERS

    @post(status_code=200, responses=FAILURES, summary="A report of what was measured")
    async def report(
        self, *, callbacks: NamedDependency[EmotionCallbacks], data: JSONBody[HumeCallback]
    ) -> dict[str, str]:
        """Takes a report; 400 where it is none. Whether its task was ours is not told."""
        if data.status not in {COMPLETED, FAILED}:
            raise InvalidRequest(f"status: expected {COMPLETED} or {FAILED}")
        await callbacks.settle(data.job_id, tuple(_measured(data)))
        return {}


class EmotionalFeedbackController(Controller):
    """Whether the voice of the caller is listened to for feelings; not unless they asked for it."""

    path = "/v1/users/emotional-feedback"
    tags: Sequence[str] | None = ["users"]

    @get(status_code=200, responses=FAILURES, summary="Whether kind words are wanted")
    async def read_feedback(
        self, *, user: NamedDependency[UserId], feedback: NamedDependency[EmotionalFeedback]
    ) -> Feedback:
        """Says whether voices are listened to."""
        return Feedback(await feedback.is_wanted(user))

    @post(status_code=200, responses=FAILURES, summary="Ask for kind words, or for none")
    async def set_feedback(
        self, *, user: NamedDependency[UserId], feedback: NamedDependency[EmotionalFeedback], value: FromQuery[bool]
    ) -> dict[str, str]:
        """From now on."""
        await (feedback.want(user) if value else feedback.decline(user))
        return DONE


def _measured(callback: HumeCallback) -> Iterator[MeasuredEmotions]:
    if callback.status != COMPLETED:
        return
    for source in callback.predictions:
        for file in source.results.predictions:
            for group in file.models.prosody.grouped_predictions if file.models.prosody else ():
                yield from map(_window, group.predictions)


def _window(prediction: Prediction) -> MeasuredEmotions:
    return MeasuredEmotions(
        start=samples(prediction.time.begin),
        end=samples(prediction.time.end),
        scores={emotion.name.lower(): emotion.score for emotion in prediction.emotions},
    )
