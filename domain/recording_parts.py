"""Where a long recording is cut, so that no word is cut with it."""

from array import array

from domain.audio import SAMPLE_BYTES, AudioFrame, samples

_WINDOW = samples(0.02)
_PAUSE = 15
"""Windows: the quietest 0.3 s."""
_EACH = 4
"""Every fourth sample tells how loud it is."""
_LOOK_BACK = samples(30)


def first_part(recording: AudioFrame, *, longest: int) -> AudioFrame:
    """The beginning of a recording, up to a pause.

    All of it, where that is no longer than `longest` samples; else it ends in the quietest moment of the last half
    minute (of the last quarter, where `longest` is short).
    """
    length = len(recording.pcm) // SAMPLE_BYTES
    if length <= longest:
        return recording
    since = longest - min(_LOOK_BACK, longest // 4)
    end = since + _quietest(recording.pcm[since * SAMPLE_BYTES : longest * SAMPLE_BYTES])
    return AudioFrame(recording.start, recording.pcm[: max(end, 1) * SAMPLE_BYTES])


def parts(recording: AudioFrame, *, longest: int) -> list[AudioFrame]:
    """A recording in parts of at most `longest` samples that touch each other, cut at pauses."""
    found: list[AudioFrame] = []
    rest = recording
    while rest.pcm:
        part = first_part(rest, longest=longest)
        found.append(part)
        rest = AudioFrame(part.end, rest.pcm[len(part.pcm) :])
    return found


def _quietest(pcm: bytes) -> int:
    """Samples to the middle of the quietest moment; of several, the last one."""
    level = array("h", pcm)
    loud = [sum(map(abs, level[at : at + _WINDOW : _EACH])) for at in range(0, len(level) - _WINDOW + 1, _WINDOW)]
    if not loud:
        return len(level)
    wide = min(_PAUSE, len(loud))
    sums = [sum(loud[:wide])]
    for at in range(wide, len(loud)):
        sums.append(sums[-1] + loud[at] - loud[at - wide])
    best = min(range(len(sums)), key=lambda number: (sums[number], -number))
    return (2 * best + wide) * _WINDOW // 2
