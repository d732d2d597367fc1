"""From where on the next recognizer hears what the last one left."""

from collections.abc import Sequence

from adapters.outbound.speech_to_text.failover.custody import Custody
from adapters.outbound.speech_to_text.failover.seam import OVERLAP
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame

FRAME = 320


def custody(*stretches: tuple[int, int]) -> Custody:
    """Custody of audio between positions, in frames."""
    kept = Custody(folder=None, hand_over=lambda _: None)
    for start, end in stretches:
        for at in range(start, end, FRAME):
            kept.keep(AudioFrame(at, bytes(min(FRAME, end - at) * SAMPLE_BYTES)))
    return kept


def span(frames: Sequence[AudioFrame]) -> tuple[int, int]:
    return frames[0].start, frames[-1].end


def heard_again(kept: Custody, *, since: int, end: int) -> tuple[int, int]:
    return span(list(kept.audio(since - OVERLAP, end)))


def test_in_the_middle_of_speech_the_audio_before_a_seam_is_heard_again() -> None:
    kept = custody((0, 3 * SAMPLE_RATE))
    assert heard_again(kept, since=SAMPLE_RATE, end=2 * SAMPLE_RATE) == (SAMPLE_RATE - OVERLAP, 2 * SAMPLE_RATE)


def test_an_utterance_is_heard_from_where_it_began() -> None:
    kept = custody((0, SAMPLE_RATE), (5 * SAMPLE_RATE, 6 * SAMPLE_RATE))
    assert heard_again(kept, since=5 * SAMPLE_RATE, end=6 * SAMPLE_RATE) == (5 * SAMPLE_RATE, 6 * SAMPLE_RATE)


def test_what_lay_before_a_short_gap_is_not_heard_again() -> None:
    second = SAMPLE_RATE + 2 * FRAME
    kept = custody((0, SAMPLE_RATE), (second, 2 * SAMPLE_RATE))
    assert heard_again(kept, since=second, end=2 * SAMPLE_RATE) == (second, 2 * SAMPLE_RATE)
    assert heard_again(kept, since=second + FRAME, end=2 * SAMPLE_RATE) == (second, 2 * SAMPLE_RATE)


def test_audio_behind_a_later_gap_is_heard_too() -> None:
    kept = custody((0, SAMPLE_RATE), (2 * SAMPLE_RATE, 3 * SAMPLE_RATE))
    assert heard_again(kept, since=SAMPLE_RATE, end=3 * SAMPLE_RATE) == (SAMPLE_RATE - OVERLAP, 3 * SAMPLE_RATE)
