from array import array
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.speech_to_text.utterance import UtteranceCutter
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame

LOUD = array("h", [3000, -3000] * (SAMPLE_RATE // 2)).tobytes()
"""One second."""


def cut(frames: list[AudioFrame], *, longest: int) -> list[AudioFrame]:
    cutter = UtteranceCutter(longest=longest)
    ended = [utterance for frame in frames for utterance in cutter.add(frame)]
    return [*ended, *cutter.end()]


@given(st.lists(st.tuples(st.integers(0, 3_000), st.sampled_from([0, 0, 0, 500])), max_size=40), st.integers(1, 5_000))
def test_every_sample_is_in_one_utterance_at_its_place(parts: list[tuple[int, int]], longest: int) -> None:
    position, frames, samples = 0, [], {}
    for number, (length, gap) in enumerate(parts):
        pcm = array("h", [(number * 7 + at) % 30_000 for at in range(length)])
        samples |= {position + at: value for at, value in enumerate(pcm)}
        frames.append(AudioFrame(position, pcm.tobytes()))
        position += length + gap
    utterances = cut(frames, longest=longest)
    assert all(0 < utterance.end - utterance.start <= longest for utterance in utterances)
    assert all(before.end <= after.start for before, after in pairwise(utterances))
    kept = {u.start + at: value for u in utterances for at, value in enumerate(memoryview(u.pcm).cast("h"))}
    assert kept == samples


def test_the_end_comes_where_the_caller_says() -> None:
    cutter = UtteranceCutter()
    assert cutter.add(AudioFrame(100, LOUD)) == ()
    assert cutter.end() == (AudioFrame(100, LOUD),)
    assert cutter.end() == ()


def test_a_jump_of_the_audio_ends_an_utterance() -> None:
    cutter = UtteranceCutter()
    cutter.add(AudioFrame(0, LOUD))
    assert cutter.add(AudioFrame(SAMPLE_RATE + 1, LOUD)) == (AudioFrame(0, LOUD),)
    assert cutter.open == AudioFrame(SAMPLE_RATE + 1, LOUD)


def test_audio_that_goes_on_stays_one_utterance() -> None:
    cutter = UtteranceCutter()
    cutter.add(AudioFrame(0, LOUD))
    assert cutter.add(AudioFrame(SAMPLE_RATE, LOUD)) == ()
    assert len(cutter) == 2 * SAMPLE_RATE


def test_an_overlong_utterance_is_cut_at_its_quietest_moment() -> None:
    quiet_at = 12 * SAMPLE_RATE
    pcm = bytearray(LOUD * 15)
    pcm[quiet_at * SAMPLE_BYTES : (quiet_at + 960) * SAMPLE_BYTES] = bytes(960 * SAMPLE_BYTES)
    (first, second) = cut([AudioFrame(0, bytes(pcm))], longest=14 * SAMPLE_RATE)
    assert quiet_at < first.end < quiet_at + 960
    assert (second.start, second.end) == (first.end, 15 * SAMPLE_RATE)


def test_silence_long_before_the_limit_is_no_reason_to_cut_there() -> None:
    pcm = bytearray(LOUD * 15)
    pcm[: 4 * SAMPLE_RATE * SAMPLE_BYTES] = bytes(4 * SAMPLE_RATE * SAMPLE_BYTES)
    first, _ = cut([AudioFrame(0, bytes(pcm))], longest=14 * SAMPLE_RATE)
    assert first.end >= 10 * SAMPLE_RATE
