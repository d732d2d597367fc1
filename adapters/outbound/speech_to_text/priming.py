"""What a recognizer says of the owner's clip, parted from what it says of the live audio behind it.

```
recognizer   | clip          | silence | live audio ...
positions    0               |  ^quiet ahead        first + ahead
                             |         (all live positions lie `ahead` further on than in the capture)
```
"""

from collections import Counter
from collections.abc import Sequence

from msgspec import structs

from domain.audio import AudioFrame, samples
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.transcript import Word

SILENCE = samples(0.5)
"""Between the clip and the live audio: a recognizer ends a sentence there, and its stamps may be half of it wrong."""

_REACH = samples(0.1)
"""A word that reaches so far into the live audio holds live speech, wherever it begins."""


class Priming:
    """Keeps the clip's words back, and puts all others where they were said.

    In doubt a word is live: rather one of the clip's too many than one of the user's lost.
    """

    def __init__(self, *, ahead: int) -> None:
        """Of a clip with its silence, together `ahead` samples long."""
        self.ahead = ahead
        self.first: int | None = None
        """Position of the first live sample; None until there is one."""
        self._quiet = ahead - SILENCE // 2
        self._voices: Counter[int] = Counter()
        """Numbers that the recognizer gave to the clip's voice -> samples of words."""

    def shifted(self, frame: AudioFrame) -> AudioFrame:
        """A live frame where the recognizer gets it."""
        return AudioFrame(frame.start + self.ahead, frame.pcm)

    def live(self, event: RecognitionEvent) -> RecognitionEvent | None:
        """What an event says of the live audio, on the clock of the capture; None where it says nothing of it."""
        if isinstance(event, InterimWords):
            words = self._live_words(event.words)
            return InterimWords(words, event.recognizer) if words or not event.words else None
        return self._live_final(event) if isinstance(event, FinalWords) else event

    def _live_final(self, event: FinalWords) -> FinalWords | None:
        for word in event.words:
            if not self._is_live(word):
                self._voices[word.speaker] += max(word.end - word.start, 1)
        words = self._live_words(event.words)
        if self.first is None or not (words or event.through > self.ahead):
            return None
        return structs.replace(
            event,
            words=words,
            through=max(event.through - self.ahead, self.first),
            since=max(event.since - self.ahead, 0),
            owner=self._owner if event.owner is None else event.owner,
        )

    @property
    def _owner(self) -> int | None:
        return max(self._voices, key=self._voices.__getitem__, default=None)

    def _live_words(self, words: Sequence[Word]) -> tuple[Word, ...]:
        return tuple(self._placed(word) for word in words if self._is_live(word))

    def _is_live(self, word: Word) -> bool:
        if self.first is None:
            return False
        if word.start >= self.ahead:
            return True
        reach = max(word.end - self.ahead - self.first, 0)
        # Where the live audio does not begin at 0, positions jump there. The recognizer's own clock does not.
        end = self.ahead + reach if reach else min(word.end, self.ahead)
        return reach > _REACH or word.start + end >= 2 * self._quiet

    def _placed(self, word: Word) -> Word:
        """A live word where it was said, which is not before there was live audio."""
        first, start, end = self.first or 0, word.start - self.ahead, word.end - self.ahead
        if start < first:
            start, end = first, end if end > first else first + max(word.end - word.start, 1)
        return structs.replace(word, start=start, end=end)
