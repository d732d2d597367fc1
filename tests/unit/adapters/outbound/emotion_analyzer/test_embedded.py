import pytest

from adapters.outbound.emotion_analyzer.embedded import EmbeddedEmotionAnalyzer
from adapters.outbound.emotion_analyzer.embedded_prosody import prosody
from adapters.outbound.emotion_analyzer.embedded_words import cues
from domain.emotion import THRESHOLD
from tests.support.voice_windows import tone, window

USUAL = [window("we talked about the garden", at=10.0 * place, volume=0.2) for place in range(5)]


async def test_words_alone_are_not_enough() -> None:
    said = window("I am angry and furious and annoyed", at=60, volume=0.2)
    *_, measured = await EmbeddedEmotionAnalyzer().measure([*USUAL, said])
    assert 0 < measured.scores["anger"] < THRESHOLD


async def test_the_voice_alone_is_not_enough() -> None:
    shouted = window("the bus is over there", at=60, volume=0.9, pitch=280, wobble=0.4)
    *_, measured = await EmbeddedEmotionAnalyzer().measure([*USUAL, shouted])
    assert set(measured.scores.values()) == {0.0}


async def test_somebody_who_is_always_loud_is_not_angry() -> None:
    loud = [window("I am angry and furious", at=10.0 * place, volume=0.9, pitch=280) for place in range(5)]
    for measured in await EmbeddedEmotionAnalyzer().measure(loud):
        assert measured.scores["anger"] < THRESHOLD


async def test_sadness_is_quiet() -> None:
    said = window("I was so sad, I cried", at=60, volume=0.05, pitch=95)
    *_, measured = await EmbeddedEmotionAnalyzer().measure([*USUAL, said])
    assert measured.scores["sadness"] > THRESHOLD


async def test_two_stretches_are_no_baseline() -> None:
    assert [m.scores for m in await EmbeddedEmotionAnalyzer().measure(USUAL[:2])] == [{}, {}]


@pytest.mark.parametrize("text", ["I am not angry", "She was never really that angry", "He isn't angry", "angrily"])
def test_a_feeling_that_is_denied_or_only_resembles_one_does_not_count(text: str) -> None:
    assert cues(text)["anger"] == 0


def test_each_word_of_a_feeling_counts() -> None:
    assert cues("I\u2019m angry. No. It really was a long day, and I am FURIOUS!")["anger"] == 2


@pytest.mark.parametrize("pitch", [90.0, 150.0, 300.0])
def test_the_pitch_of_a_voice_is_found(pitch: float) -> None:
    how = prosody(tone(2.0, pitch=pitch), words=4)
    assert how is not None
    assert 100 * 2 ** (how.pitch / 12) == pytest.approx(pitch, rel=0.03)
    assert how.range < 0.5
    assert how.rate == pytest.approx(2.0, rel=0.1)


def test_pauses_are_counted() -> None:
    how = prosody(tone(1.0) + bytes(32_000) + tone(1.0), words=4)
    assert how is not None
    assert how.pauses == pytest.approx(1 / 3, abs=0.05)


def test_louder_by_half_is_six_decibels_less() -> None:
    one, other = prosody(tone(1.0, volume=0.4), words=1), prosody(tone(1.0, volume=0.2), words=1)
    assert one is not None is not other
    assert one.loudness - other.loudness == pytest.approx(6.02, abs=0.1)


def test_what_is_too_short_is_not_measured() -> None:
    assert prosody(b"", words=0) is None
    assert prosody(tone(0.2), words=1) is None
