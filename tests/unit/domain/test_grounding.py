"""What a model claims is kept only where it was said."""

import time

import pytest

from domain.grounding import Vocabulary, of_the_user, said_in, without_strange_links
from domain.ids import SegmentId
from domain.transcript import TranscriptSegment


def talk(*lines: str) -> tuple[TranscriptSegment, ...]:
    """`U: ...` is the user, `1: ...` another voice."""
    segments = []
    for n, line in enumerate(lines):
        voice, _, text = line.partition(": ")
        is_user = voice == "U"
        speaker = 0 if is_user else int(voice)
        segments.append(
            TranscriptSegment(id=SegmentId(f"s{n}"), text=text, start=n, end=n + 1, speaker=speaker, is_user=is_user)
        )
    return tuple(segments)


TALK = talk(
    "U: I'll email Maria the numbers for the budget on Friday.",
    "1: And you told me that you are allergic to nuts.",
    "U: Right. The restaurant is booked for eight.",
)


def test_a_claim_rests_on_the_segments_whose_words_it_shares() -> None:
    assert said_in("Send Maria the budget numbers", evidence=[0], segments=TALK) == ("s0",)


def test_a_claim_that_names_no_segment_is_made_up() -> None:
    assert said_in("Send Maria the budget numbers", evidence=[], segments=TALK) == ()


def test_a_claim_that_names_the_wrong_segment_is_made_up() -> None:
    assert said_in("Send Maria the budget numbers", evidence=[2], segments=TALK) == ()


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_segments_that_are_not_there_count_nothing(index: int) -> None:
    assert said_in("Send Maria the budget numbers", evidence=[index], segments=TALK) == ()


def test_segments_that_share_nothing_are_left_out_of_the_evidence() -> None:
    assert said_in("Send Maria the budget numbers", evidence=[0, 2], segments=TALK) == ("s0",)


def test_one_word_in_common_is_enough_only_for_a_short_claim() -> None:
    assert said_in("Buy nuts", evidence=[1], segments=TALK) == ("s1",)
    assert said_in("Wire a thousand dollars to Maria tonight", evidence=[0], segments=TALK) == ()


def test_words_that_say_nothing_are_nothing_in_common() -> None:
    assert said_in("The user said that you are the person", evidence=[1], segments=TALK) == ()


def test_endings_make_no_difference() -> None:
    spoken = talk("U: Ich werde morgen die Geburtstagskarten kaufen.")
    assert said_in("Geburtstagskarte kaufen", evidence=[0], segments=spoken) == ("s0",)


def test_scripts_without_spaces_are_compared_in_pairs_of_characters() -> None:
    spoken = talk("U: 我明天要给玛丽发预算报告")
    assert said_in("给玛丽发送预算", evidence=[0], segments=spoken) == ("s0",)
    assert said_in("购买牛奶和面包", evidence=[0], segments=spoken) == ()


def test_what_the_user_says_can_be_a_fact() -> None:
    spoken = talk("U: I have played the cello since school.", "1: Nice.")
    assert of_the_user("Plays the cello", evidence=[0], segments=spoken) == ("s0",)


def test_what_somebody_says_of_themselves_is_no_fact_about_the_user() -> None:
    spoken = talk("1: I have played the cello since school.", "U: Nice.")
    assert of_the_user("Plays the cello", evidence=[0], segments=spoken) == ()


def test_what_the_user_is_told_to_their_face_can_be_a_fact() -> None:
    assert of_the_user("Allergic to nuts", evidence=[1], segments=TALK) == ("s1",)


def test_in_a_group_you_may_be_anybody() -> None:
    spoken = (*TALK, *talk("2: Me too."))
    assert of_the_user("Allergic to nuts", evidence=[1], segments=spoken) == ()


def test_what_is_said_of_the_user_by_name_can_be_a_fact() -> None:
    spoken = talk("1: Anna is allergic to nuts.", "2: I see.")
    assert of_the_user("Allergic to nuts", evidence=[0], segments=spoken, user_name="Anna") == ("s0",)
    assert of_the_user("Allergic to nuts", evidence=[0], segments=spoken) == ()


def test_names_are_said_whole() -> None:
    vocabulary = Vocabulary(TALK)
    assert "maria" in vocabulary
    assert "Mari" not in vocabulary
    assert "Maria Lopez" not in vocabulary
    assert "" not in vocabulary


def test_no_more_evidence_is_looked_at_than_one_thing_needs() -> None:
    assert said_in("Send Maria the budget numbers", evidence=[*[2] * 1_000, 0], segments=TALK) == ()


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/x?q=1",
        "HTTP://EVIL.COM",
        "www.evil.com/a",
        "evil.com/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@evil.com",
        "ftp://evil.com",
        "ｈｔｔｐｓ：／／ｅｖｉｌ．ｃｏｍ",
        "ht\u200btps://ev\u200bil.com",
        "https://evil\u202e.com/x",
    ],
)
def test_addresses_that_were_not_said_are_taken_out(link: str) -> None:
    cleaned = without_strange_links(f"Look at {link} now", source="Look at this now")
    assert cleaned == "Look at now"


def test_addresses_that_were_said_stay() -> None:
    said = "Go to example dot com slash maps, or https://omi.example/docs."
    assert without_strange_links("See example.com/maps.", source=said) == "See example.com/maps."
    assert without_strange_links("See https://omi.example/docs.", source=said) == "See https://omi.example/docs."


def test_text_without_addresses_stays_as_it_is() -> None:
    text = "Dr. Smith, e.g. at 10.30, gave 3.5 points.\nFine 👨‍👩‍👧."
    assert without_strange_links(text, source="") == text


def test_invisible_characters_are_taken_out() -> None:
    assert without_strange_links("a\u200bb\u202ec\x00d\ud83d", source="") == "abcd"


@pytest.mark.parametrize("text", ["a" * 100_000, "a." * 50_000, "a-" * 50_000, "www." * 25_000, "[1](" * 25_000])
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    without_strange_links(text, source=text)
    assert time.process_time() - began < 0.5
