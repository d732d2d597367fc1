"""Between the gate and the recognizer: takes without waiting, gives in order."""

from collections import deque

import anyio

from domain.audio import SAMPLE_BYTES, AudioFrame


class Pause:
    """The speaker paused: ask for final words."""


class End:
    """Nothing more comes."""


PAUSE = Pause()
END = End()

OutboxItem = AudioFrame | Pause | End


class Outbox:
    """Frames on their way to the recognizer. One task puts, one task takes."""

    def __init__(self) -> None:
        self._items: deque[OutboxItem] = deque()
        self._arrived: anyio.Event | None = None
        self._is_awaited = False
        self.backlog = 0
        """Samples that wait."""

    def put(self, frame: AudioFrame) -> None:
        """Adds audio. Called for every packet while somebody speaks."""
        self._items.append(frame)
        self.backlog += len(frame.pcm) // SAMPLE_BYTES
        if self._is_awaited:
            self._wake()

    def mark(self, mark: Pause | End) -> None:
        """Adds a mark behind the audio."""
        self._items.append(mark)
        if self._is_awaited:
            self._wake()

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
