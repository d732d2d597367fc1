from array import array
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.batch_speech_to_text.stretches import stretches
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame

TENTH = SAMPLE_RATE // 10
LEVELS = {"#": 3000, "+": 300, ".": 20, "_": 0}


def recording(pattern: str, *, start: int = 0) -> AudioFrame:
    """A tenth of a second for each sign: loud, soft, background, nothing."""
    pcm = b"".join(array("h", [LEVELS[sign], -LEVELS[sign]] * (TENTH // 2)).tobytes() for sign in pattern)
    return AudioFrame(start, pcm)


def spans(pattern: str) -> list[tuple[float, float]]:
    return [(found.start / TENTH, found.end / TENTH) for found in stretches(recording(pattern))]


def test_a_pause_separates_two_stretches() -> None:
    (first, second) = spans("..........#####..........#####..........")
    assert first[0] < 10
    assert 15 < first[1] < second[0] < 25
    assert second[1] > 30


def test_a_short_pause_does_not() -> None:
    assert len(spans("..........#####....#####..........")) == 1


def test_soft_speech_is_kept() -> None:
    assert len(spans("..........#####..........+++++..........")) == 2


def test_soft_speech_in_a_quiet_room_is_kept_after_a_loud_half_minute() -> None:
    loud, soft = "####..#" * 43, "++++..+" * 43
    assert sum(end - start for start, end in spans(loud + soft)) >= 600


def test_a_click_is_no_speech() -> None:
    pcm = bytearray(recording("." * 40).pcm)
    pcm[SAMPLE_RATE * 2 : SAMPLE_RATE * 2 + 200] = array("h", [9000, -9000] * 50).tobytes()
    assert list(stretches(AudioFrame(0, bytes(pcm)))) == []


def test_silence_and_steady_sound_hold_no_speech() -> None:
    assert spans("_" * 50) == []
    assert spans("." * 50) == []
    assert list(stretches(AudioFrame(0, b""))) == []


@given(st.text("#+._", max_size=80), st.integers(0, 10**9))
def test_stretches_are_in_order_and_hold_the_audio_of_their_place(pattern: str, start: int) -> None:
    whole = recording(pattern, start=start)
    found = list(stretches(whole))
    assert all(before.end <= after.start for before, after in pairwise(found))
    for part in found:
        assert whole.start <= part.start < part.end <= whole.end
        at = (part.start - start) * SAMPLE_BYTES
        assert part.pcm == whole.pcm[at : at + len(part.pcm)]
