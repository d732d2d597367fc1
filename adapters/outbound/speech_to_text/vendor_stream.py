"""A stream over a connection to a vendor: what is the same whoever the vendor is.

Two tasks work beside the caller. The *writer* takes what the caller hands over from a short queue, joins frames to
messages worth sending, keeps a silent connection alive, and gives each write a deadline. The *reader* takes what the
vendor says and queues it as events. Neither ever raises: a failure is noted once, ends both queues, and is raised to
whoever sends or iterates next. So no group of exceptions can leave, and the caller's own error passes unchanged.

The adapter of a vendor supplies a `VendorConnection`; opening and closing the connection is its business too.
"""

import contextlib
import math
from collections.abc import AsyncIterator, Awaitable
from types import TracebackType

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from msgspec import Struct

from adapters.outbound.speech_to_text.leg import Leg
from adapters.outbound.speech_to_text.vendor_connection import Pace, VendorConnection
from application.listening.short_way import Taker, gave_straight
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

_MESSAGE_SECONDS = 0.05
"""Audio is joined to messages of this length, and waits no longer than this for company."""
_MESSAGE_BYTES = int(_MESSAGE_SECONDS * SAMPLE_RATE) * SAMPLE_BYTES
_OUTGOING = 16
"""Frames that wait for the vendor before `send` waits."""
_INCOMING = 256
"""Events that wait for the caller before the vendor is kept waiting."""
_BEHIND = 32
"""Waiting events from which on guesses are left out: the next one replaces them anyway."""
_UNHEARD = 1.0
"""Seconds at the end for which a vendor need not say that there were no words."""
_LAST_WORDS = 1.0
"""Seconds in which the vendor may still say why it takes no more audio."""


class _Finalize(Struct, frozen=True):
    """The speaker paused."""


_FINALIZE = _Finalize()


class VendorStream:
    """A `TranscriptionStream` over one connection. Enter it to start, leave it to stop both tasks."""

    def __init__(self, connection: VendorConnection, *, recognizer: str, pace: Pace) -> None:
        self._connection = connection
        self._recognizer = recognizer
        self._pace = pace
        self._leg = Leg(recognizer)
        self._failure: AdapterError | None = None
        self._queued = 0
        """Position behind the last frame handed over."""
        self._told_end = False
        self._taker: Taker[RecognitionEvent] | None = None
        self._patience = math.inf
        """Seconds of silence from the vendor until the suspicion counts as proved."""
        self._suspicion: AdapterError = TemporarilyUnavailable(f"{recognizer} fell silent")
        self._tasks: TaskGroup
        self._hearing: anyio.CancelScope
        self._writing: anyio.CancelScope
        self._outgoing: MemoryObjectSendStream[AudioFrame | _Finalize]
        self._events: MemoryObjectReceiveStream[RecognitionEvent]

    async def __aenter__(self) -> "VendorStream":
        self._tasks = anyio.create_task_group()
        self._hearing, self._writing = anyio.CancelScope(), anyio.CancelScope()
        self._outgoing, outgoing = anyio.create_memory_object_stream[AudioFrame | _Finalize](_OUTGOING)
        events, self._events = anyio.create_memory_object_stream[RecognitionEvent](_INCOMING)
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._write, outgoing, name=f"{self._recognizer} writer")
        self._tasks.start_soon(self._read, events, name=f"{self._recognizer} reader")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        try:
            # The group is not told what went wrong in the body: else that would leave as a group of exceptions.
            await self._tasks.__aexit__(None, None, None)
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
        finally:
            self._outgoing.close()
            self._events.close()

    async def send(self, frame: AudioFrame) -> None:
        """Queues a frame; waits while the vendor is behind.

        Raises:
            ValueError: the frame lies before the one sent before it.
            TemporarilyUnavailable, Rejected: as the port says.
        """
        if frame.start < self._queued:
            raise ValueError(f"frame at {frame.start} does not follow what was sent up to {self._queued}")
        if frame.pcm:
            await self._hand_over(frame)
            self._queued = frame.end

    def take(self, frame: AudioFrame) -> bool:
        """Queues a frame at once; False where `send` would wait or raise."""
        if self._failure is not None or frame.start < self._queued:
            return False
        if frame.pcm:
            try:
                self._outgoing.send_nowait(frame)
            except (anyio.WouldBlock, anyio.ClosedResourceError, anyio.BrokenResourceError):
                return False
            self._queued = frame.end
        return True

    async def finalize(self) -> None:
        """Asks for final words, behind all frames queued so far."""
        await self._hand_over(_FINALIZE)

    async def send_eof(self) -> None:
        """Ends the queue; the writer tells the vendor once it is empty."""
        self._raise_failure()
        self._outgoing.close()

    def hear_straight(self, taker: Taker[RecognitionEvent]) -> None:
        """Events go to whoever iterates without a task in between."""
        self._taker = taker

    def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        """The events, in the order in which the vendor reported them."""
        return self

    async def __anext__(self) -> RecognitionEvent:
        try:
            return await self._events.receive()
        except anyio.EndOfStream:
            self._raise_failure()
            raise StopAsyncIteration from None

    async def _hand_over(self, item: AudioFrame | _Finalize) -> None:
        self._raise_failure()
        try:
            await self._outgoing.send(item)
        except anyio.ClosedResourceError:
            raise Rejected(f"{self._recognizer} was told that nothing more comes, and then given more") from None
        except anyio.BrokenResourceError:
            raise _again(self._failure or self._suspicion) from None

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise _again(self._failure)

    async def _read(self, events: MemoryObjectSendStream[RecognitionEvent]) -> None:
        """Queues what the vendor says, until it is done or fails."""
        with events:
            try:
                await self._read_all(events)
            except AdapterError as failure:
                self._failure = failure
            self._writing.cancel()

    async def _read_all(self, events: MemoryObjectSendStream[RecognitionEvent]) -> None:
        said = self._connection.receive(self._leg)
        while (event := await self._hear(said)) is not None:
            behind = events.statistics().current_buffer_used >= _BEHIND
            if not (behind and isinstance(event, InterimWords)) and not gave_straight(event, events, self._taker):
                await events.send(event)
        if not self._told_end:
            raise TemporarilyUnavailable(f"{self._recognizer} ended the session before the capture ended")
        if self._leg.left_guessing or self._leg.unheard > _UNHEARD:
            missing = f"no final words for the last {self._leg.unheard:.1f} s"
            raise TemporarilyUnavailable(f"{self._recognizer} ended with {missing}")
        for rest in self._leg.finish():
            await events.send(rest)

    async def _hear(self, said: AsyncIterator[FinalWords | InterimWords]) -> FinalWords | InterimWords | None:
        """What the vendor says next; None when it is done.

        Only the vendor's own time counts: while the caller is behind with reading, nothing is held against it.
        """
        with anyio.CancelScope(deadline=anyio.current_time() + self._patience) as self._hearing:
            return await anext(said, None)
        raise self._suspicion

    def _expect(self, *, within: float, else_raise: AdapterError) -> None:
        """From now on, silence of this many seconds means that the session has failed."""
        self._patience, self._suspicion = within, else_raise
        self._hearing.deadline = anyio.current_time() + within

    async def _write(self, outgoing: MemoryObjectReceiveStream[AudioFrame | _Finalize]) -> None:
        """Sends what the caller hands over, until it hands over no more."""
        with outgoing, self._writing:
            try:
                while (item := await self._next(outgoing)) is not None:
                    await self._send_item(item, outgoing)
                self._told_end = True
                await self._in_time(self._connection.send_end())
            except AdapterError as failure:
                # What the vendor says last tells more than a broken pipe. When it says nothing, this is the failure.
                self._expect(within=_LAST_WORDS, else_raise=failure)
                await anyio.sleep(_LAST_WORDS)
                return
            self._expect(within=self._pace.finish_timeout, else_raise=self._unfinished())

    async def _next(self, outgoing: MemoryObjectReceiveStream[AudioFrame | _Finalize]) -> AudioFrame | _Finalize | None:
        """What to send next; None at the end. Keeps the connection alive until then."""
        while True:
            with anyio.move_on_after(self._pace.keep_alive):
                try:
                    return await outgoing.receive()
                except anyio.EndOfStream:
                    return None
            await self._in_time(self._connection.send_keep_alive())

    async def _send_item(
        self, item: AudioFrame | _Finalize, outgoing: MemoryObjectReceiveStream[AudioFrame | _Finalize]
    ) -> None:
        """Sends a frame, joined with those that follow closely, or what was handed over instead of them."""
        message = bytearray()
        with anyio.move_on_after(_MESSAGE_SECONDS), contextlib.suppress(anyio.EndOfStream):
            while isinstance(item, AudioFrame):
                self._leg.send(item)
                message += item.pcm
                if len(message) >= _MESSAGE_BYTES:
                    break
                item = await outgoing.receive()
        if message:
            await self._in_time(self._connection.send_audio(bytes(message)))
        if isinstance(item, _Finalize):
            await self._in_time(self._connection.send_finalize())

    async def _in_time(self, sending: Awaitable[None]) -> None:
        try:
            with anyio.fail_after(self._pace.send_timeout):
                await sending
        except TimeoutError:
            waited = f"{self._pace.send_timeout:g} s"
            raise TemporarilyUnavailable(f"{self._recognizer} took no data for {waited}") from None

    def _unfinished(self) -> AdapterError:
        silence = f"silent for {self._pace.finish_timeout:g} s"
        return TemporarilyUnavailable(f"{self._recognizer} did not finish: {silence} after the end of the capture")


def _again(failure: AdapterError) -> AdapterError:
    """The same failure for one more caller: an exception that is raised twice grows a wrong traceback."""
    again = type(failure)(*failure.args)
    again.__cause__ = failure
    return again
