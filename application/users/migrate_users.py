"""Users of another backend, moved here: as often as it takes, and each thing once."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct, field, structs

from application.memories.import_memories import ImportMemories
from application.questions.recall import Recall
from application.users.archive_changes import Verdict
from application.users.migrate_marks import Mark, MigrationMarks, digest_of, place_of
from application.users.migrate_records import FILES, Originals, OriginalSettings, Record, SealedValue, Value
from application.users.migrate_target import MigrationTarget
from application.users.user_data import Told, UserData, tell_nobody
from domain.errors import BusinessError
from domain.ids import UserId
from domain.memory import Memory
from ports.errors import Rejected

USERS = "users"
"""As it is told how many are done."""
VoicesChanged = Callable[[UserId], Awaitable[None]]


class Migration(Struct, kw_only=True):
    """What became of everything."""

    users: int = 0
    """Who were gone through."""
    report: dict[str, Counter[Verdict]] = field(default_factory=dict)
    """By kind of thing."""
    problems: dict[str, str] = field(default_factory=dict)
    """Where something lies that could not be moved, and why. Without anything that is in it."""
    vectors: int = 0
    """Of the source, removed because they are of no use any more."""


class MigrateUsers:
    """Moves users. Whatever cuts it off: doing it again does the rest.

    A record is written first and marked as done then. One that changed at the source since it was moved is moved again,
    unless what was made of it changed here, too: what is here stays then, and so does it when it was removed here.
    """

    def __init__(self, originals: Originals, *, data: UserData, recall: Recall, voices_changed: VoicesChanged) -> None:
        """Keeps what it works with.

        Args:
            originals: where everything is.
            data: where everything goes.
            recall: where memories are found.
            voices_changed: told when files came that may say how somebody sounds.
        """
        self._originals = originals
        self._data = data
        self._memories = ImportMemories(memories=data.memories, values=data.values, recall=recall)
        self._marks = MigrationMarks(data.values)
        self._voices_changed = voices_changed

    async def users(self) -> tuple[UserId, ...]:
        """Everybody who can be moved. Raises TemporarilyUnavailable."""
        return await self._originals.users()

    async def preview(self, users: Sequence[UserId], *, told: Told = tell_nobody) -> Migration:
        """What `migrate` would do: everything is read, nothing is written. Arguments and errors are those of it."""
        migration = Migration()
        for user in users:
            progress = _Progress(migration, told)
            target, marks = self._target(user), await self._marks.of(user)
            async for record in self._originals.records(user):
                await self._preview(record, target, marks.get(place_of(record)), progress)
            progress.end_user()
        return migration

    async def migrate(self, users: Sequence[UserId], *, told: Told = tell_nobody) -> Migration:
        """Moves all that users have.

        Args:
            users: who.
            told: how far it is.

        Returns:
            What became of everything. What has problems is left out, and looked at again the next time.

        Raises:
            TemporarilyUnavailable: a store failed. What came before is here; doing it again goes on.
        """
        migration = Migration()
        for user in users:
            progress = _Progress(migration, told)
            await self._move_user(user, progress)
            progress.end_user()
        return migration

    async def forget_vectors(self, users: Sequence[UserId], migration: Migration) -> None:
        """Removes vectors of users at the source, in an index that nothing here asks. Raises TemporarilyUnavailable."""
        for user in users:
            migration.vectors += await self._originals.forget_vectors(user)

    async def _move_user(self, user: UserId, progress: "_Progress") -> None:
        target, marks, has_files = self._target(user), await self._marks.of(user), False
        async for record in self._originals.records(user):
            has_files |= record.table == FILES
            mark = marks.get(place_of(record))
            if mark is not None and mark.version == record.version:
                progress.count(record, Verdict.SAME)
                continue
            try:
                done = await _moved(record, target, mark)
            except (Rejected, BusinessError) as error:
                progress.refuse(record, error)
                continue
            if done is not None:
                verdict, digest = done
                await self._marks.put(user, Mark(place_of(record), record.version, digest), before=mark)
                progress.count(record, verdict)
        if has_files:  # those that are the same now may have come with an attempt that was cut off
            await self._voices_changed(user)

    async def _preview(self, record: Record, target: MigrationTarget, mark: Mark | None, progress: "_Progress") -> None:
        if mark is not None and mark.version == record.version:
            progress.count(record, Verdict.SAME)
            return
        try:
            found = await _found(record, target, mark)
        except Rejected as error:
            progress.refuse(record, error)
            return
        if found is not None:
            progress.count(record, found[1])

    def _target(self, user: UserId) -> MigrationTarget:
        return MigrationTarget(user, data=self._data, memories=self._memories)


class _Progress:
    """Counts what became of the records of a user."""

    def __init__(self, migration: Migration, told: Told) -> None:
        self._migration = migration
        self._told = told

    def count(self, record: Record, verdict: Verdict) -> None:
        report = self._migration.report
        report.setdefault(record.table, Counter())[verdict] += 1
        self._told(record.table, report[record.table].total())

    def refuse(self, record: Record, error: Exception) -> None:
        self._migration.problems[record.path] = str(error)
        self._told("problems", len(self._migration.problems))

    def end_user(self) -> None:
        self._migration.users += 1
        self._told(USERS, self._migration.users)


async def _moved(record: Record, target: MigrationTarget, mark: Mark | None) -> tuple[Verdict, str] | None:
    """Writes what a record holds, where that is due: what became of it, and what it is known by from now on."""
    found = await _found(record, target, mark)
    if found is None:
        return None
    value, verdict = found
    # a memory that is read where it is to be written has the original's layout until it is written
    has_to_be_laid_out = verdict is Verdict.SAME and isinstance(value, Memory) and not record.is_current
    if verdict in {Verdict.ADDED, Verdict.REPLACED} or has_to_be_laid_out:
        await target.put(value)
    if verdict is Verdict.KEPT:
        return verdict, mark.digest if mark else ""
    return verdict, digest_of(value)


async def _found(record: Record, target: MigrationTarget, mark: Mark | None) -> tuple[Value, Verdict] | None:
    """What a record holds, and what is to become of it. Changes nothing."""
    value = await record.load()
    if isinstance(value, SealedValue):  # where source and target are one, that is what became of it
        if await target.found(value.value) is None:
            raise Rejected("a server of ours sealed it: take it out there with `omi export`")
        return value.value, Verdict.KEPT
    return None if value is None else (value, _judged(value, await target.found(value), mark))


def _judged(value: Value, there: Value | None, mark: Mark | None) -> Verdict:
    if there is None:  # what was moved and is not there any more was removed here; of settings it is never all
        return Verdict.ADDED if mark is None or isinstance(value, OriginalSettings) else Verdict.KEPT
    if there == value or (isinstance(value, Memory) and there == _of_the_original(value)):
        return Verdict.SAME
    is_untouched = mark is not None and mark.digest == digest_of(there)
    return Verdict.REPLACED if is_untouched else Verdict.KEPT


def _of_the_original(memory: Memory) -> Memory:
    """As the original stored it: that there is a recording was seen by its file alone."""
    return structs.replace(memory, has_recording=False)
