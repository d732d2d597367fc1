"""A chain of recognizers that looks like one. What one loses, another hears."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import anyio

from adapters.outbound.speech_to_text.failover.backlog import BatchPost
from adapters.outbound.speech_to_text.failover.breaker import BreakerState
from adapters.outbound.speech_to_text.failover.post import Post
from adapters.outbound.speech_to_text.failover.relay import Relay
from adapters.outbound.speech_to_text.failover.shared_posts import SharedPosts
from adapters.outbound.speech_to_text.failover.tally import measured, measured_batch
from ports.batch_speech_to_text import BatchSpeechToText
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected
from ports.key_value_store import KeyValueStore
from ports.measures import Measure
from ports.speech_to_text import SpeechToText, Terms, TranscriptionRequest


class FailoverSpeechToText:
    """The recognizers of a chain, in order of preference. What is learned of one holds for all sessions."""

    name = "failover"
    terms = Terms()

    def __init__(
        self,
        recognizers: Sequence[SpeechToText],
        *,
        batch: Sequence[BatchSpeechToText] = (),
        clock: Clock,
        folder: Path | None = None,
        values: KeyValueStore | None = None,
    ) -> None:
        """A chain.

        Args:
            recognizers: first the one to use while it works.
            batch: for audio that has piled up.
            clock: for every deadline.
            folder: for audio that does not fit the memory; None: the system's own.
            values: where several servers tell each other what they learned; None for a server that is alone. Open
                as long as this is.
        """
        self._recognizers = recognizers
        self._batch = batch
        self._clock = clock
        self._folder = folder
        self._values = values
        self._posts: list[Post] = []
        self._batch_posts: list[BatchPost] = []
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> "FailoverSpeechToText":
        for adapter in (*self._recognizers, *self._batch):
            context: Any = adapter
            if hasattr(context, "__aenter__"):
                await self._opened.enter_async_context(context)
        self._posts = [Post(recognizer, clock=self._clock) for recognizer in self._recognizers]
        self._batch_posts = [BatchPost(recognizer, clock=self._clock) for recognizer in self._batch]
        if self._values is not None:
            tasks = await self._opened.enter_async_context(anyio.create_task_group())
            self._opened.callback(tasks.cancel_scope.cancel)
            tasks.start_soon(SharedPosts(self._posts, values=self._values, clock=self._clock).run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.__aexit__(kind, error, trace)

    def supports(self, language: str) -> bool:
        """Whether any of the chain does."""
        return any(recognizer.supports(language) for recognizer in self._recognizers)

    async def diagnose(self) -> Diagnosis:
        """Whether somebody listens. Where nobody does, audio is kept and heard later: that is no reason to stop."""
        trouble = [post for post in self._posts if post.breaker.state is BreakerState.OPEN]
        if not trouble:
            return Diagnosis(condition=Condition.WORKING, finding="all recognizers of the chain are worth trying")
        finding = "; ".join(f"{post.name}: {post.breaker.reason}" for post in trouble)
        return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy="omi doctor tells more of each")

    async def measures(self) -> tuple[Measure, ...]:
        """What sessions had of each recognizer."""
        live = measured((post.name, post.breaker.state, post.tally) for post in self._posts)
        return (*live, *measured_batch((post.recognizer.name, post.state) for post in self._batch_posts))

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[Relay]:
        """Opens at once; connects when there is something to hear.

        Raises:
            Rejected: nobody in the chain knows the language.
        """
        posts = [post for post in self._posts if post.recognizer.supports(request.language)]
        if not posts:
            raise Rejected(f"no recognizer of the chain knows {request.language!r}")
        async with Relay(
            posts, request=request, batch=self._batch_posts, clock=self._clock, folder=self._folder
        ) as relay:
            yield relay
