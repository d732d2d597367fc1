"""A usage ledger that also adds up what passes: for the numbers of this process."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from domain.ids import UserId
from domain.usage import Usage
from ports.measures import Label, Measure, by, counted
from ports.usage_ledger import UsageLedger


class CountedUsageLedger:
    """Passes everything on. Users are left out of the sums."""

    def __init__(self, ledger: UsageLedger) -> None:
        self._ledger = ledger
        self._micro_dollars: Counter[str] = Counter()
        self._audio: Counter[str] = Counter()
        self._billed: Counter[str] = Counter()

    async def record(self, usages: Sequence[Usage]) -> None:
        """Adds rows, all or none; what could not be added is not counted."""
        await self._ledger.record(usages)
        for usage in usages:
            self._micro_dollars[usage.recognizer] += usage.micro_dollars
            self._audio[usage.recognizer] += round(usage.audio_seconds * 1000)
            self._billed[usage.recognizer] += round(usage.billed_seconds * 1000)

    async def between(self, start: datetime, end: datetime) -> tuple[Usage, ...]:
        """As the ledger does."""
        return await self._ledger.between(start, end)

    async def of(self, user: UserId) -> tuple[Usage, ...]:
        """As the ledger does."""
        return await self._ledger.of(user)

    async def forget(self, user: UserId) -> None:
        """As the ledger does."""
        await self._ledger.forget(user)

    async def measures(self) -> Sequence[Measure]:
        """By recognizer, since the start of the process; a connection is counted when it has ended."""
        return (
            counted(
                "recognition_micro_dollars",
                "What recognition cost, in millionths of a dollar",
                by(Label.RECOGNIZER, self._micro_dollars),
            ),
            counted("recognition_audio_seconds", "Audio that was sent", by(Label.RECOGNIZER, _seconds(self._audio))),
            counted("recognition_billed_seconds", "What is billed", by(Label.RECOGNIZER, _seconds(self._billed))),
        )


def _seconds(milliseconds: Counter[str]) -> dict[str, float]:
    return {name: count / 1000 for name, count in milliseconds.items()}
