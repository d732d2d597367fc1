"""Failover from a vendor that falls silent, once the chain knows how fast that vendor usually is."""

from contextlib import AsyncExitStack

import anyio

from adapters.inbound.simulators.faults import Fault, FaultKind
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from benchmarks.faults.cells import MID_UTTERANCE, Cell
from benchmarks.faults.speaker import SPEECH, Speech, Utterance
from benchmarks.faults.trial import Outcome, Recorder, outcome
from benchmarks.faults.vendors import TimedScript, simulated
from ports.speech_to_text import TranscriptionRequest

TEACHERS = 8
"""Healthy captures at once; a vendor's own limit may be ten."""
LESSONS = (Utterance(3, 1.1),) * 10
"""Many short utterances: each teaches how long an answer takes."""
SILENCES = {"takes audio, says nothing": FaultKind.SILENT, "finals stop": FaultKind.NO_FINALS}


async def tried_when_learned(vendor: str, silence: str) -> Outcome:
    """Healthy captures first, then one in the middle of which the vendor falls silent."""
    script = TimedScript(faults=(Fault(kind=SILENCES[silence], after_seconds=MID_UTTERANCE),))
    recorder = Recorder(Speech(SPEECH))
    async with AsyncExitStack() as stack:
        simulation = await stack.enter_async_context(simulated(vendor))
        chain = FailoverSpeechToText([simulation.recognizer, FakeSpeechToText()], clock=SystemClock())
        await stack.enter_async_context(chain)
        async with anyio.create_task_group() as tasks:
            for _ in range(TEACHERS):
                tasks.start_soon(_capture, chain, Recorder(Speech(LESSONS)))
        simulation.listener.script = script
        p99 = chain._posts[0].answering.p99  # noqa: SLF001 - what was learned is nobody else's business
        await _capture(chain, recorder)
    cell = Cell(fault=f"learned: {silence}", phase="mid-utterance", chain=(vendor, "fake"), is_silent=True)
    return outcome(cell, recorder, fault_at=script.began[0], patience=p99)


async def _capture(chain: FailoverSpeechToText, recorder: Recorder) -> None:
    async with chain.open_stream(TranscriptionRequest()) as stream:
        await recorder.run(stream)
