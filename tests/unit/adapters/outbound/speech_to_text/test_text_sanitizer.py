import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.speech_to_text.text_sanitizer import sanitized
from domain.audio import SAMPLE_RATE, samples


def clean(text: str, *, speech: float = 2.0, length: float = 5.0) -> str:
    return sanitized(text, speech=samples(speech), length=samples(length))


def test_the_words_of_real_speech_stay_as_they_are(audio_folder: Path) -> None:
    manifest = json.loads((audio_folder / "manifest.json").read_text(encoding="utf-8"))
    texts = [entry["reference_text"] for entry in manifest if entry.get("reference_text")]
    assert len(texts) > 20
    assert [clean(text, length=60) for text in texts] == [" ".join(text.split()) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, no!",
        "Very, very, very good.",
        "I know, I know, I know.",
        "Zero zero zero one.",
        "Call 555-0100 at 10:30.",
        "It was 1,000,000,000 dollars.",
        "4111 1111 1111 1111",
        "Thank you for watching.",
        "Café déjà vu.",
        "I said you.",
        "You and me",
        "7",
    ],
)
def test_what_people_say_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("text", ["", " ", "♪♪♪", "♪ ♪", "大家啊啊", "...", "Привет"])
def test_what_is_not_english_text_goes(text: str) -> None:
    assert clean(text) == ""


def test_music_and_foreign_letters_go_from_between_words() -> None:
    assert clean("♪ Hello ♪ 大家 world. ♪♪") == "Hello world."


@pytest.mark.parametrize("text", ["You", "You.", "Thank you for watching.", "Thanks for watching!", "Bye."])
def test_what_the_model_says_to_noise_goes_where_nobody_spoke(text: str) -> None:
    assert clean(text, speech=0.03) == ""


def test_a_lone_you_cannot_last_for_seconds() -> None:
    assert clean("You", speech=3.0) == ""
    assert clean("You?", speech=0.3) == "You?"


@pytest.mark.parametrize("unit", ["ha", "oh my", "and so on", "a b c d e"])
def test_what_repeats_without_end_is_said_once(unit: str) -> None:
    assert clean(f"Well {' '.join([unit] * 12)} yes") == f"Well {unit} yes"


@pytest.mark.parametrize("number", ["1" * 60, "1,000" + ",000" * 30, "0-" * 50])
def test_numbers_that_run_away_go(number: str) -> None:
    assert clean(f"It was {number}") == "It was"


def test_a_long_number_said_slowly_stays() -> None:
    assert clean("1000190210101803", length=8.3) == "1000190210101803"


@given(st.text(max_size=200), st.integers(0, 10 * SAMPLE_RATE))
def test_nothing_is_added_and_twice_is_once(text: str, speech: int) -> None:
    once = sanitized(text, speech=speech, length=14 * SAMPLE_RATE)
    assert len(once) <= len(text)
    assert sanitized(once, speech=speech, length=14 * SAMPLE_RATE) in {once, ""}
