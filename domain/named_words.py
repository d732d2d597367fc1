"""Words of a new transcript, with the voices of the recording and the names that are known."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from msgspec import structs

from domain.attribution import attributed
from domain.doubtful_speech import label_of
from domain.ids import PersonId
from domain.speaker import SpeakerLabel
from domain.transcript import Transcript, TranscriptSegment, Word
from domain.turns import SpokenTurn


def named(
    words: Sequence[Word],
    turns: Sequence[SpokenTurn],
    *,
    before: Sequence[TranscriptSegment],
    recognizer: str,
    name: str,
) -> tuple[TranscriptSegment, ...]:
    """Segments of new words, each said by one voice.

    Who a voice belongs to is said by what is known of its sound. Where the transcript that stood before names
    somebody, that stays for what was said at that time: the user may have said so.

    Args:
        words: in order of time.
        turns: who speaks when, on the same clock.
        before: the transcript that they replace.
        recognizer: who heard the words.
        name: of the memory; the same words always become the same segments.
    """
    persons = {turn.speaker: turn.person for turn in turns}
    told = sorted((s for s in before if s.is_user or s.person_id is not None), key=lambda s: s.start)
    voiced = attributed(words, turns)
    labels = _numbered([SpeakerLabel(w.speaker, _told(w, told) or persons.get(w.speaker)) for w in voiced])
    by_number = {label.speaker: label for label in labels}
    numbered = [structs.replace(word, speaker=label.speaker) for word, label in zip(words, labels, strict=True)]
    transcript = Transcript(name=name)
    transcript.add(numbered, recognizer=recognizer, label=by_number.__getitem__)
    return transcript.segments


def _told(word: Word, told: Sequence[TranscriptSegment]) -> PersonId | None:
    """Who was said to speak when a word was said."""
    middle = (word.start + word.end) // 2
    at = bisect_right(told, middle, key=lambda segment: segment.start)
    return next((label_of(segment).person for segment in reversed(told[:at]) if segment.end > middle), None)


def _numbered(labels: Sequence[SpeakerLabel]) -> list[SpeakerLabel]:
    """The same, with a number for each person, and for each voice of nobody that is known.

    A voice keeps its number for whom most of its words are said by; somebody else gets the number of their own voice,
    or a new one.
    """
    counts = Counter(label for label in labels if label.speaker)
    usual: dict[int, SpeakerLabel] = {}
    for label in sorted(counts, key=lambda label: (-counts[label], label.person or "")):
        usual.setdefault(label.speaker, label)
    numbers = {label: label.speaker for label in usual.values()}
    own = {label.person: voice for voice, label in sorted(usual.items(), reverse=True) if label.person is not None}
    others = sorted(set(labels) - set(numbers), key=lambda one: (one.speaker, one.person or ""))
    fresh = max(usual, default=0)
    for label in others:
        if label == SpeakerLabel():
            numbers[label] = 0
        elif label.person in own:
            numbers[label] = own[label.person]
        else:
            fresh += 1
            numbers[label] = fresh
            if label.person is not None:
                own[label.person] = fresh
    return [SpeakerLabel(numbers[label], label.person) for label in labels]
