"""A transcript taken apart: sentences, words, and what each word weighs."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from adapters.outbound.language_model.english import FILLERS, SILENT, is_english, stem, telling, telling_abroad
from domain.transcript import TranscriptSegment

LONGEST_SENTENCE = 40
"""Words. Recognizers that set no marks deliver one endless sentence; it is cut."""

_END = re.compile(r"(?<!\bMr\.)(?<!\bDr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bSt\.)(?<=[.!?…])\s+|(?<=[。！？])")
_TOKEN = re.compile(r"\b(?:Dr|Mrs?|Ms|St)\.|[^\W\d_]+(?:['’\-][^\W\d_]+)*|[,;:()—–.!?]")


class Token(Struct, frozen=True, gc=False):
    """A word where it was said."""

    text: str
    """As transcribed, without a possessive ending."""
    word: str
    """Lower case."""
    stem: str
    weight: float
    """How much it tells of a topic, 0 to 1."""
    phrase: int
    """Counts up at every comma and the like: words of different phrases do not belong together."""
    opens: bool
    """First of its sentence: its capital letter means nothing."""


class Sentence(Struct, frozen=True):
    """A sentence, in the order of the talk."""

    index: int
    text: str
    tokens: tuple[Token, ...]

    @property
    def length(self) -> int:
        """Words, as a reader counts them."""
        return len(self.text.split())

    @property
    def stems(self) -> dict[str, float]:
        """The distinct words that tell something, with their weights."""
        return {token.stem: token.weight for token in self.tokens if token.weight > SILENT}

    @property
    def is_question(self) -> bool:
        """Whether it asks."""
        return self.text.rstrip().endswith(("?", "？"))


class Talk(Struct, frozen=True):
    """A transcript taken apart."""

    sentences: tuple[Sentence, ...]
    """Those that hold at least one word."""
    is_english: bool

    @property
    def real_words(self) -> int:
        """How many words were said, sounds like "uh" left out."""
        return sum(token.word not in FILLERS for sentence in self.sentences for token in sentence.tokens)


def talk_of(segments: Sequence[TranscriptSegment]) -> Talk:
    """Takes a transcript apart."""
    texts = [text for segment in segments for text in pieces_of(segment.text)]
    english = is_english([word for text in texts for word in _words(text)])
    weigh = telling if english else telling_abroad
    found = (Sentence(index, text, tuple(_tokens(text, weigh))) for index, text in enumerate(texts))
    return Talk(tuple(sentence for sentence in found if sentence.tokens), english)


def counts(sentences: Iterable[Sentence]) -> Counter[str]:
    """How often each telling word was said, by stem."""
    return Counter(token.stem for s in sentences for token in s.tokens if token.weight > SILENT)


def pieces_of(text: str) -> Iterator[str]:
    """The sentences of a text; endless ones are cut."""
    for sentence in _END.split(text):
        words = sentence.split()
        for end in range(LONGEST_SENTENCE, len(words) + LONGEST_SENTENCE, LONGEST_SENTENCE):
            piece = " ".join(words[end - LONGEST_SENTENCE : end])
            yield piece if end >= len(words) else f"{piece}…"


def _words(text: str) -> Iterator[str]:
    return (found.lower().replace("’", "'") for found in _TOKEN.findall(text) if found[0].isalpha())


def _tokens(text: str, weigh: Callable[[str], float]) -> Iterator[Token]:
    phrase, opens = 0, True
    for found in _TOKEN.findall(text):
        if not found[0].isalpha():
            phrase += 1
            continue
        shown = found.replace("’", "'").removesuffix("'s")
        word = shown.lower().rstrip(".")
        yield Token(shown, word, stem(word), weigh(word), phrase, opens)
        opens = False
