"""Conversations and questions in the format of LoCoMo (a list of samples in JSON), as memories and people.

A sample has `conversation` (`session_1` with turns `{speaker, dia_id: "D1:3", text, blip_caption?}`,
`session_1_date_time: "1:56 pm on 8 May, 2023"`, ...), `qa` (`{question, answer, evidence: ["D1:3"], category}`) and
perhaps `session_summary`.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from domain.audio import samples
from domain.ids import MemoryId, PersonId, SegmentId
from domain.memory import Memory
from domain.person import Person
from domain.transcript import TranscriptSegment

TURN_SECONDS = 10
_DATES = ("%I:%M %p on %d %B, %Y", "%I:%M %p on %B %d, %Y", "%Y-%m-%d %H:%M")
_EVIDENCE = re.compile(r"D(\d+):(\d+)")
_SESSION = re.compile(r"session_(\d+)")


class Category(IntEnum):
    """What a question asks for, with the data set's numbers."""

    MULTI_HOP = 1
    TEMPORAL = 2
    OPEN_DOMAIN = 3
    SINGLE_HOP = 4
    ADVERSARIAL = 5


class Question(Struct, frozen=True, kw_only=True):
    """A question and the turns that answer it."""

    text: str
    category: Category
    evidence: frozenset[tuple[str, int]]
    """Memory and number of the turn."""


class Talked(Struct, frozen=True, kw_only=True):
    """All sessions of two people, and what is asked about them."""

    name: str
    memories: tuple[Memory, ...]
    people: tuple[Person, ...]
    summaries: dict[str, str]
    """By memory."""
    questions: tuple[Question, ...]
    """Those with evidence that there is."""
    asked_at: datetime


def conversations(path: Path) -> list[Talked]:
    """Reads a file.

    Raises:
        OSError, msgspec.DecodeError: it cannot be read.
        KeyError: it has another format.
    """
    found = msgspec.json.decode(path.read_bytes())
    return [_talked(number, sample) for number, sample in enumerate(found)]


def _talked(number: int, sample: dict[str, Any]) -> Talked:
    name = str(sample.get("sample_id", number))
    told = sample["conversation"]
    sessions = sorted(int(match[1]) for key in told if (match := _SESSION.fullmatch(key)))
    people = _people(turn["speaker"] for session in sessions for turn in told[f"session_{session}"])
    memories = tuple(_memory(name, session, told, people) for session in sessions if told[f"session_{session}"])
    turns = {(memory.id, place) for memory in memories for place in range(1, len(memory.segments) + 1)}
    questions = (_question(name, entry) for entry in sample["qa"])
    return Talked(
        name=name,
        memories=memories,
        people=tuple(people.values()),
        summaries={f"{name}-{s}": text for s in sessions if (text := _summary(sample, s))},
        questions=tuple(question for question in questions if question.evidence and question.evidence <= turns),
        asked_at=max(memory.created_at for memory in memories) + timedelta(days=1),
    )


def _people(speakers: Iterator[str]) -> dict[str, Person]:
    born = datetime(2020, 1, 1, tzinfo=UTC)
    names = dict.fromkeys(speakers)
    return {name: Person(id=PersonId(name), name=name, created_at=born, updated_at=born) for name in names}


def _memory(name: str, session: int, told: dict[str, Any], people: dict[str, Person]) -> Memory:
    started = moment(told[f"session_{session}_date_time"])
    segments = tuple(
        TranscriptSegment(
            id=SegmentId(str(turn["dia_id"])),
            text=_text(turn),
            start=samples(place * TURN_SECONDS),
            end=samples((place + 1) * TURN_SECONDS),
            person_id=people[turn["speaker"]].id,
        )
        for place, turn in enumerate(told[f"session_{session}"])
    )
    return Memory(id=MemoryId(f"{name}-{session}"), created_at=started, started_at=started, segments=segments)


def _text(turn: dict[str, Any]) -> str:
    """What was said; what a photo shows is said along with it, so that turns keep their numbers."""
    caption = turn.get("blip_caption")
    return f"{turn['text']} [{caption}]" if caption else str(turn["text"])


def _summary(sample: dict[str, Any], session: int) -> str:
    return str(sample.get("session_summary", {}).get(f"session_{session}_summary", ""))


def _question(name: str, entry: dict[str, Any]) -> Question:
    places = (match for text in entry.get("evidence", ()) for match in _EVIDENCE.findall(str(text)))
    return Question(
        text=entry["question"],
        category=Category(entry["category"]),
        evidence=frozenset((f"{name}-{session}", int(turn)) for session, turn in places),
    )


def moment(text: str) -> datetime:
    """When a session was: `1:56 pm on 8 May, 2023`.

    Raises:
        ValueError: it is written in another way.
    """
    for form in _DATES:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(f"not a date of a session: {text}")
