"""Where a transcript is in doubt, and what becomes of it when that is heard again."""

from collections.abc import Iterable, Sequence

from msgspec import Struct, structs

from domain.audio import samples
from domain.coverage import Gap
from domain.ids import SegmentId
from domain.spans import Span, common, length, union, without
from domain.speaker import OWNER, SpeakerLabel
from domain.transcript import Transcript, TranscriptSegment, Word
from domain.transcript_choice import terms

SHORTEST = samples(1.0)
"""Speech without words that is asked for again. Less is a breath or the edge of a word."""
_AROUND = samples(0.3)
_PAUSE = samples(0.5)
"""Between the words of one sentence."""
_NEAR = samples(2)
_SPARSE = 0.7
"""Words in a second of speech; whoever talks says twice as many. What was not understood shows like that: a segment
does not say how sure its recognizer was."""
_ENOUGH = samples(5)
"""Speech that this can be told from."""
_BETTER = 1.3
"""Times as many words are needed to replace what was heard in such a segment."""


class Doubt(Struct, frozen=True, kw_only=True):
    """A stretch to be heard again."""

    start: int
    end: int
    replaces: SegmentId | None = None
    """The segment whose words are in doubt; None: nothing was heard there."""


def doubts(segments: Sequence[TranscriptSegment], *, gaps: Iterable[Gap], speech: Sequence[Span]) -> list[Doubt]:
    """What should be heard again: gaps, speech without words, speech with far too few of them.

    Args:
        segments: the transcript.
        gaps: audio that nobody has heard.
        speech: where somebody speaks, in order and disjoint, on the same clock.
    """
    heard = union((segment.start - _AROUND, segment.end + _AROUND) for segment in segments)
    unheard = [span for span in without(union(speech, bridge=_PAUSE), heard) if span[1] - span[0] >= SHORTEST]
    missing = union([*unheard, *((gap.start, gap.end) for gap in gaps)], bridge=_NEAR)
    found = [Doubt(start=start, end=end) for start, end in missing]
    found += [Doubt(start=s.start, end=s.end, replaces=s.id) for s in segments if _is_sparse(s, speech)]
    return sorted(found, key=lambda doubt: doubt.start)


def repaired(
    segments: Sequence[TranscriptSegment],
    heard: Iterable[tuple[Doubt, Sequence[Word]]],
    *,
    recognizer: str,
    name: str,
) -> tuple[TranscriptSegment, ...]:
    """The transcript with what was heard again.

    New words never stand where others do, unless they replace a segment that has far fewer.

    Args:
        segments: the transcript.
        heard: for each doubt the words of its stretch; those outside are left out.
        recognizer: who heard them.
        name: of the memory; the same words always become the same segments.
    """
    found = list(heard)
    replaced = {doubt.replaces for doubt, words in found if _is_better(doubt, words, segments)}
    transcript = Transcript((s for s in segments if s.id not in replaced), name=name)
    for doubt, words in found:
        if doubt.replaces is not None and doubt.replaces not in replaced:
            continue
        taken = union((s.start, s.end) for s in transcript.segments)
        fitting = [word for word in _inside(doubt, words) if not common([_middle(word)], taken)]
        label = _label(doubt, segments)
        transcript.add(
            [structs.replace(word, speaker=label.speaker) for word in fitting],
            recognizer=recognizer,
            label=lambda _, said_by=label: said_by,  # type: ignore[misc] # bound now, not when the loop is over
        )
    return transcript.segments


def _is_sparse(segment: TranscriptSegment, speech: Sequence[Span]) -> bool:
    spoken = length(common([(segment.start, segment.end)], speech))
    return spoken >= _ENOUGH and len(terms(segment.text)) < _SPARSE * spoken / samples(1)


def _is_better(doubt: Doubt, words: Sequence[Word], segments: Sequence[TranscriptSegment]) -> bool:
    old = next((segment for segment in segments if segment.id == doubt.replaces), None)
    new = sum(len(terms(word.text)) for word in _inside(doubt, words))
    return old is not None and new > _BETTER * len(terms(old.text))


def _inside(doubt: Doubt, words: Sequence[Word]) -> list[Word]:
    return [word for word in words if doubt.start <= (word.start + word.end) // 2 < doubt.end]


def _middle(word: Word) -> Span:
    middle = (word.start + word.end) // 2
    return middle, middle + 1


def _label(doubt: Doubt, segments: Sequence[TranscriptSegment]) -> SpeakerLabel:
    """Who spoke in the segment, or right before and right after; nobody that is known where those differ."""
    own = [segment for segment in segments if segment.id == doubt.replaces]
    before = [s for s in segments if s.end <= doubt.start + _NEAR and s.end > doubt.start - _NEAR][-1:]
    after = [s for s in segments if s.start >= doubt.end - _NEAR and s.start < doubt.end + _NEAR][:1]
    labels = {label_of(segment) for segment in own or (*before, *after)}
    return labels.pop() if len(labels) == 1 and (own or (before and after)) else SpeakerLabel()


def label_of(segment: TranscriptSegment) -> SpeakerLabel:
    """What a segment says of its speaker."""
    return SpeakerLabel(segment.speaker, OWNER if segment.is_user else segment.person_id)
