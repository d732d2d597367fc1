"""A new transcript never costs what was heard before."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from domain.audio import SAMPLE_RATE, samples
from domain.ids import SegmentId
from domain.spans import Span, union
from domain.transcript import TranscriptSegment, Word, segments_of
from domain.transcript_choice import refusal, terms

EVERY = [(0, 10**9)]
"""Somebody speaks all the time."""


def talk(count: int, *, start: float = 0.0, each: float = 0.5, text: str = "word") -> list[Word]:
    """Words one after the other, no two alike."""
    return [
        Word(
            f"{text}{number}x".translate(LETTERS),
            samples(start + number * each),
            samples(start + (number + 0.8) * each),
        )
        for number in range(count)
    ]


LETTERS = str.maketrans("0123456789", "abcdefghij")


def segments(words: list[Word]) -> list[TranscriptSegment]:
    return list(segments_of(words, name="m"))


TALKS = st.lists(st.tuples(st.integers(1, 40), st.floats(0, 40)), min_size=1, max_size=5).map(
    lambda stretches: [
        word
        for at, (count, pause) in enumerate(stretches)
        for word in talk(count, start=sum(c * 0.5 + p for c, p in stretches[:at]) + pause, text=f"w{at}y")
    ]
)


@given(TALKS)
def test_the_same_words_may_take_the_place(words: list[Word]) -> None:
    speech = union((word.start, word.end) for word in words)
    assert refusal(segments(words), words, speech=union(speech, bridge=samples(1))) == ""


@given(TALKS, TALKS)
def test_whoever_heard_more_is_never_replaced_by_less(some: list[Word], more: list[Word]) -> None:
    behind = [structs.replace(word, start=word.start + some[-1].end, end=word.end + some[-1].end) for word in more]
    both = [*some, *behind]
    speech = union(((word.start, word.end) for word in both), bridge=samples(1))
    assert refusal(segments(some), both, speech=speech) == ""
    if len(behind) > 0.2 * len(both):
        assert refusal(segments(both), some, speech=speech)


@given(TALKS, st.integers(0, 1_000), st.integers(21, 60))
def test_no_stretch_of_speech_is_lost(words: list[Word], at: int, count: int) -> None:
    lost = talk(count, start=0, text="lost")
    end = lost[-1].end
    rest = [structs.replace(word, start=word.start + end, end=word.end + end) for word in words * 1]
    everything = [*lost, *rest]
    speech = union(((word.start, word.end) for word in everything), bridge=samples(1))
    padding = talk(at, start=end / SAMPLE_RATE + 0.01, each=0.001, text="padding")  # any number of words elsewhere
    kept = sorted([*rest, *padding], key=lambda word: word.start)
    if end > samples(11.5):
        assert refusal(segments(everything), kept, speech=speech)


@given(st.lists(st.sampled_from(["thank", "you", "for", "watching"]), min_size=1, max_size=10), st.integers(8, 40))
def test_a_model_that_is_stuck_is_refused(phrase: list[str], rounds: int) -> None:
    old = talk(len(phrase) * rounds)
    stuck = [structs.replace(word, text=phrase[at % len(phrase)]) for at, word in enumerate(old)]
    assert refusal(segments(old), stuck, speech=EVERY)


def test_a_live_model_that_was_stuck_is_no_standard() -> None:
    new = talk(20)
    stuck = [structs.replace(word, text="okay") for word in talk(200, each=0.05)]
    assert refusal(segments([*stuck]), new, speech=EVERY) == ""


def test_nothing_replaces_nothing() -> None:
    assert refusal([], [], speech=[]) == "the new transcript is empty"
    assert refusal([], [Word(" ... ", 0, 5)], speech=[]) == "the new transcript is empty"
    assert refusal([], talk(3), speech=[]) == ""


def test_a_pause_within_a_segment_needs_no_words() -> None:
    words = [*talk(4), *talk(4, start=25, text="after")]
    one = structs.replace(segments(words)[0], text=" ".join(word.text for word in words))
    assert one.end - one.start > samples(25)
    speech: list[Span] = [(0, samples(2)), (samples(25), samples(27))]
    assert refusal([one], words, speech=speech) == ""
    assert "covers" in refusal([one], words, speech=EVERY)


def test_what_no_detector_takes_for_speech_counts_as_it_is() -> None:
    whisper = talk(30)
    assert "covers" in refusal(segments(whisper), talk(30, start=100), speech=[(samples(100), samples(120))])


def test_a_reason_says_how_much_is_missing() -> None:
    assert refusal(segments(talk(100)), talk(50), speech=EVERY) == ("the new transcript has too few words: 50 for 100")


def test_scripts_without_spaces_have_words_too() -> None:
    assert len(terms("今日は天気がいい")) == 8
    assert terms("It's 20 o'clock, well-known!") == ["it's", "20", "o'clock", "well-known"]
    one = TranscriptSegment(id=SegmentId("s"), text="今日は天気がいい", start=0, end=samples(3))
    assert "too few" in refusal([one], [Word("今日", 0, samples(3))], speech=EVERY)
