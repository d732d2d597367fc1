"""A new user is asked a few questions, and answers by speaking."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

import msgspec

from domain.ids import ConversationId, UserId
from domain.onboarding import QUESTIONS, Question, is_answer
from domain.onboarding_progress import Progress
from domain.session import (
    OnboardingCompleted,
    OnboardingQuestion,
    QuestionAnswered,
    SessionEvent,
    TranscriptGrew,
)
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable
from ports.key_value_store import KeyValueStore

LOOK_SECONDS = 0.25
PAUSE_SECONDS = 1.5
"""After the last final words, without more: what was said is the answer."""
LONGEST_NOISE = 8.0
"""Seconds without words after which it is the answer, though somebody seems to speak."""
LIFETIME = timedelta(days=7)
"""Of what is kept for whoever was cut off."""

Learn = Callable[[UserId, Sequence[tuple[Question, str]]], Awaitable[int]]
"""Makes facts of answers; says how many. Raises AdapterError."""


class Named(Protocol):
    """A conversation."""

    id: ConversationId


class Spoken(Protocol):
    """The session in which somebody answers."""

    @property
    def conversation(self) -> Named:
        """The one that goes on."""
        ...

    @property
    def captured(self) -> int:
        """Position behind the captured audio."""
        ...

    @property
    def is_speaking(self) -> bool:
        """Whether somebody speaks just now."""
        ...


class Onboarding:
    """Asks one question after the other in one session. What was answered is kept over sessions."""

    def __init__(
        self,
        user: UserId,
        *,
        session: Spoken,
        tell: Callable[[SessionEvent], None],
        values: KeyValueStore,
        learn: Learn,
        clock: Clock,
    ) -> None:
        self._user = user
        self._session = session
        self._tell = tell
        self._values = values
        self._learn = learn
        self._clock = clock
        self._progress = Progress()
        self._asked_at = 0
        """Position at which the question was asked: what was said before is no answer."""
        self._words: list[str] = []
        self._heard_at = 0.0
        self._orders: deque[Callable[[], Awaitable[None]]] = deque()

    def start(self) -> None:
        """The user is ready: the question is asked (again); from the first one, where all were answered."""
        self._orders.append(self._start)

    def skip(self) -> None:
        """The user does not want to answer."""
        self._orders.append(self._skip)

    def offer(self, event: SessionEvent) -> None:
        """Hears what is said. Never waits, never raises."""
        if isinstance(event, TranscriptGrew):
            said = [segment.text for segment in event.change.added if segment.end > self._asked_at]
            if said:
                self._words += said
                self._heard_at = self._clock.monotonic()

    async def run(self) -> None:
        """Asks until cancelled."""
        await self._load()
        await self._ask()
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            while self._orders:
                await self._orders.popleft()()
            if self._is_answered():
                await self._go_on(" ".join(self._words))

    def _is_answered(self) -> bool:
        question = self._progress.question
        if question is None or not is_answer(question, " ".join(self._words)):
            return False
        silence = self._clock.monotonic() - self._heard_at
        return silence >= (LONGEST_NOISE if self._session.is_speaking else PAUSE_SECONDS)

    async def _start(self) -> None:
        if self._progress.facts is not None:
            self._progress = Progress()
            await self._keep()
        await self._ask()

    async def _skip(self) -> None:
        if self._progress.question is not None:
            await self._go_on("")

    async def _go_on(self, answer: str) -> None:
        self._tell(QuestionAnswered(index=self._progress.current, is_answered=bool(answer)))
        self._progress = self._progress.answered(answer)
        await self._keep()
        await self._ask()

    async def _ask(self) -> None:
        """Asks what is to be answered; where nothing is left, tells what came of it."""
        self._words.clear()
        self._asked_at = self._session.captured
        question = self._progress.question
        if question is not None:
            self._tell(OnboardingQuestion(question=question.text, index=self._progress.current, total=len(QUESTIONS)))
            return
        if self._progress.facts is None:
            try:
                made = await self._learn(self._user, self._progress.told)
            except AdapterError:
                self._complete(0, error="what you said could not be kept now; start again to have it tried again")
                return
            self._progress = self._progress.made(made)
            await self._keep()
        self._complete(self._progress.facts or 0)

    def _complete(self, facts: int, *, error: str | None = None) -> None:
        self._tell(OnboardingCompleted(conversation=self._session.conversation.id, facts=facts, error=error))

    async def _load(self) -> None:
        with suppress(TemporarilyUnavailable, msgspec.MsgspecError):
            kept = await self._values.get(_key(self._user))
            progress = Progress() if kept is None else msgspec.json.decode(kept, type=Progress)
            if progress.current <= len(QUESTIONS):
                self._progress = progress

    async def _keep(self) -> None:
        """What cannot be kept now holds as long as the session."""
        with suppress(TemporarilyUnavailable):
            await self._values.put(_key(self._user), msgspec.json.encode(self._progress), lifetime=LIFETIME)


def _key(user: UserId) -> str:
    return f"users:{user}:onboarding"
