"""What the app shows of what the socket tells."""

from typing import Any

from tests.support.omi_app.dart import Value, decoded
from tests.support.omi_app.eras import Era

HAS_IDS = "/v2/listen"


class Screen:
    """Segments, events and memories, as one app read them. Crashes where it would."""

    def __init__(self, era: Era) -> None:
        self._era = era
        self.segments: dict[Any, dict[str, Any]] = {}
        """Of the conversation that goes on: by identifier, where the app knows them."""
        self.all_segments: list[dict[str, Any]] = []
        """Every one that came, over all sockets."""
        self.events: list[dict[str, Any]] = []
        self.memories: list[dict[str, Any]] = []
        """What notifications came of."""
        self.is_listening = not era.awaits_ready
        self.processing_memory: str | None = None
        self.suggestions: list[dict[str, Any]] = []

    @property
    def words(self) -> list[str]:
        """Of the conversation that goes on."""
        return [word for segment in self.segments.values() for word in segment["text"].split()]

    def forget(self) -> None:
        """The socket was closed: the app clears what it shows."""
        self.segments.clear()
        self.processing_memory = None
        self.is_listening = not self._era.awaits_ready

    def read(self, text: str) -> dict[str, Any] | None:
        """Reads a message; gives the event that it is."""
        if text == "ping":
            return None
        value = decoded(text, self._era.path)
        if isinstance(value.content, list):
            self._take_segments(value)
            return None
        kind = value["type"].text()
        value.at += f" {kind}"
        self._era.events.get(kind, lambda _: None)(value)
        self.events.append(value.content)
        self._take_event(kind, value.content)
        return value.content  # type: ignore[no-any-return]

    def kinds(self) -> list[str]:
        """Of all events."""
        return [event.get("status_name", event["type"]) for event in self.events]

    def _take_segments(self, value: Value) -> None:
        for item in value.items():
            self._era.segment(item)
            key = item.content["id"] if self._era.answers_ping else len(self.segments)
            self.segments[key] = item.content
            self.all_segments.append(item.content)

    def _take_event(self, kind: str, event: dict[str, Any]) -> None:
        if kind == "service_status" and event["status"] == "ready":
            self.is_listening = True
        if kind == "new_processing_memory_created":
            self.processing_memory = event["processing_memory_id"]
        if kind == "memory_processing_started":
            self.segments.clear()
        if kind == "segments_deleted":
            for segment in event["segment_ids"]:
                self.segments.pop(segment, None)
        if kind == "speaker_label_suggestion":
            self.suggestions.append(event)
        if kind == self._era.created and event["memory"] is not None:
            self.memories.append(event["memory"])
