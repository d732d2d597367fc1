"""Speech that nobody could hear when it was said is heard later, and put where it belongs."""

import anyio
import msgspec
from msgspec import structs

from application.jobs.run_jobs import JobRun
from application.listening.finish_conversation import ConversationEnded
from application.listening.replay_journal import audio, finished_conversation
from application.memories.create_memory import CreateMemory
from domain.coverage import Coverage, Gap
from domain.ids import ConversationId, MemoryId
from domain.memory import Memory
from domain.recognition import FinalWords
from domain.session import MemoryCreated
from domain.transcript import Transcript
from ports.audio_decoder import AudioDecoder
from ports.capture_journal import CaptureJournal
from ports.errors import AdapterError, NotFound, TemporarilyUnavailable, cause
from ports.event_bus import EventBus
from ports.memory_repository import MemoryRepository
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream

PATIENCE = 1200.0
"""Seconds that one attempt may take; the job comes back later."""


class RepairGaps:
    """Completes memories that were made while no recognizer could be had."""

    def __init__(
        self,
        *,
        journal: CaptureJournal,
        audio_decoder: AudioDecoder,
        speech_to_text: SpeechToText,
        memories: MemoryRepository,
        create_memory: CreateMemory,
        events: EventBus,
    ) -> None:
        self._journal = journal
        self._decoder = audio_decoder
        self._recognizer = speech_to_text
        self._memories = memories
        self._create_memory = create_memory
        self._events = events

    async def repair(self, run: JobRun) -> None:
        """Does a `repair_gaps` job; harmless when done twice. The journal goes when the memory is whole."""
        user = run.job.user
        conversation = msgspec.json.decode(run.job.payload, type=ConversationEnded).conversation
        try:
            memory = await self._memories.get(user, MemoryId(conversation))
        except NotFound:
            await self._journal.remove(conversation)  # the user has deleted it meanwhile
            return
        gaps = memory.coverage.gaps if memory.coverage is not None else ()

        async def had_gaps() -> bool:
            return bool(gaps)

        # noted: an attempt that finds them filled has to do what follows all the same
        if await run.step("had gaps", had_gaps, returns=bool):
            if gaps:
                heard = await self._heard(conversation, gaps, memory.language or "en")
                await self._memories.update(user, memory.id, lambda now: _completed(now, heard))
            memory = await self._create_memory.reprocess(user, memory.id)
            await self._events.publish(user, MemoryCreated(conversation, memory))
        await self._journal.remove(conversation)

    async def _heard(self, conversation: ConversationId, gaps: tuple[Gap, ...], language: str) -> list[FinalWords]:
        """Words of the gaps, on the conversation's own clock.

        Raises:
            TemporarilyUnavailable: still nobody can hear them.
        """
        origin = (await finished_conversation(self._journal, conversation)).origin
        found: list[FinalWords] = []
        with anyio.move_on_after(PATIENCE):
            await self._hear(conversation, gaps, origin, TranscriptionRequest(language=language), found)
            return [_on_own_clock(event, origin) for event in found]
        raise TemporarilyUnavailable("no recognizer heard the gaps in time")

    async def _hear(
        self,
        conversation: ConversationId,
        gaps: tuple[Gap, ...],
        origin: int,
        wanted: TranscriptionRequest,
        found: list[FinalWords],
    ) -> None:
        failures: list[AdapterError] = []
        try:
            async with self._recognizer.open_stream(wanted) as stream, anyio.create_task_group() as tasks:
                tasks.start_soon(self._send, conversation, gaps, origin, stream)
                found.extend([event async for event in stream if isinstance(event, FinalWords)])
        except* AdapterError as group:
            failures.append(cause(group))  # what is raised in here would leave as a group
        if failures:
            raise failures[0]

    async def _send(
        self, conversation: ConversationId, gaps: tuple[Gap, ...], origin: int, stream: TranscriptionStream
    ) -> None:
        async for frame in audio(self._journal, conversation, decoder=self._decoder):
            for gap in gaps:
                part = frame.between(gap.start + origin, gap.end + origin)
                if part is None:
                    continue
                await stream.send(part)
                if part.end == gap.end + origin:
                    await stream.finalize()
        await stream.send_eof()


def _on_own_clock(event: FinalWords, origin: int) -> FinalWords:
    words = tuple(structs.replace(word, start=word.start - origin, end=word.end - origin) for word in event.words)
    return structs.replace(event, words=words, through=event.through - origin, since=event.since - origin)


def _completed(memory: Memory, heard: list[FinalWords]) -> Memory:
    """The memory with what was heard, in order of time."""
    transcript, coverage = Transcript(memory.segments), memory.coverage or Coverage()
    for event in heard:
        if event.words:
            transcript.add(event.words, recognizer=event.recognizer)
        coverage = coverage.repaired(event.since, event.through, recognizer=event.recognizer)
    return structs.replace(memory, segments=transcript.segments, coverage=coverage)
