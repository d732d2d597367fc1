"""A conversation in the form of a memory, before anything was made of it."""

from datetime import datetime

from application.listening.conversation_records import Opened
from application.listening.live_conversation import on_clock_of
from domain.conversation_marks import ConversationMarks
from domain.coverage import Coverage
from domain.ids import ConversationId, MemoryId
from domain.memory import Memory, MemoryStatus
from domain.transcript import Transcript, moved
from domain.translations import Translations


def drafted(
    conversation: ConversationId,
    *,
    opened: Opened,
    transcript: Transcript,
    translations: Translations,
    coverage: Coverage | None,
    origin: int,
    created_at: datetime,
    marks: ConversationMarks,
) -> Memory:
    """The memory with its transcript alone, on a clock that starts at the origin."""
    return Memory(
        id=MemoryId(conversation),
        created_at=created_at,
        started_at=opened.epoch.when(origin),
        finished_at=opened.epoch.when(transcript.end),
        source=opened.source,
        language=opened.language,
        segments=moved(translations.on(transcript.segments), by=-origin),
        coverage=None if coverage is None else on_clock_of(coverage, origin=origin),
        external=marks.told() or None,
        status=MemoryStatus.PROCESSING,
    )
