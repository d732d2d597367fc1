"""A transcript to read."""

from collections.abc import Sequence
from itertools import pairwise

from domain.audio import seconds
from domain.transcript import TranscriptSegment


def render(segments: Sequence[TranscriptSegment], *, user_name: str = "User", timestamps: bool = False) -> str:
    """A transcript to read, one paragraph a segment: `Speaker 0: ...`.

    Timestamps are left out where segments overlap, because they would mislead.
    """
    stamped = timestamps and not any(b.start < a.end for a, b in pairwise(segments))
    return "\n\n".join(_line(s, user_name, stamped=stamped) for s in segments)


def _line(segment: TranscriptSegment, user_name: str, *, stamped: bool) -> str:
    who = user_name if segment.is_user else f"Speaker {segment.speaker}"
    when = f"[{_clock(segment.start)} - {_clock(segment.end)}] " if stamped else ""
    return f"{when}{who}: {segment.text}"


def _clock(position: int) -> str:
    minutes, second = divmod(int(seconds(position)), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02d}:{second:02d}"
