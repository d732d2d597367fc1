"""Texts for the user without a model: sentences that stand here, filled with what was found.

They pretend to nothing. An answer quotes, a summary lists, kind words are the same each time.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from adapters.outbound.language_model.sentences import pieces_of, talk_of
from adapters.outbound.language_model.topics import topics_of
from domain.material import Passages, Text
from domain.words import coverage
from ports.language_model import Task

MOST_QUOTED = 5
LONGEST_QUOTE = 30
"""Words."""
MOST_TITLES = 4
MOST_OPEN = 3
TO_DO = "- to do: "
"""How the notes of a day mark what is open."""

KIND_WORDS = {
    "ang": "That sounded infuriating. Take a breath; I kept it all, so nothing is lost.",
    "sad": "That sounded heavy. Go easy on yourself today.",
    "grief": "I'm sorry. That is a lot to carry. Let somebody be with you.",
    "fear": "That sounded frightening. One step at a time; you are not alone with it.",
    "anxi": "That sounded like a lot at once. One thing first, the rest can wait.",
    "stress": "That sounded like a lot at once. One thing first, the rest can wait.",
    "tired": "You sounded worn out. A short rest may do more than pushing on.",
    "disappoint": "That was not what you had hoped for. I'm sorry.",
    "joy": "That sounded lovely. Enjoy it!",
    "excite": "That sounded exciting. Enjoy it!",
}
"""By how the name of an emotion begins."""

_SPEAKER = re.compile(r"^[^:\n]{1,40}:\s+")


def template_of(task: Task[Any]) -> str:
    """A text for a task in English; empty where there is none, and its fallback is as good."""
    write = _TEMPLATES.get(task.name)
    return write(task) if write is not None and task.language.lower().startswith("en") else ""


def _answer(task: Task[Any]) -> str:
    """The sentences that share most words with the question, each from another passage."""
    passages = [p for material in task.materials if isinstance(material, Passages) for p in material.passages]
    quotes = (
        f"- {quote} [{number}]"
        for number, passage in enumerate(passages[:MOST_QUOTED], start=1)
        if (quote := _closest(passage.text, question=_text(task, "question")))
    )
    listed = "\n".join(quotes)
    return f"I can only quote. In your memories, this comes closest:\n{listed}" if listed else ""


def _closest(passage: str, *, question: str) -> str:
    """One sentence of a passage, with who said it."""
    best = max(_sentences(passage), key=lambda said: coverage(said[1], query=question), default=("", ""))
    words = best[1].split()
    shown = " ".join(words[:LONGEST_QUOTE]) + ("…" if len(words) > LONGEST_QUOTE else "")
    return f"{best[0]}{shown}"


def _sentences(passage: str) -> Iterator[tuple[str, str]]:
    """Who said it, and what."""
    for line in passage.splitlines():
        speaker = match[0] if (match := _SPEAKER.match(line)) else ""
        for piece in pieces_of(line.removeprefix(speaker)):
            if piece.strip():
                yield speaker, piece.strip()


def _day(task: Task[Any]) -> str:
    notes = [note.splitlines() for note in _text(task, "notes of today").split("\n\n")]
    titles = [note[0].strip() for note in notes if note and note[0].strip() and not note[0].startswith(TO_DO)]
    open_items = [line.removeprefix(TO_DO).strip() for note in notes for line in note if line.startswith(TO_DO)]
    if not titles:
        return ""
    more = f" and {len(titles) - MOST_TITLES} more" if len(titles) > MOST_TITLES else ""
    text = f"Today you talked about: {'; '.join(titles[:MOST_TITLES])}{more}."
    return f"{text} Still open: {'; '.join(open_items[:MOST_OPEN])}." if open_items else text


def _kind_word(task: Task[Any]) -> str:
    felt = _text(task, "emotions").lower().split(", ")
    return next((words for emotion in felt for begins, words in KIND_WORDS.items() if emotion.startswith(begins)), "")


def _question(task: Task[Any]) -> str:
    """Of what was said, where there are no notes yet: a memory's own say more."""
    if _text(task, "notes of the conversation"):
        return ""
    topics = topics_of(talk_of(task.segments))
    return f"What else is there to say about {topics[0]}?" if topics else ""


def _text(task: Task[Any], source: str) -> str:
    return "\n".join(m.text for m in task.materials if isinstance(m, Text) and m.source == source)


_TEMPLATES: dict[str, Callable[[Task[Any]], str]] = {
    "answer_question": _answer,
    "day_summary": _day,
    "emotional_message": _kind_word,
    "followup_question": _question,
}
"""Those tasks whose own fallback says less."""
