"""Words to segments: the one place where that happens."""

import bisect
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from msgspec import Struct, structs

from domain.audio import SAMPLE_RATE, seconds
from domain.ids import PersonId, SegmentId, new_id

JOIN_GAP = 30 * SAMPLE_RATE
"""Words of one speaker further apart than this start a new segment."""

LONGEST_SEGMENT = 60 * SAMPLE_RATE
"""A segment does not grow past this: a monologue of an hour stays readable and can be cited in parts."""


class Word(Struct, frozen=True, gc=False):
    """A recognized word at its place in the capture."""

    text: str
    """With its punctuation, without spaces around it."""
    start: int
    """Samples from the first captured sample."""
    end: int
    confidence: float = 1.0
    """0 to 1; 1 where the recognizer does not tell."""
    speaker: int = 0
    """The recognizer's own number for the voice. Means nothing outside one leg."""


class TranscriptSegment(Struct, frozen=True, kw_only=True):
    """What one voice said without a long pause."""

    id: SegmentId
    text: str
    start: int
    """Samples, on the clock of the transcript that holds the segment."""
    end: int
    speaker: int = 0
    is_user: bool = False
    """Spoken by the owner of the device."""
    person_id: PersonId | None = None
    recognizer: str = ""
    """Which recognizer heard it."""

    @property
    def speaker_label(self) -> str:
        """The label that apps show and parse: `SPEAKER_00`."""
        return f"SPEAKER_{self.speaker:02d}"


class TranscriptChange(Struct, frozen=True):
    """What adding words did."""

    added: tuple[TranscriptSegment, ...] = ()
    """The new speech alone, in segments of its own; for clients that join by themselves."""
    changed: tuple[TranscriptSegment, ...] = ()
    """The stored segments that are new or grew, as they are now; for clients that replace by `id`."""


class Transcript:
    """Segments in order of time, grown by words that may arrive late."""

    def __init__(self, segments: Iterable[TranscriptSegment] = ()) -> None:
        self._segments = sorted(segments, key=_start)

    @property
    def segments(self) -> tuple[TranscriptSegment, ...]:
        """All segments in order of time."""
        return tuple(self._segments)

    @property
    def end(self) -> int:
        """Where the last segment ends; 0 when empty."""
        return max((s.end for s in self._segments[-8:]), default=0)

    @property
    def word_count(self) -> int:
        """How many words were said."""
        return sum(len(s.text.split()) for s in self._segments)

    def add(self, words: Sequence[Word], *, recognizer: str = "") -> TranscriptChange:
        """Takes words of one final result; says which segments that made or changed."""
        added = tuple(segments_of(words, recognizer=recognizer))
        return TranscriptChange(added, tuple(self._place(segment) for segment in added))

    def _place(self, segment: TranscriptSegment) -> TranscriptSegment:
        at = bisect.bisect_right(self._segments, segment.start, key=_start)
        if at and _belong_together(self._segments[at - 1], segment):
            self._segments[at - 1] = joined(self._segments[at - 1], segment)
            return self._segments[at - 1]
        self._segments.insert(at, segment)
        return segment


def segments_of(words: Iterable[Word], *, recognizer: str = "") -> Iterable[TranscriptSegment]:
    """Groups consecutive words of one speaker; splits at long pauses and at the longest length."""
    for speaker, spoken in groupby(words, key=lambda word: word.speaker):
        run: list[Word] = []
        for word in spoken:
            if run and (word.start - run[-1].end >= JOIN_GAP or word.end - run[0].start > LONGEST_SEGMENT):
                yield _segment(run, speaker, recognizer)
                run = []
            run.append(word)
        yield _segment(run, speaker, recognizer)


def _segment(words: Sequence[Word], speaker: int, recognizer: str) -> TranscriptSegment:
    return TranscriptSegment(
        id=SegmentId(new_id()),
        text=tidy(" ".join(word.text for word in words)),
        start=words[0].start,
        end=max(word.end for word in words),
        speaker=speaker,
        recognizer=recognizer,
    )


def _belong_together(earlier: TranscriptSegment, later: TranscriptSegment) -> bool:
    same_voice = earlier.speaker == later.speaker and earlier.person_id == later.person_id
    near = later.start - earlier.end < JOIN_GAP and later.end - earlier.start <= LONGEST_SEGMENT
    return near and (same_voice or (earlier.is_user and later.is_user))


def joined(earlier: TranscriptSegment, later: TranscriptSegment) -> TranscriptSegment:
    """The earlier segment, grown by the later one."""
    text = tidy(f"{earlier.text} {later.text}")
    return structs.replace(earlier, text=text, end=max(earlier.end, later.end))


def tidy(text: str) -> str:
    """One space between words, none before punctuation."""
    text = " ".join(text.split())
    for mark in (",", ".", "?", "!"):
        text = text.replace(f" {mark}", mark)
    return text


def moved(segments: Iterable[TranscriptSegment], *, by: int) -> tuple[TranscriptSegment, ...]:
    """The segments on a clock that started `-by` samples earlier."""
    return tuple(structs.replace(s, start=s.start + by, end=s.end + by) for s in segments)


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


def _start(segment: TranscriptSegment) -> int:
    return segment.start
