"""Between the gate and the recognizer: takes without waiting, gives in order."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio

from domain.audio import SAMPLE_BYTES, AudioFrame


class Pause:
    """The speaker paused: ask for final words."""


class End:
    """Nothing more comes."""


PAUSE = Pause()
END = End()

OutboxItem = AudioFrame | Pause | End

Straight = Callable[[AudioFrame], bool]
"""Takes a frame at once, without a wait and without an error, or says that it has to be sent."""


def _nobody(_: AudioFrame) -> bool:
    return False


def straight_to(stream: object) -> Straight:
    """The short way into a stream of a recognizer that has one, `take`. Whatever is sent waits for its task there.

    Only while no call to the stream is under way: what is taken lies behind all that was sent.
    """
    way: Straight = getattr(stream, "take", _nobody)
    return way


class Outbox:
    """Frames on their way to the recognizer. One task puts, one task takes.

    While the taking task has nothing to do, frames go `straight` past it, where there is such a way: waking a task
    costs more than all the rest of the way of a packet.
    """

    def __init__(self) -> None:
        self._straight: Straight = _nobody
        self._items: deque[OutboxItem] = deque()
        self._arrived: anyio.Event | None = None
        self._is_awaited = False
        self.backlog = 0
        """Samples that wait."""

    def put(self, frame: AudioFrame) -> None:
        """Adds audio. Called for every packet while somebody speaks."""
        if self._is_awaited:
            if self._straight(frame):
                return
            self._wake()
        self._items.append(frame)
        self.backlog += len(frame.pcm) // SAMPLE_BYTES

    def mark(self, mark: Pause | End) -> None:
        """Adds a mark behind the audio."""
        self._items.append(mark)
        if self._is_awaited:
            self._wake()

    @contextmanager
    def opened(self, straight: Straight) -> Iterator[None]:
        """Frames may go straight while the body runs, which takes."""
        self._straight = straight
        try:
            yield
        finally:
            self._straight = _nobody

    async def take(self) -> OutboxItem:
        """The next item; neighboring frames come as one. Waits while there is none."""
        while not self._items:
            await self._wait()
        item = self._items.popleft()
        if isinstance(item, AudioFrame):
            if self._items:
                item = self._gathered(item)
            self.backlog -= len(item.pcm) // SAMPLE_BYTES
        return item

    async def _wait(self) -> None:
        # By its type: `anyio.Event()` looks up the event loop anew, which costs more than all the rest of a wait.
        self._arrived = anyio.Event() if self._arrived is None else type(self._arrived)()
        self._is_awaited = True
        await self._arrived.wait()

    def _wake(self) -> None:
        self._is_awaited = False
        if self._arrived is not None:
            self._arrived.set()

    def _gathered(self, first: AudioFrame) -> AudioFrame:
        """What has piled up behind a frame, in one: a recognizer that is behind gets fewer, larger pieces."""
        pieces, end = [first.pcm], first.end
        while self._items and isinstance(following := self._items[0], AudioFrame):
            if following.start != end or end - first.start >= LONGEST_PIECE:
                break
            pieces.append(following.pcm)
            end = following.end
            self._items.popleft()
        return first if len(pieces) == 1 else AudioFrame(first.start, b"".join(pieces))


LONGEST_PIECE = 800
"""Samples from which on a piece is long enough to be sent: 50 ms, as vendors like them."""
