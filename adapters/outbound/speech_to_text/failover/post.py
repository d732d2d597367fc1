"""A recognizer of the chain, with what the sessions of this process know of it."""

import math
from collections.abc import Awaitable, Callable

import anyio

from adapters.outbound.speech_to_text.failover.breaker import Breaker
from adapters.outbound.speech_to_text.failover.patience import Patience
from adapters.outbound.speech_to_text.failover.tally import Tally
from ports.clock import Clock
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream

CONNECT_SECONDS = 5.0
"""For the whole way to a recognizer that takes audio: name, TCP, TLS, upgrade, first message."""

CLOSE_SECONDS = 3.0
"""A recognizer promises to be gone within two."""

Work = Callable[[TranscriptionStream], Awaitable[None]]
"""What is done with an open stream."""


class Post:
    """A recognizer of the chain."""

    def __init__(self, recognizer: SpeechToText, *, clock: Clock) -> None:
        self.recognizer = recognizer
        self.breaker = Breaker(monotonic=clock.monotonic, is_full=self._is_full)
        self.sessions = 0
        """Connections of this process that are open, or being opened."""
        self.sessions_elsewhere = 0
        """Those of other servers, as they last told."""
        self.tally = Tally()
        prior = recognizer.terms.patience
        self.answering = Patience(prior)
        """After a pause, when final words were asked for."""
        self.listening = Patience(prior, least=prior)
        """In the middle of speech, where a recognizer may wait for the end of a sentence."""

    @property
    def name(self) -> str:
        """Of the recognizer."""
        return self.recognizer.name

    async def serve(self, request: TranscriptionRequest, work: Work) -> None:
        """Connects within a budget, works, and closes within another. The breaker is told of any failure.

        One scope with a moving deadline, entered before the stream and left behind it: a scope for the opening
        alone would be left while those that the recognizer opened inside are still in use.
        """
        self.sessions += 1
        try:
            await self._serve(request, work)
        finally:
            self.sessions -= 1

    async def _serve(self, request: TranscriptionRequest, work: Work) -> None:
        opened = False
        with anyio.CancelScope(deadline=anyio.current_time() + CONNECT_SECONDS) as scope:
            try:
                async with self.recognizer.open_stream(request) as stream:
                    opened, scope.deadline = True, math.inf
                    self.tally.connections += 1
                    await self._work(work, stream)
                    scope.deadline = anyio.current_time() + CLOSE_SECONDS
            except Exception as error:  # noqa: BLE001 - one recognizer may fail alone, whatever is wrong with it
                if not opened:
                    self._failed(error)
        if scope.cancelled_caught and not opened:
            self._failed(TemporarilyUnavailable(f"{self.name} did not answer within {CONNECT_SECONDS:g} s"))

    async def _work(self, work: Work, stream: TranscriptionStream) -> None:
        try:
            await work(stream)
        except Exception as error:  # noqa: BLE001 - as above
            # Noted before the stream is closed, which takes its time: nobody shall try the same again meanwhile.
            self._failed(error)

    def _is_full(self) -> bool:
        most = self.recognizer.terms.most_sessions
        return most is not None and self.sessions + self.sessions_elsewhere >= most

    def _failed(self, error: Exception) -> None:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        reason = str(error) if isinstance(error, AdapterError) else f"{self.name} failed: {type(error).__name__}"
        refused = isinstance(error, Rejected)
        self.tally.failures["rejected" if refused else "unavailable"] += 1
        (self.breaker.rejected if refused else self.breaker.failed)(reason)
