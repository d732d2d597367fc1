"""Speech within a recording, trimmed and cut."""

import pytest

from application.voices.voice_stretches import LONGEST, Span, stretches, trimmed
from domain.audio import AudioFrame

SECOND = 16_000


class Found:
    """Speech that was found already."""

    def __init__(self, *speech: tuple[float, float]) -> None:
        self._speech = tuple((round(start * SECOND), round(end * SECOND)) for start, end in speech)

    async def find_speech(self, recording: AudioFrame) -> tuple[Span, ...]:  # noqa: ARG002 - the port
        return self._speech


def in_seconds(spans: tuple[Span, ...]) -> list[tuple[float, float]]:
    return [(start / SECOND, end / SECOND) for start, end in spans]


@pytest.mark.parametrize(
    ("speech", "length", "moved"),
    [
        ([], 0, []),
        ([(2, 4)], 2, [(0, 2)]),
        ([(2, 4), (4.5, 6)], 4, [(0, 2), (2.5, 4)]),
        ([(2, 4), (5, 6)], 4, [(0, 2), (3, 4)]),
        ([(2, 4), (9, 10), (30, 31)], 6, [(0, 2), (3, 4), (5, 6)]),
    ],
)
async def test_of_long_pauses_a_second_is_left(speech: list, length: float, moved: list) -> None:
    found = await trimmed(bytes(40 * SECOND * 2), Found(*speech))
    assert len(found.pcm) == length * SECOND * 2
    assert in_seconds(found.speech) == moved


async def test_what_is_kept_is_what_was_said() -> None:
    pcm = b"".join(bytes([second, 0]) * SECOND for second in range(10))
    found = await trimmed(pcm, Found((1, 2), (8, 9)))
    assert set(found.pcm[: 2 * SECOND : 2]) == {1}
    assert set(found.pcm[4 * SECOND :: 2]) == {8}


@pytest.mark.parametrize(
    ("speech", "cut"),
    [
        ([(0, 2)], [(0, 2)]),
        ([(0, 6)], [(0, 3), (3, 6)]),
        ([(0, 0.5)], []),
        ([(0, 0.7), (1, 2)], [(0, 2)]),
        ([(0, 2), (2.5, 4.5)], [(0, 2), (2.5, 4.5)]),
        ([(0, 0.7), (3, 5)], [(3, 5)]),
    ],
)
def test_speech_is_cut_into_what_tells_a_voice(speech: list, cut: list) -> None:
    spans = tuple((round(start * SECOND), round(end * SECOND)) for start, end in speech)
    found = stretches(spans, shortest=SECOND)
    assert in_seconds(found) == cut
    assert all(end - start <= LONGEST for start, end in found)
