"""Which words are the clip's, and which the user's, however a recognizer reports them."""

import pytest

from adapters.outbound.speech_to_text.priming import SILENCE, Priming
from domain.audio import AudioFrame, samples
from domain.recognition import FinalWords, InterimWords, RecognizerChanged
from domain.transcript import Word

VOICE = samples(3.0)
AHEAD = VOICE + SILENCE


def priming(*, first: int | None = 0) -> Priming:
    made = Priming(ahead=AHEAD)
    made.first = first
    return made


def at(text: str, start: float, end: float, *, first: int = 0, speaker: int = 0) -> Word:
    """A word by its seconds from the beginning of the live audio, as the recognizer places it."""
    ends_live = AHEAD + first + samples(end) if end > 0 else AHEAD + samples(end)
    starts_live = AHEAD + first + samples(start) if start >= 0 else AHEAD + samples(start)
    return Word(text, starts_live, ends_live, 1.0, speaker)


def final(*words: Word, through: int = AHEAD) -> FinalWords:
    return FinalWords(words, through, "vendor")


def live_texts(made: Priming, *words: Word) -> list[str]:
    event = made.live(final(*words, through=words[-1].end))
    return [word.text for word in event.words] if isinstance(event, FinalWords) else []


def test_words_of_the_clip_alone_are_not_worth_an_event() -> None:
    assert priming().live(final(at("clip", -3.0, -0.6))) is None


@pytest.mark.parametrize("first", [0, 1, 500, 1_000_000])
def test_a_result_that_spans_both_gives_the_live_words_where_they_were_said(first: int) -> None:
    event = priming(first=first).live(
        final(at("clip", -1.0, -0.5), at("live", 0.2, 0.5, first=first), through=AHEAD + first + samples(0.7))
    )
    expected = Word("live", first + samples(0.2), first + samples(0.5), 1.0, 0)
    assert event == FinalWords((expected,), first + samples(0.7), "vendor", owner=0)


@pytest.mark.parametrize("first", [0, 1_000_000])
def test_a_word_that_straddles_the_border_is_kept_from_the_first_live_sample_on(first: int) -> None:
    event = priming(first=first).live(final(at("twenty-three", -0.9, 0.3, first=first)))
    assert isinstance(event, FinalWords)
    [word] = event.words
    assert (word.start, word.end) == (first, first + samples(0.3))


@pytest.mark.parametrize("first", [0, 1_000_000])
@pytest.mark.parametrize("early", [0.01, 0.1, 0.2])
def test_a_live_word_that_is_told_a_little_early_is_live(first: int, early: float) -> None:
    event = priming(first=first).live(final(at("I", -early, 0.12 - early, first=first)))
    assert isinstance(event, FinalWords)
    [word] = event.words
    assert first == word.start < word.end


@pytest.mark.parametrize("first", [0, 1_000_000])
@pytest.mark.parametrize("late", [0.1, 0.3])
def test_a_word_of_the_clip_that_is_told_a_little_late_is_the_clips(first: int, late: float) -> None:
    clip, live = at("clip", -0.8 + late, -0.5 + late, first=first), at("live", 0.0, 0.2, first=first)
    assert live_texts(priming(first=first), clip, live) == ["live"]


def test_before_there_is_live_audio_all_words_are_the_clips() -> None:
    assert live_texts(priming(first=None), at("clip", -0.2, -0.1)) == []


def test_the_watermark_does_not_lie_before_the_live_audio() -> None:
    event = priming(first=70_000).live(final(at("live", 0.0, 0.2, first=70_000), through=AHEAD + 1))
    assert isinstance(event, FinalWords)
    assert event.through == 70_000


def test_a_late_stretch_keeps_its_beginning() -> None:
    event = priming().live(FinalWords((), AHEAD + 9_000, "vendor", since=AHEAD + 4_000))
    assert event == FinalWords((), 9_000, "vendor", since=4_000)


def test_guesses_of_the_clip_are_not_told() -> None:
    made = priming()
    assert made.live(InterimWords((at("clip", -2.0, -1.0),), "vendor")) is None
    guess = made.live(InterimWords((at("clip", -2.0, -1.0), at("live", 0.5, 1.0)), "vendor"))
    assert guess == InterimWords((Word("live", samples(0.5), samples(1.0)),), "vendor")


def test_a_guess_that_takes_back_all_others_is_told() -> None:
    assert priming().live(InterimWords((), "vendor")) == InterimWords((), "vendor")


def test_a_change_of_recognizer_passes() -> None:
    change = RecognizerChanged("other", "vendor is gone")
    assert priming().live(change) == change


def test_the_owner_is_the_voice_that_most_of_the_clip_was_given_to() -> None:
    made = priming()
    made.live(final(at("a", -3.0, -2.9, speaker=0), at("b", -2.8, -1.0, speaker=2), at("c", -0.9, -0.6, speaker=1)))
    event = made.live(final(at("live", 0.1, 0.3, speaker=1), through=AHEAD + samples(0.3)))
    assert isinstance(event, FinalWords)
    assert event.owner == 2


def test_nobody_is_the_owner_while_the_clip_was_not_heard() -> None:
    event = priming().live(final(at("live", 0.1, 0.3), through=AHEAD + samples(0.3)))
    assert isinstance(event, FinalWords)
    assert event.owner is None


def test_a_recognizer_that_knows_the_owner_itself_is_believed() -> None:
    made = priming()
    made.live(final(at("clip", -3.0, -2.0, speaker=1)))
    event = made.live(FinalWords((), AHEAD + 1, "vendor", owner=99))
    assert isinstance(event, FinalWords)
    assert event.owner == 99


def test_live_frames_follow_the_clip() -> None:
    assert priming().shifted(AudioFrame(5, b"ab")) == AudioFrame(AHEAD + 5, b"ab")
