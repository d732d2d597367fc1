import pytest

from application.listening.voice_track import MOST, VoiceTrack
from domain.audio import AudioFrame

PACKET = 160


def frame(start: int, samples: int = PACKET) -> AudioFrame:
    """Audio in which every sample is its own position, modulo what two bytes hold."""
    return AudioFrame(start, b"".join((at % 65_536).to_bytes(2, "little") for at in range(start, start + samples)))


@pytest.fixture
def track() -> VoiceTrack:
    """Ten packets, a pause of ten packets, and ten more."""
    track = VoiceTrack()
    for number in (*range(10), *range(20, 30)):
        track.append(frame(number * PACKET))
    return track


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1600), (0, 160), (1, 159), (159, 161), (80, 81), (100, 1000), (3200, 4800), (3300, 3301)]
)
def test_a_stretch_is_cut_to_the_sample(track: VoiceTrack, start: int, end: int) -> None:
    assert track.cut(start, end) == frame(start, end - start).pcm


@pytest.mark.parametrize(("start", "end"), [(1600, 3200), (-500, 0), (4800, 9000), (500, 500), (600, 500)])
def test_where_nothing_was_kept_nothing_is_cut(track: VoiceTrack, start: int, end: int) -> None:
    assert track.cut(start, end) == b""


def test_a_stretch_across_a_pause_holds_what_was_kept(track: VoiceTrack) -> None:
    assert track.cut(1500, 3300) == frame(1500, 100).pcm + frame(3200, 100).pcm


def test_a_stretch_beyond_what_was_kept_ends_with_it(track: VoiceTrack) -> None:
    assert track.cut(4700, 10_000) == frame(4700, 100).pcm


def test_what_was_forgotten_is_gone_by_whole_frames(track: VoiceTrack) -> None:
    track.forget(330)
    assert track.cut(0, 480) == frame(320, 160).pcm


def test_all_can_be_forgotten(track: VoiceTrack) -> None:
    track.forget(10_000)
    assert track.cut(0, 10_000) == b""


def test_only_the_last_minute_is_kept(track: VoiceTrack) -> None:
    track.append(frame(3200 + MOST))
    assert track.cut(0, 4800) == frame(3200, 1600).pcm
