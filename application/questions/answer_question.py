"""An answer from what was said: found without a model, written by one call of it, and cited."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from msgspec import Struct

from application.questions.answer_model import AnswerModel, AnswerPrompt
from application.questions.file_passages import FilePassage, file_passages
from application.questions.gather_passages import GatheredPassage, gather_passages
from application.questions.recall import Recall
from domain.chat import FileText
from domain.ids import MemoryId, PersonId, SegmentId, UserId
from domain.material import Background, Passage
from domain.words import STOP_WORDS, coverage, words_of
from ports.errors import AdapterError
from ports.people import People

UNKNOWN = "I do not know. I found nothing about that in your memories."
THRESHOLD = 0.42
"""Confidence below which nothing found is an answer. Calibrated on the made-up set in `benchmarks/recall/sample.json`
(docs/memory.md has the figures): other material and other embedders want another one."""
_DATED = 0.3
_JUDGED = 3
"""Passages that are looked at to see whether there is an answer."""
QUOTED = 5
"""Passages that an answer without a model shows."""
QUOTED_OF_FILES = 3
"""Of those, of files; all where memories tell nothing."""
_LONGEST_QUOTE = 300
_CITATION = re.compile(r"\s?\[(\d{1,3}(?:\s?,\s?\d{1,3})*)\]")
_POINTING = frozenset(
    ("it", "its", "that", "this", "those", "these", "he", "him", "his", "she", "her", "hers", "they", "them", "their")
)
_EMPTY = frozenset(
    ("tell", "know", "really", "else", "exactly", "happened", "happen", "say", "said", "again", "please", "ok", "okay")
)
"""Words that no search finds anything by."""

Say = Callable[[str], Awaitable[None]]
"""Takes pieces of the answer while they come."""

Ground = GatheredPassage | FilePassage
"""What an answer may rest on."""


class Asked(Struct, frozen=True, kw_only=True):
    """A question and what goes with it."""

    question: str
    before: str = ""
    """The user's message before, for "and when was that?"."""
    history: str = ""
    """The chat so far, oldest first; for the model."""
    background: Background
    """`now` is in the user's zone; `facts` come in order of time, those that are over among them and marked."""
    persona: str = ""
    language: str = "en"
    files: tuple[FileText, ...] = ()
    """Sent along: the question is about them."""
    earlier_files: tuple[FileText, ...] = ()
    """Sent along earlier in this chat: the question may be about them."""


class Citation(Struct, frozen=True, kw_only=True):
    """What a number in an answer stands for."""

    number: int
    memory_id: MemoryId | None = None
    """None: a file."""
    file_id: str | None = None
    """None: a memory."""
    segment_id: SegmentId | None = None
    """None: the overview, or a photo, or a file."""
    start: int = 0
    """Samples, on the clock of the memory."""
    text: str


class Answered(Struct, frozen=True, kw_only=True):
    """An answer."""

    text: str
    """Cites as [1]; each number is in `citations`."""
    citations: tuple[Citation, ...] = ()
    """In the order of citing, each once."""
    is_known: bool = True
    """False: nothing was found that could be an answer."""
    is_quoted: bool = False
    """Written without a model."""

    @property
    def memory_ids(self) -> tuple[MemoryId, ...]:
        """The memories it rests on, in the order of citing."""
        return tuple(dict.fromkeys(one.memory_id for one in self.citations if one.memory_id is not None))


async def _nobody_listens(_piece: str) -> None:
    return


class AnswerQuestion:
    """Answers questions of one user at a time."""

    def __init__(self, *, recall: Recall, people: People | None = None, model: AnswerModel | None = None) -> None:
        """Keeps what it works with. Without a model, answers are what was found, word for word."""
        self._recall = recall
        self._people = people
        self._model = model

    async def answer(self, user: UserId, asked: Asked, *, say: Say = _nobody_listens) -> Answered:
        """An answer; its pieces are said while they come, and `text` is what holds in the end.

        Where the model fails before it wrote anything, the passages themselves are the answer.

        Raises:
            TemporarilyUnavailable: the search failed, or the model broke off.
        """
        question = standalone(asked.question, before=asked.before)
        passages: tuple[Ground, ...] = await file_passages(asked.files, question, earlier=asked.earlier_files)
        is_greeting = is_small_talk(asked.question)
        if not is_greeting:
            passages += await self.passages(user, question, now=asked.background.now)
        if not passages and not is_greeting:
            await say(UNKNOWN)
            return Answered(text=UNKNOWN, is_known=False, is_quoted=self._model is None)
        written = await self._written(asked, passages, say) if self._model else None
        if written is not None:
            return _cited(written, passages)
        quoted = _quoted(passages)
        await say(quoted.text)
        return quoted

    async def passages(
        self, user: UserId, question: str, *, now: datetime | None = None
    ) -> tuple[GatheredPassage, ...]:
        """What a question is answered from, best first; nothing where nothing found can be an answer."""
        found = self._recall.ranked(await self._recall.candidates(user, question, now=now))
        people = await self._people.list(user) if self._people else ()
        names: dict[PersonId, str] = {person.id: person.name for person in people}
        gathered = await gather_passages(self._recall, user, found, names=names)
        return gathered if confidence(question, gathered) >= THRESHOLD else ()

    async def _written(self, asked: Asked, passages: Sequence[Ground], say: Say) -> str | None:
        """What the model writes; None where it does not begin."""
        if self._model is None:
            return None
        written: list[str] = []
        try:
            async with self._model.stream(_prompt(asked, passages)) as pieces:
                async for piece in pieces:
                    written.append(piece)
                    await say(piece)
        except AdapterError:
            if written:
                raise
            return None
        return "".join(written) or None


def standalone(question: str, *, before: str) -> str:
    """A question that can be searched for: one that only points back is put behind the message before it."""
    words = words_of(question)
    says_something = any(word not in STOP_WORDS and word not in _POINTING and word not in _EMPTY for word in words)
    return question if says_something or not before else f"{before}\n{question}"


def is_small_talk(message: str) -> bool:
    """Whether a message asks for nothing that could be found."""
    words = [word for word in words_of(message) if word not in STOP_WORDS]
    greetings = {"hi", "hello", "hey", "thanks", "thank", "good", "morning", "evening", "bye", "great", "nice", "cool"}
    return "?" not in message and all(word in greetings for word in words)


def confidence(question: str, passages: Sequence[GatheredPassage]) -> float:
    """How likely passages are to hold an answer, from about 0 to 2.

    Their meaning, the question's words in them, and whether they were said when the question says.
    """
    return max(
        (
            passage.nearness + coverage(f"{passage.text} {passage.title}", query=question) + _DATED * passage.is_dated
            for passage in passages[:_JUDGED]
        ),
        default=0.0,
    )


def _prompt(asked: Asked, passages: Sequence[Ground]) -> AnswerPrompt:
    return AnswerPrompt(
        question=asked.question,
        passages=tuple(map(_given, passages)),
        history=asked.history,
        background=asked.background,
        persona=asked.persona,
        language=asked.language,
    )


def _given(passage: Ground) -> Passage:
    if isinstance(passage, FilePassage):
        return Passage(memory_id=MemoryId(""), text=passage.text, title=f"File {passage.file.name}")
    return Passage(memory_id=passage.memory_id, text=passage.text, title=passage.title, said_at=passage.said_at)


def _cited(written: str, passages: Sequence[Ground]) -> Answered:
    """The answer without numbers of passages that were not given, and what the others stand for."""
    numbers: list[int] = []

    def checked(found: re.Match[str]) -> str:
        named = [int(number) for number in found[1].split(",")]
        known = [number for number in named if 1 <= number <= len(passages)]
        numbers.extend(known)
        space = found[0][: len(found[0]) - len(found[0].lstrip())]
        return f"{space}[{', '.join(map(str, known))}]" if known else ""

    text = _CITATION.sub(checked, written).strip()
    citations = tuple(_citation(number, passages[number - 1]) for number in dict.fromkeys(numbers))
    return Answered(text=text, citations=citations)


def _quoted(passages: Sequence[Ground]) -> Answered:
    """What was found, word for word: nothing is concluded from it."""
    if not passages:
        return Answered(text="Hello! Ask me about anything that was said.", is_quoted=True)
    shown = _shown(passages)
    places = {isinstance(passages[number - 1], FilePassage): None for number in shown}
    where = " and ".join("files" if is_file else "memories" for is_file in places)
    lines = (_quote(number, passages[number - 1]) for number in shown)
    text = "\n".join([f"This is what I found in your {where}:", *lines])
    citations = tuple(_citation(number, passages[number - 1]) for number in shown)
    return Answered(text=text, citations=citations, is_quoted=True)


def _shown(passages: Sequence[Ground]) -> list[int]:
    """Numbers of passages, the best of files first: those that fit, or else how each file begins."""
    files = {number: one for number, one in enumerate(passages, start=1) if isinstance(one, FilePassage)}
    memories = [number for number in range(1, len(passages) + 1) if number not in files]
    beginnings = {one.file.id: number for number, one in reversed(files.items())}
    fitting = [number for number, one in files.items() if one.score > 0] or sorted(beginnings.values())
    fitting.sort(key=lambda number: -files[number].score)
    return [*fitting[: QUOTED_OF_FILES if memories else QUOTED], *memories][:QUOTED]


def _quote(number: int, passage: Ground) -> str:
    where = passage.file.name if isinstance(passage, FilePassage) else f"{passage.said_at:%B %-d, %Y}"
    return f"- {where}: “{_short(passage.best)}” [{number}]"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE].rsplit(' ', 1)[0]} …"


def _citation(number: int, passage: Ground) -> Citation:
    if isinstance(passage, FilePassage):
        return Citation(number=number, file_id=passage.file.id, text=passage.best)
    return Citation(
        number=number,
        memory_id=passage.memory_id,
        segment_id=passage.segment_id,
        start=passage.start,
        text=passage.best,
    )
