"""Words to segments: the one place where that happens."""

import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import groupby

from msgspec import Struct, structs

from domain.audio import SAMPLE_RATE
from domain.ids import PersonId, SegmentId, derived_id, new_id
from domain.speaker import OWNER, SpeakerLabel

Labeling = Callable[[int], SpeakerLabel]
"""The recognizer's number for a speaker -> what is said of the speaker."""

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


class Translation(Struct, frozen=True):
    """The same in another language."""

    language: str
    """As a tag."""
    text: str


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
    translations: tuple[Translation, ...] = ()
    """Of the text as it is; none where nobody asked."""

    @property
    def speaker_label(self) -> str:
        """The label that apps show and parse: `SPEAKER_00`."""
        return f"SPEAKER_{self.speaker:02d}"


class TranscriptChange(Struct, frozen=True):
    """What adding or relabeling words did."""

    added: tuple[TranscriptSegment, ...] = ()
    """The new speech alone, in segments of its own; for clients that join by themselves."""
    changed: tuple[TranscriptSegment, ...] = ()
    """The stored segments that are new or changed, as they are now; for clients that replace by `id`."""
    removed: tuple[SegmentId, ...] = ()
    """Stored segments that are there no more: they became part of others."""


class Transcript:
    """Segments in order of time, grown by words that may arrive late, with speakers that may be learned late.

    Words enter as pieces: what one voice said in one final result. Pieces that follow each other and have the
    same speaker are shown as one segment, which has the identifier of its first piece.
    """

    def __init__(self, segments: Iterable[TranscriptSegment] = (), *, name: str = "") -> None:
        self._name = name
        """Of the conversation: the same words at the same place always get the same identifier."""
        self._runs = [_Run(segment) for segment in sorted(segments, key=_start)]
        self._run_of = {run.shown.id: run for run in self._runs}

    @property
    def segments(self) -> tuple[TranscriptSegment, ...]:
        """All segments in order of time."""
        return tuple(run.shown for run in self._runs)

    @property
    def pieces(self) -> tuple[TranscriptSegment, ...]:
        """What the segments are made of, in order of time."""
        return tuple(piece for run in self._runs for piece in run.pieces)

    @property
    def end(self) -> int:
        """Where the last segment ends; 0 when empty."""
        return max((run.shown.end for run in self._runs[-8:]), default=0)

    @property
    def word_count(self) -> int:
        """How many words were said."""
        return sum(len(run.shown.text.split()) for run in self._runs)

    def add(self, words: Sequence[Word], *, recognizer: str = "", label: Labeling | None = None) -> TranscriptChange:
        """Takes words of one final result; says which segments that made or changed.

        Args:
            words: in order of time.
            recognizer: who heard them.
            label: what to say of the speaker that the recognizer gave a number; None to take the number itself.
        """
        pieces = segments_of(words, recognizer=recognizer, name=self._name)
        added = tuple(pieces if label is None else (labeled(piece, label(piece.speaker)) for piece in pieces))
        return TranscriptChange(added, tuple(self._place(piece).shown for piece in added))

    def relabel(self, labels: Mapping[SegmentId, SpeakerLabel]) -> TranscriptChange:
        """Says whose pieces were: segments part and join accordingly. Unknown pieces are passed over."""
        affected = {id(run): run for piece in labels if (run := self._run_of.get(piece)) is not None}
        before = {run.shown.id: run.shown for run in affected.values()}
        self._runs = [run for run in self._runs if id(run) not in affected]
        pieces = sorted((piece for run in affected.values() for piece in run.pieces), key=_start)
        touched: dict[int, _Run] = {}
        for piece in pieces:
            run = self._place(labeled(piece, labels[piece.id]) if piece.id in labels else piece)
            touched[id(run)] = run
        for run in touched.values():
            if self._is_shown(run):
                before |= self._join_following(run)
        now = {run.shown.id: run.shown for run in touched.values() if self._is_shown(run)}
        changed = tuple(shown for key, shown in now.items() if before.get(key) != shown)
        return TranscriptChange(changed=changed, removed=tuple(key for key in before if key not in now))

    def shown_with(self, segments: Iterable[SegmentId]) -> tuple[SegmentId, ...]:
        """The pieces that are shown in the same segments as some pieces."""
        runs = {id(run): run for name in segments if (run := self._run_of.get(name)) is not None}
        return tuple(piece.id for run in runs.values() for piece in run.pieces)

    def _place(self, piece: TranscriptSegment) -> "_Run":
        at = bisect.bisect_right(self._runs, piece.start, key=_run_start)
        if at and _belong_together(self._runs[at - 1].shown, piece):
            self._runs[at - 1].take(piece)
        else:
            self._runs.insert(at, _Run(piece))
            at += 1
        self._run_of[piece.id] = self._runs[at - 1]
        return self._runs[at - 1]

    def _join_following(self, run: "_Run") -> dict[SegmentId, TranscriptSegment]:
        """Takes in the segment behind, where it is the same voice; returns it as it was."""
        at = self._runs.index(run) + 1
        if at == len(self._runs) or not _belong_together(run.shown, self._runs[at].shown):
            return {}
        following = self._runs.pop(at)
        for piece in following.pieces:
            run.take(piece)
            self._run_of[piece.id] = run
        return {following.shown.id: following.shown}

    def _is_shown(self, run: "_Run") -> bool:
        return self._run_of[run.shown.id] is run


class _Run:
    """Pieces that are shown as one segment."""

    def __init__(self, piece: TranscriptSegment) -> None:
        self.pieces = [piece]
        self.shown = piece

    def take(self, piece: TranscriptSegment) -> None:
        """Takes a piece in, where it belongs in time."""
        if piece.start >= self.pieces[-1].start:
            self.pieces.append(piece)
            self.shown = joined(self.shown, piece)
            return
        bisect.insort(self.pieces, piece, key=_start)
        self.shown = reduce(joined, self.pieces)


def labeled(segment: TranscriptSegment, label: SpeakerLabel) -> TranscriptSegment:
    """The segment, said by somebody."""
    owner = label.person == OWNER
    return structs.replace(segment, speaker=label.speaker, is_user=owner, person_id=None if owner else label.person)


def segments_of(words: Iterable[Word], *, recognizer: str = "", name: str = "") -> Iterator[TranscriptSegment]:
    """Groups consecutive words of one speaker; splits at long pauses and at the longest length."""
    for speaker, spoken in groupby(words, key=lambda word: word.speaker):
        run: list[Word] = []
        for word in spoken:
            if run and (word.start - run[-1].end >= JOIN_GAP or word.end - run[0].start > LONGEST_SEGMENT):
                yield _segment(run, speaker, recognizer, name)
                run = []
            run.append(word)
        yield _segment(run, speaker, recognizer, name)


def _segment(words: Sequence[Word], speaker: int, recognizer: str, name: str) -> TranscriptSegment:
    said = f"{words[0].start} {words[0].text} {recognizer}"  # the same, whoever turns out to have said it
    return TranscriptSegment(
        id=SegmentId(derived_id(name, said) if name else new_id()),
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
    return structs.replace(earlier, text=text, end=max(earlier.end, later.end), translations=())


def tidy(text: str) -> str:
    """One space between words, none before punctuation."""
    text = " ".join(text.split())
    for mark in (",", ".", "?", "!"):
        text = text.replace(f" {mark}", mark)
    return text


def moved(segments: Iterable[TranscriptSegment], *, by: int) -> tuple[TranscriptSegment, ...]:
    """The segments on a clock that started `-by` samples earlier."""
    return tuple(structs.replace(s, start=s.start + by, end=s.end + by) for s in segments)


def _start(segment: TranscriptSegment) -> int:
    return segment.start


def _run_start(run: _Run) -> int:
    return run.shown.start
