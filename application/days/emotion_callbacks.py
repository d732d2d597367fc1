"""Measurements that an analyzer reports later, by calling back."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from msgspec import Struct

from application.days.feel_emotions import FeelEmotions, Feeling
from domain.emotion import MeasuredEmotions
from domain.ids import MemoryId, UserId
from ports.key_value_store import KeyValueStore

PATIENCE = timedelta(days=7)
"""For a report."""


class ExpectedReport(Struct, frozen=True, kw_only=True):
    """What a task of the analyzer is about."""

    user: UserId
    memory: MemoryId


class EmotionCallbacks:
    """Takes reports of tasks that were begun here, once each. Others are nobody's, whatever they say."""

    def __init__(self, *, values: KeyValueStore, feel: FeelEmotions) -> None:
        self._values = values
        self._feel = feel

    async def expect(self, task: str, user: UserId, memory: MemoryId) -> None:
        """Notes that a task was begun. Raises TemporarilyUnavailable."""
        expected = ExpectedReport(user=user, memory=memory)
        await self._values.put(_key(task), msgspec.json.encode(expected), lifetime=PATIENCE)

    async def settle(self, task: str, measured: Sequence[MeasuredEmotions]) -> bool:
        """Takes a report.

        Args:
            task: its name at the analyzer.
            measured: on the clock of the memory's recording; empty where it failed.

        Returns:
            Whether the task was ours, and open.

        Raises:
            TemporarilyUnavailable: not taken.
        """
        kept = await self._values.get(_key(task))
        if kept is None:
            return False
        expected = msgspec.json.decode(kept, type=ExpectedReport)
        if measured:
            feeling = Feeling(memory=expected.memory, measured=tuple(measured))
            await self._feel.request(expected.user, feeling, name=f"{expected.memory}:{task}")
        await self._values.delete(_key(task))
        return True


def _key(task: str) -> str:
    return f"emotion_tasks:{task[:500]}"
