"""Reports of measurements, and who wants to be told, over HTTP."""

import pytest

from adapters.inbound.http.application import provided
from adapters.inbound.http.emotions import EmotionalFeedbackController, HumeCallbackController
from application.days.feel_emotions import FEEL_EMOTIONS
from domain.ids import MemoryId
from tests.support.http_app import ANNA, Backend
from tests.support.jobs import attempt
from tests.unit.application.days.test_feel_emotions import USER_IS_ANGRY, Scene

CALLBACK = "/v1/agents/hume/callback"
WISH = "/v1/users/emotional-feedback"


def served(scene: Scene) -> dict[str, object]:
    dependencies = {"callbacks": provided(scene.callbacks), "feedback": provided(scene.feedback)}
    return {"handlers": [HumeCallbackController, EmotionalFeedbackController], "dependencies": dependencies}


def report(*spans: tuple[float, float], status: str = "COMPLETED") -> dict[str, object]:
    predictions = [
        {"text": "x", "time": {"begin": begin, "end": end}, "emotions": [{"name": "Anger", "score": 0.9}]}
        for begin, end in spans
    ]
    models = {"prosody": {"metadata": None, "grouped_predictions": [{"id": "unknown", "predictions": predictions}]}}
    return {
        "job_id": "job",
        "status": status,
        "predictions": [{"source": {"type": "url"}, "results": {"predictions": [{"file": "f", "models": models}]}}],
    }


async def test_a_report_of_our_task_reaches_its_user() -> None:
    scene = Scene()
    await scene.feedback.want(ANNA)
    memory = await scene.keep("talk", USER_IS_ANGRY)
    await scene.callbacks.expect("job", ANNA, memory.id)
    async with Backend().client(None, **served(scene)) as vendor:
        answer = await vendor.post(CALLBACK, json=report((0.1, 1.5), (3.0, 4.5), (6.2, 8.0)))
    assert (answer.status_code, answer.json()) == (200, {})
    assert await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)
    assert len(scene.notifier.sent) == 1


async def test_a_report_of_somebody_elses_task_looks_the_same_and_does_nothing() -> None:
    scene = Scene()
    async with Backend().client(None, **served(scene)) as stranger:
        answer = await stranger.post(CALLBACK, json=report((0.0, 1.0)))
    assert (answer.status_code, answer.json()) == (200, {})
    assert not await attempt(scene.queue, FEEL_EMOTIONS, scene.feel.feel)


async def test_a_failed_task_is_closed() -> None:
    scene = Scene()
    await scene.callbacks.expect("job", ANNA, MemoryId("talk"))
    async with Backend().client(None, **served(scene)) as vendor:
        assert (await vendor.post(CALLBACK, json=report(status="FAILED"))).json() == {}
    assert not await scene.callbacks.settle("job", ())


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"[]", b"{}", b'{"job_id": 1, "status": "COMPLETED"}', b'{"job_id": "job", "status": "?"}'],
)
async def test_nonsense_is_400(body: bytes) -> None:
    async with Backend().client(None, **served(Scene())) as vendor:
        answer = await vendor.post(CALLBACK, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


async def test_nobody_is_listened_to_who_did_not_ask() -> None:
    scene = Scene()
    async with Backend().client(ANNA, **served(scene)) as anna:
        assert (await anna.get(WISH)).json() == {"emotional_feedback": False}
        assert (await anna.post(WISH, params={"value": True})).json() == {"status": "ok"}
        assert (await anna.get(WISH)).json() == {"emotional_feedback": True}
        await anna.post(WISH, params={"value": False})
        assert (await anna.get(WISH)).json() == {"emotional_feedback": False}
