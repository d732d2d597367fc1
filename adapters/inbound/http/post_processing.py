"""`/v1/memories/{id}/post-processing` and its neighbors: the recording of a memory, and what was made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.wire import WireMemory, WireSegment, memory_to_wire, segment_to_wire
from adapters.inbound.http.wire_pieces import WirePostProcessing, progress_to_wire
from application.memories.manage_memories import ManageMemories
from application.recordings.keep_recordings import KeepRecordings
from application.recordings.kept_transcripts import KeptTranscripts
from application.recordings.post_process import PostProcess
from domain.ids import MemoryId, UserId
from domain.memory import PostProcessing

KEYS = ("deepgram", "soniox", "speechmatics", "whisperx")
"""What the apps cannot do without; other recognizers come under their own names."""
WHISPER = {"fal": "whisperx", "fal-recording": "whisperx"}
LARGEST_FILE = 256 * 1024 * 1024
"""Bytes: two hours as WAV."""


class HasRecording(Struct, frozen=True):
    """Whether there is a recording."""

    has_recording: bool


@dataclass
class UploadRecording:
    """A recording of the memory, for this purpose alone."""

    file: UploadFile | None = None


class PostProcessingController(Controller):
    """Recordings and transcripts of the memories of the caller."""

    path = "/v1/memories/{memory_id:str}"
    tags: Sequence[str] | None = ["memories"]

    @post(
        "/post-processing",
        status_code=200,
        responses=FAILURES,
        summary="Make a better transcript from the recording",
        request_max_body_size=LARGEST_FILE,
    )
    async def post_process(
        self,
        *,
        user: NamedDependency[UserId],
        post_processing: NamedDependency[PostProcess],
        memory_id: FromPath[str],
        data: Annotated[UploadRecording | None, Body(media_type=RequestEncodingType.MULTI_PART)] = None,
        emotional_feedback: FromQuery[bool] = False,  # noqa: ARG002 - the apps send it; nothing here judges emotions
    ) -> WireMemory:
        """Begins; `postprocessing` of the memory says how far it is. A file counts where no recording is kept."""
        file = data.file if data else None
        upload = await file.read() if file else None
        return memory_to_wire(await post_processing.request(user, MemoryId(memory_id), upload=upload))

    @get("/post-processing", status_code=200, responses=FAILURES, summary="How far the better transcript is")
    async def progress(
        self, *, user: NamedDependency[UserId], memories: NamedDependency[ManageMemories], memory_id: FromPath[str]
    ) -> WirePostProcessing:
        """Says what became of it."""
        memory = await memories.get(user, MemoryId(memory_id))
        return progress_to_wire(memory.postprocessing or PostProcessing())

    @get("/transcripts", status_code=200, responses=FAILURES, summary="What each recognizer made of it")
    async def transcripts(
        self,
        *,
        user: NamedDependency[UserId],
        kept_transcripts: NamedDependency[KeptTranscripts],
        memory_id: FromPath[str],
    ) -> dict[str, list[WireSegment]]:
        """All transcripts that are kept, by recognizer."""
        found: dict[str, list[WireSegment]] = {key: [] for key in KEYS}
        for recognizer, segments in (await kept_transcripts.all(user, MemoryId(memory_id))).items():
            own = found.setdefault(WHISPER.get(recognizer, recognizer), [])
            own += map(segment_to_wire, segments)
        return {name: sorted(segments, key=lambda segment: segment.start) for name, segments in found.items()}

    @get("/recording", status_code=200, responses=FAILURES, summary="Whether the recording is kept")
    async def has_recording(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        recordings: NamedDependency[KeepRecordings],
        memory_id: FromPath[str],
    ) -> HasRecording:
        """Looks whether it is there; reads nothing of it."""
        memory = await memories.get(user, MemoryId(memory_id))
        return HasRecording(await recordings.has(user, memory.id))
