"""Who said each word, from the whole recording of a conversation and all that was learned while it went on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import structs

from domain.attribution import attributed
from domain.ids import PersonId, SegmentId
from domain.recognition import FinalWords
from domain.speaker import SpeakerLabel
from domain.transcript import Transcript, TranscriptSegment, Word
from domain.turns import SpokenTurn


def retold(
    name: str,
    words: Iterable[FinalWords],
    turns: Sequence[SpokenTurn],
    *,
    pieces: Sequence[TranscriptSegment],
    labels: Mapping[SegmentId, SpeakerLabel],
) -> Transcript:
    """The transcript with a speaker for each word instead of each utterance.

    Voices keep the numbers that they had before. Who the user said a voice is stays so; a word that no turn of the
    recording covers keeps the speaker of its piece.

    Args:
        name: of the conversation.
        words: all final words, in order of time.
        turns: who speaks when, by the recording.
        pieces: what was told while the conversation went on, in order of time.
        labels: who said them, as far as is known.
    """
    numbers = _numbers(turns, pieces, labels)
    people = _people(turns, numbers, labels)
    known = [turn for turn in turns if turn.speaker]
    transcript = Transcript(name=name)
    for event in words:
        said = [
            structs.replace(word, speaker=numbers.get(word.speaker) or _told(word, pieces, labels))
            for word in attributed(event.words, known)
        ]
        transcript.add(said, recognizer=event.recognizer, label=lambda n: SpeakerLabel(n, people.get(n)))
    return transcript


def _numbers(
    turns: Sequence[SpokenTurn], pieces: Sequence[TranscriptSegment], labels: Mapping[SegmentId, SpeakerLabel]
) -> dict[int, int]:
    """The recording's number of a voice -> the number that the voice had while the conversation went on."""
    shared = _shared(turns, pieces, labels)
    pairs = sorted((-length, voice, number) for (voice, number), length in shared.items())
    numbers: dict[int, int] = {}
    for _, voice, number in pairs:  # each number to the voice that said most of what bears it
        if voice not in numbers and number not in numbers.values():
            numbers[voice] = number
    fresh = max((label.speaker for label in labels.values()), default=0)
    others = {turn.speaker for turn in turns if turn.speaker} - numbers.keys()
    return numbers | {voice: fresh + offset for offset, voice in enumerate(sorted(others), start=1)}


def _shared(
    turns: Sequence[SpokenTurn], pieces: Sequence[TranscriptSegment], labels: Mapping[SegmentId, SpeakerLabel]
) -> Counter[tuple[int, int]]:
    """Voice of the recording, voice of the conversation -> samples that both of them said."""
    shared: Counter[tuple[int, int]] = Counter()
    first = 0
    for turn in turns:
        while first < len(pieces) and pieces[first].end <= turn.start:
            first += 1
        for piece in pieces[first:]:
            if piece.start >= turn.end:
                break
            number = labels.get(piece.id, SpeakerLabel()).speaker
            if turn.speaker and number:
                shared[turn.speaker, number] += min(turn.end, piece.end) - max(turn.start, piece.start)
    return shared


def _people(
    turns: Iterable[SpokenTurn], numbers: Mapping[int, int], labels: Mapping[SegmentId, SpeakerLabel]
) -> dict[int, PersonId]:
    """Number of a voice -> whose it is. What was known before goes before what the recording says."""
    people = {numbers[turn.speaker]: turn.person for turn in turns if turn.speaker and turn.person is not None}
    return people | {label.speaker: label.person for label in labels.values() if label.speaker and label.person}


def _told(word: Word, pieces: Sequence[TranscriptSegment], labels: Mapping[SegmentId, SpeakerLabel]) -> int:
    """The speaker of the piece that a word is in."""
    for piece in pieces:
        if piece.start <= word.start < piece.end:
            return labels.get(piece.id, SpeakerLabel()).speaker
    return 0
