"""An archive of a user, read back: checked as a whole, then compared, then taken over piece by piece."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from application.memories.import_memories import ImportMemories
from application.questions.recall import Recall
from application.users import archive_format as of
from application.users.archive_changes import ArchiveChanges, Change, Conflicts, Verdict
from application.users.archive_reading import checked
from application.users.user_data import Told, UserData, tell_nobody
from domain.ids import UserId
from ports.archive import Archive

Report = dict[str, Counter[Verdict]]
"""What became of the pieces of each table."""


class ImportUser:
    """Reads archives back. Doing it twice does it once; after a crash, doing it again does the rest."""

    def __init__(
        self,
        data: UserData,
        *,
        archive: Archive,
        recall: Recall,
        voices_changed: Callable[[UserId], Awaitable[None]],
    ) -> None:
        """Keeps what it works with.

        Args:
            data: where everything goes.
            archive: reads files.
            recall: where memories are found.
            voices_changed: told when files came that may say how somebody sounds.
        """
        self._data = data
        self._archive = archive
        self._memories = ImportMemories(memories=data.memories, values=data.values, recall=recall)
        self._voices_changed = voices_changed

    async def preview(
        self, user: UserId, path: Path, *, conflicts: Conflicts = Conflicts.NEWER, told: Told = tell_nobody
    ) -> Report:
        """What `read` would do; changes nothing. Arguments and errors are those of `read`."""
        report: Report = {}
        async with self._changes(user, path, conflicts, told) as changes:
            async for change in changes:
                _count(report, change, told)
        return report

    async def read(
        self, user: UserId, path: Path, *, conflicts: Conflicts = Conflicts.NEWER, told: Told = tell_nobody
    ) -> Report:
        """Takes over what is in an archive. Identifiers stay; what is there already is passed over.

        Args:
            user: whose it becomes, whoever it was of.
            path: of the archive.
            conflicts: who wins where both differ.
            told: how far it is.

        Returns:
            What became of each piece.

        Raises:
            NotFound: there is no such file.
            Rejected: it is no archive that can be trusted; nothing was changed.
            TemporarilyUnavailable: a store failed. What came before is there; reading again goes on.
        """
        report: Report = {}
        async with self._changes(user, path, conflicts, told) as changes:
            async for change in changes:
                if change.verdict in {Verdict.ADDED, Verdict.REPLACED}:
                    await change.make()
                _count(report, change, told)
        if of.FILES in report:  # whatever is the same now may have come with an attempt that was cut off
            await self._voices_changed(user)
        return report

    @asynccontextmanager
    async def _changes(
        self, user: UserId, path: Path, conflicts: Conflicts, told: Told
    ) -> AsyncIterator[AsyncIterator[Change]]:
        async with self._archive.open(path) as reader:
            archive = await checked(reader, told)
            yield ArchiveChanges(
                archive, user=user, data=self._data, memories=self._memories, conflicts=conflicts
            ).all()


def _count(report: Report, change: Change, told: Told) -> None:
    report.setdefault(change.table, Counter())[change.verdict] += 1
    told(change.table, report[change.table].total())
