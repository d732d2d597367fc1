"""Conversations that go on, or wait until all of theirs was heard."""

from collections.abc import Callable, Sequence

from application.listening.live_conversation import LiveConversation
from domain.audio import seconds
from ports.measures import Label, Measure, Sample, by, standing

Open = Callable[[], Sequence[LiveConversation]]


class OpenConversations:
    """Reads how far behind their audio the transcripts are: what a journal holds and nobody has heard."""

    def __init__(self, conversations: Open) -> None:
        self._open = conversations

    async def measures(self) -> Sequence[Measure]:
        """By state, with the audio in journals that is still to be heard."""
        states = {"connected": 0, "waiting": 0, "recovering": 0}
        unheard, unwritable = [0.0], 0
        for live in self._open():
            states[_state(live)] += 1
            unheard.append(seconds(live.ledger.end - live.ledger.watermark))
            unwritable += live.storage_failure is not None
        return (
            standing("conversations_open", "Conversations that have no memory yet", by(Label.STATE, states)),
            standing(
                "journal_lag_seconds",
                "Audio of the conversation furthest behind that is not heard",
                [Sample(max(unheard))],
            ),
            standing("journal_unheard_seconds", "Audio of all conversations that is not heard", [Sample(sum(unheard))]),
            standing("journals_unwritable", "Conversations whose journal cannot be written", [Sample(unwritable)]),
        )


def _state(live: LiveConversation) -> str:
    if live.is_connected:
        return "connected"
    return "recovering" if live.is_recovering else "waiting"
