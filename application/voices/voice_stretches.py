"""Speech within a recording: silence trimmed, and cut into stretches that tell a voice."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector

Span = tuple[int, int]
"""Start and end in samples."""

PAUSE = SAMPLE_RATE
"""Speech that lies closer together is not parted; of longer pauses so much is left."""
WHOLE = 3 * SAMPLE_RATE // 2
"""Speech of this length stands for itself; what is shorter joins its neighbor."""
LONGEST = 3 * SAMPLE_RATE
"""Of a stretch. Longer ones tell little more, and in conversations they hold two voices."""


class Trimmed(Struct, frozen=True, kw_only=True):
    """A recording without its silence."""

    pcm: bytes
    """Mono, signed 16-bit little-endian, 16 kHz. Empty when nobody speaks."""
    speech: tuple[Span, ...]
    """Where somebody speaks in it."""

    @property
    def spoken(self) -> int:
        """Samples of speech."""
        return sum(end - start for start, end in self.speech)


async def trimmed(pcm: bytes, finder: RecordingVoiceActivityDetector) -> Trimmed:
    """A recording from its first word to its last, with pauses of at most a second.

    Raises:
        TemporarilyUnavailable: speech could not be looked for.
    """
    speech = await finder.find_speech(AudioFrame(0, pcm))
    kept, moved = bytearray(), []
    for run in _runs(speech):
        first = run[0][0] - (PAUSE // 2 if kept else 0)
        last = run[-1][1] + (PAUSE // 2 if run[-1] != speech[-1] else 0)
        shift = len(kept) // SAMPLE_BYTES - first
        moved += [(start + shift, end + shift) for start, end in run]
        kept += cut(pcm, (first, last))
    return Trimmed(pcm=bytes(kept), speech=tuple(moved))


def _runs(speech: Sequence[Span]) -> Iterator[list[Span]]:
    """Stretches with less than a pause between them."""
    run: list[Span] = []
    for span in speech:
        if run and span[0] - run[-1][1] >= PAUSE:
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def stretches(speech: Sequence[Span], *, shortest: int) -> tuple[Span, ...]:
    """Speech in stretches that are long enough to tell a voice and short enough to be one voice's."""
    joined: list[Span] = []
    for start, end in speech:
        if joined and _belongs(joined[-1], (start, end)):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(part for span in joined for part in _parts(span) if part[1] - part[0] >= shortest)


def cut(pcm: bytes, span: Span) -> bytes:
    """The samples of a span."""
    return pcm[span[0] * SAMPLE_BYTES : span[1] * SAMPLE_BYTES]


def _belongs(earlier: Span, later: Span) -> bool:
    is_short = min(earlier[1] - earlier[0], later[1] - later[0]) < WHOLE
    return is_short and later[0] - earlier[1] < PAUSE and later[1] - earlier[0] <= LONGEST


def _parts(span: Span) -> Iterator[Span]:
    start, end = span
    count = max(1, -(-(end - start) // LONGEST))
    for number in range(count):
        yield start + (end - start) * number // count, start + (end - start) * (number + 1) // count
