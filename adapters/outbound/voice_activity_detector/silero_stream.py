"""One capture on its way through the voice activity model."""

import sys
from collections.abc import Callable

import anyio

from adapters.outbound.voice_activity_detector.silero_model import (
    CONTEXT_BYTES,
    ROUNDS,
    WINDOW_BYTES,
    Judgment,
    Stretch,
    blank_state,
)
from ports.errors import TemporarilyUnavailable

_READY = CONTEXT_BYTES + WINDOW_BYTES
_PRESSING = CONTEXT_BYTES + ROUNDS * WINDOW_BYTES
_NEVER = sys.maxsize


class SileroStream:
    """Holds audio until it is judged and judgments until they are fetched.

    The audio starts with the samples the model hears again as context (silence at first), so that dropping
    judged windows from the front leaves the next context in place.
    """

    __slots__ = ("_announce_at", "_audio", "_failure", "_judged", "_news", "_on_pressing", "_on_ready", "_state")

    def __init__(
        self, *, on_ready: Callable[["SileroStream"], None], on_pressing: Callable[["SileroStream"], None]
    ) -> None:
        self._on_ready = on_ready
        self._on_pressing = on_pressing
        self._audio = bytearray(CONTEXT_BYTES)
        self._state = blank_state()
        self._judged: list[float] = []
        self._failure: TemporarilyUnavailable | None = None
        self._news = anyio.Event()
        self._announce_at = _READY

    def push(self, pcm: bytes) -> None:
        """Takes audio. Called a hundred times a second for each capture: an append and a comparison."""
        self._audio += pcm
        if len(self._audio) >= self._announce_at:
            self._announce()

    async def judge(self) -> tuple[float, ...]:
        """Waits for judged windows, at least one."""
        while not self._judged:
            self._raise_failure()
            await self._hear()
        return self._fetch()

    async def flush(self) -> tuple[float, ...]:
        """Fills up the last window with silence and waits until all are judged."""
        self._audio += bytes(-(len(self._audio) - CONTEXT_BYTES) % WINDOW_BYTES)
        while len(self._audio) >= _READY:
            self._raise_failure()
            self._on_pressing(self)
            await self._hear()
        return self._fetch()

    def take(self) -> Stretch | None:
        """The next windows to judge; None when there is none. They stay in place until `accept`."""
        count = min((len(self._audio) - CONTEXT_BYTES) // WINDOW_BYTES, ROUNDS)
        if count <= 0 or self._failure:
            return None
        self._announce_at = _NEVER
        return Stretch(self._audio[: CONTEXT_BYTES + count * WINDOW_BYTES], self._state)

    def accept(self, judgment: Judgment) -> None:
        """The windows taken last were judged."""
        del self._audio[: len(judgment.probabilities) * WINDOW_BYTES]
        self._state = judgment.state
        self._judged += judgment.probabilities
        self._resume()
        self._news.set()

    def fail(self, failure: TemporarilyUnavailable) -> None:
        """The windows taken last could not be judged. Whoever waits learns it; the wait after that tries again."""
        self._failure = failure
        self._news.set()

    def leave(self) -> None:
        """Nobody listens any more: what is still to be judged is not."""
        self._audio.clear()

    def _raise_failure(self) -> None:
        if self._failure is None:
            return
        failure, self._failure = self._failure, None
        self._resume()
        raise TemporarilyUnavailable(str(failure)) from failure

    def _resume(self) -> None:
        self._announce_at = _READY
        if len(self._audio) >= _READY:
            self._announce()

    def _announce(self) -> None:
        if len(self._audio) >= _PRESSING:
            self._announce_at = _NEVER
            self._on_pressing(self)
        else:
            self._announce_at = _PRESSING
            self._on_ready(self)

    async def _hear(self) -> None:
        if self._news.is_set():
            self._news = type(
                self._news
            )()  # `anyio.Event()` looks up the event loop anew, which costs more than the wait
        await self._news.wait()

    def _fetch(self) -> tuple[float, ...]:
        judged, self._judged = tuple(self._judged), []
        return judged
