"""Words, voices, languages and clocks of Speechmatics, without a connection."""

import json

import pytest

from adapters.outbound.speech_to_text.leg import LegWord
from adapters.outbound.speech_to_text.speechmatics_audio import SessionAudio
from adapters.outbound.speech_to_text.speechmatics_languages import choose
from adapters.outbound.speech_to_text.speechmatics_messages import decoded, speaker_number, words_of
from domain.audio import SAMPLE_RATE
from ports.errors import TemporarilyUnavailable


@pytest.mark.parametrize(
    ("language", "chosen"),
    [
        ("en", ("en", None)),
        ("en-US", ("en", "en-US")),
        ("en-IN", ("en", None)),
        ("de-AT", ("de", None)),
        ("zh", ("cmn", None)),
        ("zh-CN", ("cmn", "cmn-Hans")),
        ("zh-Hant-TW", ("cmn", "cmn-Hant")),
        ("zh-HK", ("yue", None)),
        ("nb-NO", ("no", None)),
        ("cmn_en", ("cmn_en", None)),
        ("multi", None),
        ("tlh", None),
        ("", None),
    ],
)
def test_a_pack_is_chosen_that_knows_the_language(language: str, chosen: tuple[str, str | None] | None) -> None:
    choice = choose(language)
    assert (choice and (choice.language, choice.output_locale)) == chosen


@pytest.mark.parametrize(
    ("label", "number"), [("S1", 0), ("S12", 11), ("UU", 0), (None, 0), ("Sam", 0), ("", 0), ("S", 0), ("S0", 0)]
)
def test_a_voice_has_a_number(label: str | None, number: int) -> None:
    assert speaker_number(label) == number


def results(*parts: tuple[str, str, str | None]) -> tuple[LegWord, ...]:
    """Words of results given as type, content and what they attach to; each lasts a second."""
    told = [
        {"type": kind, "start_time": at, "end_time": at + 1, "alternatives": [{"content": content, "confidence": 0.5}]}
        | ({"attaches_to": attached} if attached else {})
        for at, (kind, content, attached) in enumerate(parts)
    ]
    message = decoded(json.dumps({"message": "AddTranscript", "results": told}))
    return words_of(message.results, at=lambda time: time)


def test_marks_attach_as_they_say() -> None:
    said = results(
        ("punctuation", "¿", "next"),
        ("word", "qué", None),
        ("punctuation", "?", "previous"),
        ("word", "mother", None),
        ("punctuation", "-", "both"),
        ("word", "in", None),
        ("entity", "5th", None),
    )
    assert [word.text for word in said] == ["¿qué?", "mother-in", "5th"]
    assert [(word.start, word.end) for word in said] == [(0, 2), (3, 6), (6, 7)]


def test_a_mark_without_its_word_stands_alone() -> None:
    assert [word.text for word in results(("punctuation", ".", "previous"), ("word", "next", None))] == [".", "next"]


def test_what_is_no_message_is_a_failure_of_the_vendor() -> None:
    for text in ("[]", "{", '{"message": 5}', b"\xff"):
        with pytest.raises(TemporarilyUnavailable, match="not understood"):
            decoded(text)


def test_silence_of_ours_does_not_count_on_the_leg() -> None:
    audio = SessionAudio()
    for _ in range(100):
        audio.add(SAMPLE_RATE)
        audio.add_silence(SAMPLE_RATE // 2)
    assert audio.sent == 150 * SAMPLE_RATE
    assert audio.on_leg(150.0) == 100.0
    assert audio.on_leg(148.5) == 99.0
    assert audio.on_leg(147.5) == 98.5
    assert audio.on_leg(149.75) == 100.0
