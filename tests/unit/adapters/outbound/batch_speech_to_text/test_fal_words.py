"""Whatever times Whisper reports, words are in order and inside the recording."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.batch_speech_to_text.fal_words import FalChunk, cleaned
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame

PART = AudioFrame(5_000, bytes(10 * SAMPLE_RATE * SAMPLE_BYTES))
TIMES = st.none() | st.floats(-2, 20, allow_nan=False)
CHUNKS = st.lists(
    st.builds(
        FalChunk,
        text=st.sampled_from([" one", "two ", " ", "", "three"]),
        timestamp=st.none() | st.tuples(TIMES, TIMES),
        speaker=st.sampled_from([None, "SPEAKER_00", "SPEAKER_01", "nobody"]),
    ),
    max_size=20,
)


@given(CHUNKS)
def test_words_are_in_order_and_inside(chunks: list[FalChunk]) -> None:
    words = cleaned(chunks, PART)
    assert sorted(word.text for word in words) == sorted(text for chunk in chunks if (text := chunk.text.strip()))
    assert all(PART.start <= word.start < word.end <= PART.end for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)


def chunk(start: float | None, end: float | None, speaker: str | None = None) -> FalChunk:
    return FalChunk(text="word", timestamp=(start, end), speaker=speaker)


def test_a_word_without_an_end_lasts_to_the_next_word_and_a_second_at_most() -> None:
    words = cleaned([chunk(0, None), chunk(0.5, None), chunk(8, 8.5), chunk(9.8, None)], PART)
    assert [word.end - word.start for word in words] == [8_000, 16_000, 8_000, 3_200]


def test_a_word_without_times_stands_where_the_one_before_ended() -> None:
    words = cleaned([chunk(1, 2), chunk(None, None), chunk(3, 4)], PART)
    assert [word.start - PART.start for word in words] == [16_000, 32_000, 48_000]


def test_a_word_without_a_voice_has_the_voice_of_the_nearest_word() -> None:
    chunks = [chunk(0, 1), chunk(1, 2, "SPEAKER_02"), chunk(2, 3), chunk(7, 8), chunk(9, 10, "SPEAKER_00")]
    assert [word.speaker for word in cleaned(chunks, PART)] == [2, 2, 2, 0, 0]


def test_nobody_is_known_where_no_word_has_a_voice() -> None:
    assert [word.speaker for word in cleaned([chunk(0, 1), chunk(1, 2)], PART, first_speaker=3)] == [3, 3]
