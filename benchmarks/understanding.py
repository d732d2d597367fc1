"""What it costs to understand a talk without a model: a made-up meeting of an hour, structured by rules.

Run it with `python -m benchmarks.understanding`.
"""

import platform
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

import anyio

from adapters.outbound.language_model.action_items import action_items_of
from adapters.outbound.language_model.events import events_of
from adapters.outbound.language_model.extractive import ExtractiveLanguageModel
from adapters.outbound.language_model.facts import facts_of
from adapters.outbound.language_model.overview import overview_of
from adapters.outbound.language_model.people import people_of
from adapters.outbound.language_model.sentences import talk_of
from adapters.outbound.language_model.statements import statements_of
from adapters.outbound.language_model.title import title_of
from application.tasks.structure_memory import structure_memory
from benchmarks.figures import Figure, show
from domain.audio import SAMPLE_RATE
from domain.ids import SegmentId
from domain.material import Background, Talk
from domain.transcript import TranscriptSegment

HOUR_WORDS = 9_541
"""Words of an hour, as they were counted in recorded meetings."""
HOUR_SEGMENTS = 976
DAY_HOURS = 8
TARGET = 5.0
"""Seconds for an hour of talk."""
ROUNDS = 5
NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)

OPENERS = (
    "I think the {a} is too {q} for the {b}.",
    "So what do we do about the {a}?",
    "Yeah, the {a} and the {b} came up in the last review, and it was not {q} at all.",
    "We talked to {n} about the {a} and they would rather have a {q} {b}.",
    "Um, right, I mean, that depends on the {a}.",
    "Okay.",
    "Mhm, sure.",
    "I don't know whether the {b} is {q} enough, to be honest, because nobody measured it yet.",
)
FINDINGS = (
    "I'll send the {a} to {n} by {d}.",
    "Can you check with {n} about the {b} before {d}?",
    "The meeting about the {a} is on {d} at 3 pm.",
    "I work as a designer and I love {q} colors.",
    "We had the call about the {b} last {d}.",
    "If the {a} is late I will call {n}.",
)
WORDS = {
    "a": [
        "remote control",
        "battery",
        "budget",
        "prototype",
        "interface",
        "button layout",
        "supplier",
        "casing",
        "manual",
        "chip",
    ],
    "b": [
        "charging station",
        "display",
        "market study",
        "user test",
        "price",
        "logo",
        "speech recognition",
        "menu",
        "rubber case",
    ],
    "q": ["expensive", "cheap", "heavy", "modern", "simple", "reliable", "big", "slow"],
    "n": ["Anna", "Ben", "Sandra", "Priya", "Tom", "Miller"],
    "d": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
}


def meeting(*, words: int, segments: int, seed: int = 7) -> tuple[TranscriptSegment, ...]:
    """A meeting of four, one of them the user; every twelfth sentence is one that rules look into."""
    chance = random.Random(seed)
    said: list[TranscriptSegment] = []
    count = 0
    while count < words:
        sentences: list[str] = []
        while not sentences or (count < words and count / words < (len(said) + 1) / segments):
            kinds = FINDINGS if chance.random() < 1 / 12 else OPENERS
            sentences.append(chance.choice(kinds).format(**{k: chance.choice(v) for k, v in WORDS.items()}))
            count += len(sentences[-1].split())
        number, at = chance.randrange(4), len(said) * 3 * SAMPLE_RATE
        said.append(
            TranscriptSegment(
                id=SegmentId(f"s{len(said)}"),
                text=" ".join(sentences),
                start=at,
                end=at + 3 * SAMPLE_RATE,
                speaker=number,
                is_user=number == 0,
            )
        )
    return tuple(said)


async def measure() -> list[Figure]:
    """Seconds for an hour and for a day of talk, and where an hour's go; a few seconds in all."""
    hour = meeting(words=HOUR_WORDS, segments=HOUR_SEGMENTS)
    day = meeting(words=DAY_HOURS * HOUR_WORDS, segments=DAY_HOURS * HOUR_SEGMENTS)
    size = f"{sum(len(segment.text.split()) for segment in hour):,} words, {len(hour)} segments"
    return [
        await _whole("an hour of talk", hour, remark=f"{size}; target: {TARGET:.0f} s"),
        await _whole(f"{DAY_HOURS} hours of talk", day, remark="no target"),
        *_parts(hour),
    ]


async def _whole(what: str, segments: tuple[TranscriptSegment, ...], *, remark: str) -> Figure:
    model, task = ExtractiveLanguageModel(), structure_memory(segments, background=Background(now=NOW))
    taken: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await model.generate(task)
        taken.append(time.perf_counter() - began)
    return Figure(what=what, value=statistics.median(taken), unit="s", remark=remark)


def _parts(segments: tuple[TranscriptSegment, ...]) -> list[Figure]:
    talk, statements, background = talk_of(segments), statements_of(segments), Background(now=NOW)
    parts: dict[str, Callable[[], object]] = {
        "sentences and words": lambda: (talk_of(segments), statements_of(segments)),
        "title": lambda: title_of(talk),
        "overview": lambda: overview_of(talk.sentences),
        "action items": lambda: action_items_of(Talk(segments=segments), statements, now=NOW),
        "events": lambda: events_of(segments, statements, now=NOW),
        "facts": lambda: facts_of(segments, statements, background=background),
        "people": lambda: people_of(segments, statements, background=background),
    }
    return [Figure(what=f"of it: {name}", value=_median(part), unit="s") for name, part in parts.items()]


def _median(part: Callable[[], object]) -> float:
    taken: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        part()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def main() -> None:
    """Measures and prints."""
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    show("understanding without a model", anyio.run(measure))


if __name__ == "__main__":
    main()
