"""Plays a cell: real adapters, real sockets, real time."""

import math
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

import anyio
from msgspec import Struct, structs

from adapters.inbound.simulators.faults import Fault, FaultKind, FaultScript
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from benchmarks.faults.cells import Cell
from benchmarks.faults.judge import Verdict, judged
from benchmarks.faults.speaker import SPEECH, Speech, Utterance, speak
from benchmarks.faults.vendors import Simulated, TimedScript, simulated
from domain.audio import SAMPLE_BYTES, seconds
from domain.recognition import FinalWords, RecognitionEvent, RecognizerChanged
from ports.errors import AdapterError
from ports.speech_to_text import TranscriptionRequest, TranscriptionStream

GRACE = 2.0
"""Seconds beyond its usual time that a silent vendor is given: the promise."""
REPLAY = 1.5
"""Seconds for a few words to be heard again: behind the end of a capture, only they show that somebody took over."""
LIMIT = 90.0
"""Seconds after which a trial counts as hung."""
AFTERMATH = 6.0
"""Seconds that a capture is watched after its end, when nobody is left to hear it."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What a trial showed."""

    cell: Cell
    verdict: Verdict
    failover: float | None
    """Seconds from the fault to the first sign of another recognizer; None when none was needed."""
    overdue: float | None
    """Seconds of it in which the vendor owed words: it was asked for them, and did not give them."""
    bound: float | None
    """What `overdue` may be at most, where the vendor failed in silence."""
    reasons: tuple[str, ...]
    """Of the changes of recognizer, as the client is told."""
    heard_by: tuple[str, ...]
    failure: str = ""
    """An error that came out of the stream: none should."""
    ended: bool = True

    @property
    def kept(self) -> bool:
        """Whether the promise was kept."""
        if self.cell.is_hopeless:
            return not self.ended and not self.failure and self.verdict.is_honest
        return self.ended and not self.failure and self.verdict.kept and self.is_in_time

    @property
    def is_in_time(self) -> bool:
        """Whether a silent vendor was left within its bound."""
        if self.bound is None or self.overdue is None:
            return True
        return self.overdue <= self.bound + (REPLAY if self.cell.phase == "closing" else 0.0)


class Timed(Struct, frozen=True):
    """An event, and when it came."""

    at: float
    event: RecognitionEvent


class Recorder:
    """Speaks to a stream and notes what it says."""

    def __init__(self, speech: Speech) -> None:
        self.speech = speech
        self.events: list[Timed] = []
        self.failure = ""
        self._asked: list[float] = []
        """When final words were asked for, for each stretch of the speech."""
        self.ended = False

    @property
    def finals(self) -> list[FinalWords]:
        """Final words so far."""
        return [timed.event for timed in self.events if isinstance(timed.event, FinalWords)]

    async def run(self, stream: TranscriptionStream, *, limit: float = LIMIT) -> None:
        """Speaks, and listens until the stream ends."""
        with anyio.move_on_after(limit):
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(partial(speak, self.speech, stream, asked=self._asked))
                    async for event in stream:
                        self.events.append(Timed(anyio.current_time(), event))
            except* AdapterError as group:
                self.failure = f"raised {group.exceptions[0]!r}"
            self.ended = True

    def failover(self, fault_at: float, primary: str) -> tuple[float | None, float | None]:
        """Seconds until another recognizer showed: from the fault, and from when this one owed words."""
        others = (timed.at for timed in self.events if timed.at >= fault_at and _is_other(timed.event, primary))
        shown = next(others, None)
        if shown is None:
            return None, None
        return shown - fault_at, max(shown - max(fault_at, self._owed(primary)), 0.0)  # never asked: never overdue

    def _owed(self, primary: str) -> float:
        """When final words were asked for, first of all that the primary never gave: at the end of an utterance."""
        heard = max((final.through for final in self.finals if final.recognizer == primary), default=0)
        ends = (start + len(pcm) // SAMPLE_BYTES for start, pcm in self.speech.stretches)
        return next((at for at, end in zip(self._asked, ends, strict=False) if end > heard), math.inf)


def _is_other(event: RecognitionEvent, primary: str) -> bool:
    if isinstance(event, RecognizerChanged):
        return event.recognizer != primary
    return event.recognizer != primary


async def tried(cell: Cell, *, utterances: Sequence[Utterance] = SPEECH) -> Outcome:
    """Plays a cell to its end."""
    scripts = {vendor: TimedScript(faults=cell.faults.get(vendor, ())) for vendor in cell.chain}
    recorder = Recorder(Speech(_speech(cell, utterances)))
    async with AsyncExitStack() as stack:
        vendors = {v: await stack.enter_async_context(simulated(v, scripts[v])) for v in cell.chain if v != "fake"}
        recognizers = [vendors[v].recognizer if v != "fake" else FakeSpeechToText() for v in cell.chain]
        chain = await stack.enter_async_context(FailoverSpeechToText(recognizers, clock=SystemClock()))
        stream = await stack.enter_async_context(chain.open_stream(TranscriptionRequest(interim=cell.interim)))
        tasks = await stack.enter_async_context(anyio.create_task_group())
        if cell.outage is not None:
            tasks.start_soon(_fail_all, list(vendors.values()), *cell.outage)
        await recorder.run(stream, limit=seconds(recorder.speech.end) + AFTERMATH if cell.is_hopeless else LIMIT)
        tasks.cancel_scope.cancel()
    began = scripts[cell.primary].began
    return outcome(cell, recorder, fault_at=began[0] if began else None, patience=recognizers[0].terms.patience)


def _speech(cell: Cell, utterances: Sequence[Utterance]) -> Sequence[Utterance]:
    """What is said: for long, or with an end in mid-sentence, where the cell is about that."""
    if cell.phase == "closing":
        return (*utterances[:-1], structs.replace(utterances[-1], pause=0.0))
    return (*utterances, *utterances) if cell.long else utterances


def outcome(cell: Cell, recorder: Recorder, *, fault_at: float | None, patience: float) -> Outcome:
    """What a recorder heard, judged; `patience` is what the primary usually takes, in seconds."""
    changes = [timed.event for timed in recorder.events if isinstance(timed.event, RecognizerChanged)]
    failover, overdue = (None, None) if fault_at is None else recorder.failover(fault_at, cell.primary)
    return Outcome(
        cell=cell,
        verdict=judged(recorder.speech, recorder.finals),
        failover=failover,
        overdue=overdue,
        bound=patience + GRACE if cell.is_silent else None,
        reasons=tuple(f"{change.recognizer or 'nobody'}: {change.reason}" for change in changes),
        heard_by=tuple(dict.fromkeys(final.recognizer for final in recorder.finals if final.words)),
        failure=recorder.failure,
        ended=recorder.ended,
    )


async def _fail_all(vendors: Sequence[Simulated], start: float, end: float) -> None:
    await anyio.sleep(start)
    for vendor in vendors:
        vendor.listener.script = FaultScript(faults=(Fault(kind=FaultKind.REFUSE),))
        await vendor.hang_up()
    if not math.isinf(end):
        await anyio.sleep(end - start)
        for vendor in vendors:
            vendor.listener.script = FaultScript()
