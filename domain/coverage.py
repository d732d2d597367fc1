"""The coverage report: what became of the audio of a conversation, in samples."""

from msgspec import Struct, field, structs


class Gap(Struct, frozen=True):
    """A stretch of time without a transcript, and why."""

    start: int
    end: int
    reason: str


class Coverage(Struct, frozen=True, kw_only=True):
    """Sums over the ledger of a conversation: `captured = gated + transcribed + pending + gaps`."""

    captured: int = 0
    gated: int = 0
    """Silence that no recognizer had to hear."""
    transcribed: dict[str, int] = field(default_factory=dict)
    """Recognizer -> samples it has finalized."""
    pending: int = 0
    """Captured and not decided yet."""
    gaps: tuple[Gap, ...] = ()
    """Captured audio that nobody transcribed."""
    absences: tuple[Gap, ...] = ()
    """Time without audio: the device was away. Not captured, so not in any of the sums."""
    corrupt_packets: int = 0
    """Packets that could not be decoded; their time is kept and concealed."""
    concealed: int = 0
    """Samples that were reconstructed in place of such packets. They count as captured."""

    @property
    def speech(self) -> int:
        """Samples that somebody spoke in: all that was not gated."""
        return self.captured - self.gated

    def repaired(self, start: int, end: int, *, recognizer: str) -> "Coverage":
        """The report after a recognizer has heard the gaps of a stretch."""
        left: list[Gap] = []
        settled = 0
        for gap in self.gaps:
            first, last = max(gap.start, start), min(gap.end, end)
            if first >= last:
                left.append(gap)
                continue
            settled += last - first
            rest = (structs.replace(gap, end=first), structs.replace(gap, start=last))
            left += [piece for piece in rest if piece.start < piece.end]
        transcribed = self.transcribed | {recognizer: self.transcribed.get(recognizer, 0) + settled}
        return structs.replace(self, gaps=tuple(left), transcribed=transcribed) if settled else self
