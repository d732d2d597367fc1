"""Speech that comes after its time: what of it is new, which conversation it belongs to, and how it is put there.

All positions are samples of one clock that starts at a moment `zero`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec import structs

from domain.audio import SAMPLE_RATE, samples
from domain.coverage import Coverage, Gap
from domain.memory import Memory
from domain.parted_segments import in_turns
from domain.spans import Span, length, union, without
from domain.transcript import Transcript, TranscriptSegment, moved

Segments = tuple[TranscriptSegment, ...]
ABSENT = "no audio arrived"
_BRIDGE = samples(30)
"""Between words of a memory that does not say what was captured: so much silence belongs to it."""


def position(moment: datetime, *, zero: datetime) -> int:
    """Where a moment lies."""
    return samples((moment - zero).total_seconds())


def extent(memory: Memory, *, zero: datetime) -> Span | None:
    """From the first to the last moment of a memory; None where it does not say when it took place."""
    if memory.started_at is None:
        return None
    start = position(memory.started_at, zero=zero)
    spoken = start + max((segment.end for segment in memory.segments), default=0)
    return start, max(spoken, position(memory.finished_at, zero=zero) if memory.finished_at else start)


def covered(memory: Memory, *, zero: datetime) -> list[Span]:
    """Where a memory has audio of its own already: what comes late for these stretches was heard before."""
    whole = extent(memory, zero=zero)
    if whole is None:
        return []
    start = whole[0]
    if memory.coverage is None:
        return union(((start + s.start, start + s.end) for s in memory.segments), bridge=_BRIDGE)
    absences = union((start + gap.start, start + gap.end) for gap in memory.coverage.absences)
    return without([whole], absences) if whole[0] < whole[1] else []


def conversations(segments: Iterable[TranscriptSegment], *, silence: int) -> Iterator[Segments]:
    """Speech in order of time, divided where nobody spoke for so many samples."""
    current: list[TranscriptSegment] = []
    end = 0
    for segment in segments:
        if current and segment.start - end >= silence:
            yield tuple(current)
            current = []
        end = max(end, segment.end) if current else segment.end
        current.append(segment)
    if current:
        yield tuple(current)


def span_of(segments: Segments) -> Span:
    """From the first word to the last."""
    return segments[0].start, max(segment.end for segment in segments)


def neighborhoods(spoken: Sequence[Span], *, silence: int) -> list[Span]:
    """The audio around conversations, which are in order: up to so much silence, and to the middle between two."""
    if not spoken:
        return []
    edges = [(before[1] + after[0]) // 2 for before, after in pairwise(spoken)]
    ends = [(end + silence, edge) for (_, end), edge in zip(spoken, [*edges, None], strict=True)]
    starts = [(start - silence, edge) for (start, _), edge in zip(spoken, [None, *edges], strict=True)]
    return [
        (start if since is None else max(start, since), end if until is None else min(end, until))
        for (start, since), (end, until) in zip(starts, ends, strict=True)
    ]


def distance(one: Span, other: Span) -> int:
    """Samples between two stretches; 0 where they touch or overlap."""
    return max(0, one[0] - other[1], other[0] - one[1])


def nearest(memories: Iterable[Memory], spoken: Span, *, zero: datetime, silence: int) -> Memory | None:
    """The memory that speech continues: less than so much silence away, and the nearest of several.

    Of one whose recording is kept the beginning stands: what came before it would move all of it.
    """
    found: list[tuple[int, Memory]] = []
    for memory in memories:
        whole = extent(memory, zero=zero)
        if whole is None or (away := distance(whole, spoken)) >= silence:
            continue
        if spoken[0] >= whole[0] or not memory.has_recording:
            found.append((away, memory))
    return min(found, key=lambda one: one[0])[1] if found else None


def joined(memory: Memory, segments: Segments, *, heard: Sequence[Span], zero: datetime, recognizer: str) -> Memory:
    """The memory with speech that came late, in its place. Harmless when repeated.

    Args:
        memory: as it is now.
        segments: what was said, by voices that are numbered on their own.
        heard: the audio that it was heard in.
        zero: the moment that their clock starts at.
        recognizer: who heard it.
    """
    whole = extent(memory, zero=zero)
    known = {segment.id for segment in memory.segments}
    if whole is None or any(segment.id in known for segment in segments):
        return memory
    begin = min(whole[0], segments[0].start)
    had = [(start - begin, end - begin) for start, end in covered(memory, zero=zero)]
    new = without(union((start - begin, end - begin) for start, end in heard), had)
    transcript = Transcript(
        in_turns(
            moved(memory.segments, by=whole[0] - begin),
            moved(_renumbered(segments, beside=memory.segments), by=-begin),
            spoken=(had, new),
        )
    )
    end = max(whole[1], *(segment.end for segment in segments))
    return structs.replace(
        memory,
        started_at=zero + timedelta(seconds=begin / SAMPLE_RATE),
        finished_at=zero + timedelta(seconds=end / SAMPLE_RATE),
        segments=transcript.segments,
        coverage=_covering(memory, heard, zero=zero, whole=(begin, end), recognizer=recognizer),
    )


def coverage_of(heard: Sequence[Span], *, whole: Span, recognizer: str) -> Coverage:
    """What became of audio that came late and is a conversation of its own."""
    spans = union(heard)
    return Coverage(
        captured=length(spans), transcribed={recognizer: length(spans)}, absences=_absences(spans, whole=whole)
    )


def _covering(memory: Memory, heard: Sequence[Span], *, zero: datetime, whole: Span, recognizer: str) -> Coverage:
    before, had = memory.coverage or Coverage(), covered(memory, zero=zero)
    new = without(union(heard), had)
    shift = (position(memory.started_at, zero=zero) if memory.started_at else whole[0]) - whole[0]
    return structs.replace(
        before,
        captured=before.captured + length(new),
        transcribed=before.transcribed | {recognizer: before.transcribed.get(recognizer, 0) + length(new)},
        gaps=tuple(structs.replace(gap, start=gap.start + shift, end=gap.end + shift) for gap in before.gaps),
        absences=_absences(union((*had, *new)), whole=whole),
    )


def _absences(spans: Sequence[Span], *, whole: Span) -> tuple[Gap, ...]:
    """Where a conversation has no audio, on its own clock."""
    start = whole[0]
    return tuple(Gap(begin - start, end - start, ABSENT) for begin, end in without([whole], spans))


def _renumbered(segments: Segments, *, beside: Segments) -> Segments:
    """The segments, with numbers of voices that are free; people who are known keep the number they have there."""
    free = max((segment.speaker for segment in beside), default=-1) + 1
    own = {(s.is_user, s.person_id): s.speaker for s in reversed(beside) if s.is_user or s.person_id is not None}
    return tuple(structs.replace(s, speaker=own.get((s.is_user, s.person_id), s.speaker + free)) for s in segments)
