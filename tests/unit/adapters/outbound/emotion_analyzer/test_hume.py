from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.inbound.simulators.hume import SimulatedHume, serve_hume
from adapters.outbound.emotion_analyzer.hume import KEY_SETTING, HumeEmotionAnalyzer, HumeEmotionAnalyzerSettings
from adapters.outbound.emotion_analyzer.hume_requests import Expression, Measurement, Packed, packed
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from tests.support.voice_windows import window

WINDOWS = [window(at=10.0 * place, volume=0.2 + 0.2 * place) for place in range(3)]


@asynccontextmanager
async def opened(key: str = "k") -> AsyncIterator[tuple[SimulatedHume, HumeEmotionAnalyzer]]:
    async with serve_hume(key="k") as simulation:
        hume = HumeEmotionAnalyzer(HumeEmotionAnalyzerSettings(api_key=key, url=simulation.url))
        async with hume:
            yield simulation, hume


async def test_what_is_uploaded_is_the_stretches_and_silence_between() -> None:
    async with opened() as (simulation, hume):
        measured = await hume.measure(WINDOWS)
    (uploaded,) = simulation.received
    assert uploaded == bytes(48_000).join(each.audio.pcm for each in WINDOWS)
    louder = [each.scores["anger"] for each in measured]
    assert louder == sorted(louder)
    assert len(set(louder)) == 3


def test_stretches_are_split_where_a_request_would_be_too_large() -> None:
    size = len(WINDOWS[0].audio.pcm) + 48_000
    assert [len(each.windows) for each in packed(WINDOWS, largest=2 * size)] == [2, 1]
    assert [len(each.windows) for each in packed(WINDOWS, largest=1)] == [1, 1, 1]
    assert list(packed([])) == []


def test_the_mean_is_taken_of_several_measurements_and_not_their_sum() -> None:
    measurements = [
        Measurement(0, 1_000, (Expression("Anger", 0.4),)),
        Measurement(500, 2_000, (Expression("Anger", 0.8),)),
    ]
    (measured,) = Packed((WINDOWS[0],)).unpacked(measurements)
    assert measured.scores == {"anger": pytest.approx(0.6)}


def test_what_was_measured_in_one_stretch_is_not_told_of_another() -> None:
    first, second = Packed(tuple(WINDOWS[:2])).unpacked([Measurement(3_500, 5_500, (Expression("anger", 0.9),))])
    assert (first.scores, second.scores) == ({}, {"anger": 0.9})


async def test_without_a_key_nothing_is_uploaded() -> None:
    async with HumeEmotionAnalyzer(HumeEmotionAnalyzerSettings()) as hume:
        with pytest.raises(Rejected, match=KEY_SETTING):
            await hume.measure(WINDOWS)
        assert (await hume.diagnose()).condition is Condition.BROKEN


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Rejected), (403, Rejected), (413, Rejected), (429, TemporarilyUnavailable), (503, TemporarilyUnavailable)],
)
async def test_a_refusal_is_told_from_trouble(status: int, error: type[Exception]) -> None:
    async with opened() as (simulation, hume):
        simulation.status = status
        with pytest.raises(error, match=str(status)):
            await hume.measure(WINDOWS)


async def test_a_wrong_key_names_the_setting() -> None:
    async with opened(key="another") as (_, hume):
        with pytest.raises(Rejected, match=KEY_SETTING):
            await hume.measure(WINDOWS)


async def test_nobody_there_may_pass() -> None:
    async with serve_hume() as simulation:
        url = simulation.url
    async with HumeEmotionAnalyzer(HumeEmotionAnalyzerSettings(api_key="k", url=url)) as hume:
        with pytest.raises(TemporarilyUnavailable):
            await hume.measure(WINDOWS)
        assert (await hume.diagnose()).condition is Condition.DEGRADED
