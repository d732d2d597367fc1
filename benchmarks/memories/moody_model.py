"""A language model that works, fails, hangs, talks nonsense, and is away for hours."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.memories.talks import Talk
from domain.memory import FactDraft, MemoryDraft, Structure
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable
from ports.language_model import Answer, Capabilities, NoFittingAnswer, Task

HOURS = 3_600.0
AWAY_EVERY = 9 * HOURS
AWAY_FOR = 2 * HOURS


class MoodyModel:
    """Understands a talk by its first word."""

    name = "moody"
    capabilities = Capabilities()

    def __init__(self, talks: Mapping[str, Talk], *, clock: Clock, seed: int) -> None:
        self._talks = talks
        self._clock = clock
        self._random = random.Random(seed)
        self.is_calm = False
        self.happened: Counter[str] = Counter()

    async def generate(self, task: Task[Any]) -> Answer[Any]:
        """The draft of a talk, unless it is in a mood."""
        if not self.is_calm:
            await self._be_moody()
        talk = next(self._talks[word] for segment in task.segments for word in segment.text.split())
        draft = MemoryDraft(
            structure=Structure(title=talk.words[0], overview=talk.text),
            facts=(FactDraft(content=talk.fact),) if talk.fact else (),
        )
        return Answer(value=draft, model=self.name)

    @asynccontextmanager
    async def stream(self, _task: Task[str]) -> AsyncIterator[AsyncIterator[str]]:
        """Nobody asks for it here."""
        raise TemporarilyUnavailable("this model writes no text")
        yield  # a generator all the same

    async def _be_moody(self) -> None:
        if self._clock.now().timestamp() % AWAY_EVERY < AWAY_FOR:
            self._raise("was away", TemporarilyUnavailable("the model is away"))
        mood = self._random.random()
        if mood < 0.04:
            self._raise("failed", TemporarilyUnavailable("the model failed (500)"))
        elif mood < 0.08:
            self._raise("talked nonsense", NoFittingAnswer("nothing that the model said fits"))
        elif mood < 0.10:
            self._raise("broke", ValueError("a bug of its adapter"))
        elif mood < 0.12:
            await self._clock.sleep(50)
            self._raise("hung", TemporarilyUnavailable("the model gave no answer in time"))

    def _raise(self, what: str, error: Exception) -> None:
        self.happened[f"language_model {what}"] += 1
        raise error
