from hypothesis import given
from hypothesis import strategies as st

from domain.audio import SAMPLE_RATE, AudioFrame
from domain.recording_parts import parts
from domain.watermark import WORD_SAMPLES, speech, words_in


@given(length=st.integers(0, 3_000), longest=st.integers(1, 900), start=st.integers(0, 50))
def test_parts_touch_and_are_the_recording(length: int, longest: int, start: int) -> None:
    recording = AudioFrame(start, bytes(range(256)) * (length // 128) + bytes(2 * (length % 128)))
    found = parts(recording, longest=longest)
    assert b"".join(part.pcm for part in found) == recording.pcm
    assert [part.start for part in found] == [start, *(part.end for part in found[:-1])][: len(found)]
    assert all(0 < len(part.pcm) <= 2 * longest for part in found)


def test_a_recording_is_cut_between_words() -> None:
    found = parts(AudioFrame(0, speech(0, 100, pause=8_000)), longest=10 * SAMPLE_RATE)
    words = [word for part in found for word in words_in(part.pcm)]
    assert len(found) > 5
    assert [word.number for word in words] == list(range(100))
    assert all(word.end - word.start == WORD_SAMPLES for word in words)
