"""What everything does that measures feelings in a voice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from adapters.inbound.simulators.hume import serve_hume
from adapters.outbound.emotion_analyzer.embedded import EmbeddedEmotionAnalyzer
from adapters.outbound.emotion_analyzer.fake import FakeEmotionAnalyzer
from adapters.outbound.emotion_analyzer.hume import HumeEmotionAnalyzer, HumeEmotionAnalyzerSettings
from domain.audio import AudioFrame
from domain.emotion import troubles
from ports.emotion_analyzer import EmotionAnalyzer, VoiceWindow
from tests.contract.harness import Harness, over
from tests.support.voice_windows import window


@asynccontextmanager
async def embedded(_: Path) -> AsyncIterator[EmotionAnalyzer]:
    yield EmbeddedEmotionAnalyzer()


@asynccontextmanager
async def hume(_: Path) -> AsyncIterator[EmotionAnalyzer]:
    async with serve_hume(key="any") as simulation:
        settings = HumeEmotionAnalyzerSettings(api_key="any", url=simulation.url)
        async with HumeEmotionAnalyzer(settings) as analyzer:
            yield analyzer


@asynccontextmanager
async def fake(_: Path) -> AsyncIterator[EmotionAnalyzer]:
    yield FakeEmotionAnalyzer()


HARNESSES: dict[str, Harness[EmotionAnalyzer]] = {"embedded": embedded, "hume": hume, "fake": fake}

CALM = [window("we went to the shop and bought bread", at=10.0 * place, volume=0.1) for place in range(4)]
ANGRY = window("I am so angry, this is unfair", at=50, volume=0.9, pitch=260, wobble=0.3)


@pytest.fixture(params=over("emotion_analyzer", HARNESSES))
async def analyzer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EmotionAnalyzer]:
    async with request.param(tmp_path) as ready:
        yield ready


async def test_each_stretch_is_measured_at_its_place(analyzer: EmotionAnalyzer) -> None:
    measured = await analyzer.measure([*CALM, ANGRY])
    assert [(m.start, m.end) for m in measured] == [(w.audio.start, w.audio.end) for w in (*CALM, ANGRY)]
    assert all(0 <= score <= 1 for window in measured for score in window.scores.values())
    assert all(name == name.lower() for window in measured for name in window.scores)


async def test_anger_is_heard_where_it_is(analyzer: EmotionAnalyzer) -> None:
    *calm, angry = await analyzer.measure([*CALM, ANGRY])
    assert angry.scores["anger"] > 0.5
    assert max(each.scores.get("anger", 0.0) for each in calm) < 0.5


async def test_calm_speech_tells_of_no_trouble(analyzer: EmotionAnalyzer) -> None:
    assert troubles(await analyzer.measure(CALM)) == ()


async def test_nothing_to_measure_gives_nothing(analyzer: EmotionAnalyzer) -> None:
    assert await analyzer.measure([]) == ()


async def test_silence_and_stretches_without_length_have_no_scores(analyzer: EmotionAnalyzer) -> None:
    silent = VoiceWindow(audio=AudioFrame(5, bytes(64_000)), text="I am angry and furious")
    empty = VoiceWindow(audio=AudioFrame(90_000, b""))
    measured = await analyzer.measure([*CALM, silent, empty])
    assert [each.scores for each in measured[-2:]] == [{}, {}]
    assert (measured[-2].start, measured[-2].end) == (5, 32_005)


async def test_calls_at_the_same_time_do_not_mix(analyzer: EmotionAnalyzer) -> None:
    angry = [*CALM[:3], ANGRY]
    alone = await analyzer.measure(CALM), await analyzer.measure(angry)
    results: dict[int, object] = {}

    async def measure(number: int) -> None:
        results[number] = await analyzer.measure(CALM if number % 2 == 0 else angry)

    async with anyio.create_task_group() as tasks:
        for number in range(6):
            tasks.start_soon(measure, number)
    assert [results[number] for number in range(6)] == [*alone] * 3


async def test_one_call_leaves_nothing_to_the_next(analyzer: EmotionAnalyzer) -> None:
    before = await analyzer.measure(CALM)
    await analyzer.measure([*CALM, ANGRY])
    assert await analyzer.measure(CALM) == before
