"""Transcripts for people and for players: plain text, and WebVTT."""

from collections.abc import Iterator, Mapping

from domain.audio import seconds
from domain.ids import PersonId
from domain.memory import Memory
from domain.transcript import TranscriptSegment

_SHORTEST = 0.001
"""Seconds of a cue: one without length is none."""


def as_text(memory: Memory, names: Mapping[PersonId, str]) -> str:
    """A memory to read: what it was, then who said what, and when."""
    began = memory.started_at or memory.created_at
    head = [memory.structure.title or "Conversation", began.isoformat(timespec="seconds"), memory.structure.overview]
    said = (f"[{_moment(s.start)[:8]}] {_who(s, names)}: {_line(s.text)}" for s in memory.segments)
    return "\n".join([*filter(None, head), "", *said, ""])


def as_webvtt(memory: Memory, names: Mapping[PersonId, str]) -> str:
    """A transcript as players show it beside the recording. Times count from the start of the conversation."""
    return "\n\n".join(["WEBVTT", *_cues(memory, names), ""])


def _cues(memory: Memory, names: Mapping[PersonId, str]) -> Iterator[str]:
    for segment in memory.segments:
        text = _escaped(_line(segment.text))
        if text:
            who = _escaped(_line(_who(segment, names)))
            shortest = segment.start + max(round(_SHORTEST * 16_000), segment.end - segment.start)
            yield f"{_moment(segment.start)} --> {_moment(shortest)}\n<v {who}>{text}"


def _who(segment: TranscriptSegment, names: Mapping[PersonId, str]) -> str:
    if segment.is_user:
        return "You"
    known = names.get(segment.person_id) if segment.person_id else None
    return known or f"Speaker {segment.speaker}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _moment(position: int) -> str:
    milliseconds = max(0, round(seconds(position) * 1_000))
    whole, rest = divmod(milliseconds, 1_000)
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}.{rest:03d}"
