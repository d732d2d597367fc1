import pytest

from domain.audio import AudioFrame
from domain.windows import WindowCutter, cores


def cut(*frames: AudioFrame) -> list[tuple[int, int]]:
    cutter = WindowCutter(length=100, step=50)
    windows = [window for frame in frames for window in cutter.add(frame)]
    return [(window.start, window.end) for window in (*windows, *cutter.end())]


def silence(start: int, end: int) -> AudioFrame:
    return AudioFrame(start, bytes(2 * (end - start)))


@pytest.mark.parametrize(
    ("samples", "windows"),
    [
        (0, []),
        (30, [(0, 30)]),
        (100, [(0, 100)]),
        (101, [(0, 100), (50, 101)]),
        (150, [(0, 100), (50, 150)]),
        (210, [(0, 100), (50, 150), (100, 200), (150, 210)]),
    ],
)
def test_windows_cover_everything_and_overlap(samples: int, windows: list[tuple[int, int]]):
    assert cut(silence(0, samples)) == windows


def test_how_the_audio_comes_in_pieces_does_not_matter():
    assert cut(*(silence(at, at + 7) for at in range(0, 210, 7))) == cut(silence(0, 210))


def test_no_window_crosses_a_gap():
    assert cut(silence(5, 125), silence(300, 320)) == [(5, 105), (55, 125), (300, 320)]


def test_windows_hold_their_audio():
    audio = bytes(range(240))
    cutter = WindowCutter(length=100, step=50)

    first, *_ = cutter.add(AudioFrame(10, audio))
    [rest] = cutter.end()

    assert (first.start, first.pcm) == (10, audio[:200])
    assert (rest.start, rest.pcm) == (60, audio[100:])


def test_each_moment_belongs_to_the_window_whose_middle_is_nearest():
    assert cores([(0, 100), (50, 150), (100, 170)]) == [(0, 75), (75, 125), (125, 170)]


def test_the_gap_between_windows_belongs_to_none():
    assert cores([(0, 100), (300, 400)]) == [(0, 100), (300, 400)]


def test_of_no_windows_there_are_no_cores():
    assert cores([]) == []
