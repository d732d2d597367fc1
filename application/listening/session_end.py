"""Whether the conversation that a session hears is over, and whether what it hears can be kept."""

from collections.abc import Callable

from application.listening.conversations import Conversations
from application.listening.stream_transcription import StreamTranscription
from application.photos.live_photos import LivePhotos
from domain.audio import SAMPLE_RATE
from domain.ids import MemoryId
from domain.session import StatusChanged

MOST_UNDECIDED = 2 * SAMPLE_RATE
"""Silence that is held in front of the gate is shorter than this; what is longer was not judged yet."""


class SessionEnd:
    """Looks at the conversation that goes on, once a second."""

    def __init__(self, pipeline: StreamTranscription, conversations: Conversations) -> None:
        self._pipeline = pipeline
        self._conversations = conversations
        self._storage_failed = False

    def has_come(self, *, photos: LivePhotos | None, may_be_late: Callable[[], bool] | None) -> bool:
        """Whether there was silence for long enough. Audio that came faster than it could be judged may be speech."""
        behind = self._pipeline.end - self._pipeline.undecided
        return (
            not self._pipeline.is_speaking
            and behind < MOST_UNDECIDED
            and self._conversations.has_ended(self._pipeline.conversation)
            and self._has_content(photos)
            and not (may_be_late is not None and may_be_late() and self._may_go_on())
            and self._pipeline.settle_late()
        )

    def storage_changed(self) -> StatusChanged | None:
        """News of the storage: that it fails, or that it works again."""
        failure, failed = self._pipeline.conversation.storage_failure, self._storage_failed
        self._storage_failed = failure is not None
        if failure is not None and not failed:
            return StatusChanged("storage_full", failure)
        return StatusChanged("ready", "storage works again") if failure is None and failed else None

    def _has_content(self, photos: LivePhotos | None) -> bool:
        """Whether there is something to end. Without audio a conversation would be over as soon as it has begun."""
        live = self._pipeline.conversation
        silence = self._pipeline.undecided - live.ledger.start
        return (
            live.transcript.word_count > 0
            or (photos is not None and photos.has_taken(MemoryId(live.id)))
            or self._conversations.rules.has_ended(last_spoken=0, now=silence)
        )

    def _may_go_on(self) -> bool:
        """Whether what comes late may still be speech, though by the clock there was silence for long enough."""
        live = self._pipeline.conversation
        rules = self._conversations.rules.patient(live.silence)
        return not rules.has_ended(last_spoken=live.last_spoken, now=self._pipeline.end)
