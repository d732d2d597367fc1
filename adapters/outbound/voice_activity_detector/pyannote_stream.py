"""One capture on its way through pyannote's model."""

import math
from collections.abc import Callable

import anyio
from msgspec import Struct

from adapters.outbound.voice_activity_detector.pyannote_model import WINDOW
from domain.audio import SAMPLE_BYTES
from ports.errors import TemporarilyUnavailable

WINDOW_BYTES = WINDOW * SAMPLE_BYTES


class Question(Struct, frozen=True, gc=False):
    """What is to be judged next."""

    stretch: bytearray
    """As much of the capture as the model looks at, up to where it is to be judged."""
    windows: int
    """How many at its end."""


class PyannoteStream:
    """Holds audio until it is judged and judgments until they are fetched.

    A capture is judged in steps of as many windows as lie on a grid, so that what is found does not depend on how
    packets come in. Only where no more audio comes for a while, or none at all, is a part of a step judged.
    """

    def __init__(
        self, *, context: int, step: int, patience: float, on_ready: Callable[["PyannoteStream"], None]
    ) -> None:
        """Starts a capture.

        Args:
            context: windows that the model looks at, those that are judged among them.
            step: windows that are judged at a time.
            patience: seconds without audio after which a part of a step is judged.
            on_ready: called when there is something to judge.
        """
        self._context = context
        self._step = step
        self._patience = patience
        self._on_ready = on_ready
        # Before a capture there was silence. What comes before the next window stays in place when others are judged.
        self._audio = bytearray((context - 1) * WINDOW_BYTES)
        self._to_grid = step
        self._packets = 0
        # How many packets there were when somebody last looked, and since when there have been no more.
        self._quiet_at = 0
        self._quiet_since = anyio.current_time()
        self._pressing = False
        self._asked = False
        self._judged: list[float] = []
        self._failure: TemporarilyUnavailable | None = None
        self._news = anyio.Event()

    def push(self, pcm: bytes) -> None:
        """Takes audio. Called by the event loop itself, outside of any task, so that it may not ask for the time."""
        waited = self._waiting
        self._audio += pcm
        self._packets += 1
        if self._waiting and not waited:
            self._news.set()  # from now on, patience runs out
        self._announce()

    async def judge(self) -> tuple[float, ...]:
        """Waits for judged windows, at least one."""
        while not self._judged:
            self._news = anyio.Event()
            self._raise_failure()
            self._announce()
            with anyio.CancelScope(deadline=self._deadline()):
                await self._news.wait()
            if anyio.current_time() >= self._deadline():
                self._pressing = True
        return self._fetch()

    async def flush(self) -> tuple[float, ...]:
        """Fills up the last window with silence and waits until all are judged."""
        self._audio += bytes(-len(self._audio) % WINDOW_BYTES)
        while self._waiting:
            self._news = anyio.Event()
            self._raise_failure()
            self._pressing = True
            self._announce()
            await self._news.wait()
        return self._fetch()

    def question(self) -> Question | None:
        """The next windows to judge; None when there are none. They stay in place until `accept`."""
        count = self._next_count()
        if not count:
            return None
        self._asked = True
        return Question(self._audio[(count - 1) * WINDOW_BYTES : (self._context - 1 + count) * WINDOW_BYTES], count)

    def accept(self, probabilities: tuple[float, ...]) -> None:
        """The windows of the last question were judged."""
        count = len(probabilities)
        del self._audio[: count * WINDOW_BYTES]
        self._to_grid = self._to_grid - count or self._step
        self._asked = self._pressing = False
        self._judged += probabilities
        self._news.set()
        self._announce()

    def fail(self, failure: TemporarilyUnavailable) -> None:
        """The last question has no answer. Whoever waits learns it; the wait after that asks again."""
        self._asked = False
        self._failure = failure
        self._news.set()

    def leave(self) -> None:
        """Nobody listens any more: what is still to be judged is not."""
        self._audio.clear()

    @property
    def _waiting(self) -> int:
        """Whole windows that have not been judged."""
        return max(0, len(self._audio) // WINDOW_BYTES - (self._context - 1))

    def _deadline(self) -> float:
        """When patience runs out, as far as is known: counted from when a packet was last seen to have come."""
        if self._quiet_at != self._packets:
            self._quiet_at, self._quiet_since = self._packets, anyio.current_time()
        return self._quiet_since + self._patience if self._waiting and not self._pressing else math.inf

    def _next_count(self) -> int:
        if self._asked or self._failure:
            return 0
        if self._waiting >= self._to_grid:
            return self._to_grid
        return self._waiting if self._pressing else 0

    def _announce(self) -> None:
        if self._next_count():
            self._on_ready(self)

    def _raise_failure(self) -> None:
        if self._failure is None:
            return
        failure, self._failure = self._failure, None
        raise TemporarilyUnavailable(str(failure)) from failure

    def _fetch(self) -> tuple[float, ...]:
        judged, self._judged = tuple(self._judged), []
        return judged
