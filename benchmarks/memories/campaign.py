"""Life after life over the same data, until all work is done; then one look at what came of it."""

import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio

from benchmarks.memories.account import Account, counted
from benchmarks.memories.chaos import SteppedClock, let_time_pass
from benchmarks.memories.life import HOOKS, Life
from benchmarks.memories.talks import Talk, record
from domain.errors import MemoryNotFound
from domain.ids import ConversationId, MemoryId, PluginId, UserId
from ports.errors import AdapterError, TemporarilyUnavailable

AT_ONCE = 40
"""Conversations that end at about the same time."""
PAUSE = 600.0
"""Seconds between two such times, at least."""
LONGEST_CALM = 60 * 86_400.0
"""Seconds in which all work must come to its end once nothing fails any more."""
ROUNDS_BEHIND = 4
"""Pauses behind the last conversation in which things still go wrong, and users delete."""
DELETED_EVERY = 25
"""Of so many memories the user deletes one."""


class Campaign:
    """A data folder, its processes, and what users and plugins see of them."""

    def __init__(
        self,
        folder: Path,
        talks: Sequence[Talk],
        *,
        seed: int,
        clock: SteppedClock,
        stores: Mapping[str, Any] | None = None,
        open_jobs: Callable[[], int],
    ) -> None:
        """Prepares it.

        Args:
            folder: where all data lies.
            talks: the conversations.
            seed: of all misfortune.
            clock: of everything.
            stores: adapters in place of those on the disk, by port.
            open_jobs: how much work is not done yet.
        """
        self._folder = folder
        self._talks = tuple(talks)
        self._seed = seed
        self._clock = clock
        self._stores = dict(stores or {})
        self._open_jobs = open_jobs
        self._random = random.Random(seed)
        self._to_end = deque(talks)
        self._to_delete = {talk.memory: talk.user for talk in talks[::DELETED_EVERY]}
        self._recorded: set[ConversationId] = set()
        self.deleted: set[MemoryId] = set()
        self.told: set[tuple[UserId, PluginId, MemoryId]] = set()
        self.happened: Counter[str] = Counter()
        self.lives = 0
        self._rounds_left = ROUNDS_BEHIND

    @property
    def _goes_on(self) -> bool:
        """Whether things still go wrong."""
        return bool(self._to_end) or self._rounds_left > 0

    async def run(self) -> Account:
        """All of it."""
        if not self.lives:
            await self.prepare()
        while self._goes_on:
            await self._live()
        return await self._come_to_rest()

    async def prepare(self, first: Sequence[Talk] = ()) -> None:
        """Users allow recordings, some of them, and enable plugins. The first conversations end."""
        life = self._next_life()
        life.calm()
        async with life.running():
            for number, user in enumerate(sorted({talk.user for talk in self._talks})):
                for hook in HOOKS:
                    await life.container.enabled_plugins().add(user, hook)
                if number % 3 == 0:
                    await life.container.recordings().permit(user)
            for talk in first:
                record(life.container.capture_journal(), talk, at=self._clock.now())
                await life.container.finish_conversation().hand_in(talk.user, talk.conversation)
                self._to_end.popleft()

    def _next_life(self) -> Life:
        self.lives += 1
        return Life(
            self._folder,
            talks=self._talks,
            clock=self._clock,
            seed=self._random.getrandbits(32),
            told=lambda *call: self.told.add(call),
            stores=self._stores,
        )

    async def _live(self) -> None:
        life = self._next_life()
        async with life.running():
            while self._goes_on and not life.is_over:
                self._rounds_left -= int(not self._to_end)
                await self._meanwhile(life, lambda: self._use(life))
                until = self._clock.monotonic() + PAUSE
                await let_time_pass(
                    self._clock,
                    life.chaos,
                    until=lambda: life.is_over or self._clock.monotonic() >= until,  # noqa: B023
                )
        self.happened += life.chaos.happened + life.model.happened

    async def _meanwhile(self, life: Life, work: Callable[[], Awaitable[None]]) -> None:
        """Does work while time passes: what it asks for may hang."""
        done = anyio.Event()

        async def do() -> None:
            await work()
            done.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(do)
            await let_time_pass(self._clock, life.chaos, until=done.is_set)

    async def _use(self, life: Life) -> None:
        await self._end_some(life)
        await self._delete_some(life)

    async def _end_some(self, life: Life) -> None:
        """Conversations end: their journals are whole, and their memories are asked for until that was taken."""
        for _ in range(min(AT_ONCE, len(self._to_end))):
            talk = self._to_end[0]
            with suppress(TemporarilyUnavailable):  # after a crash, a journal that is whole is handed in again
                if talk.conversation not in self._recorded | {*await life.container.capture_journal().conversations()}:
                    record(life.container.capture_journal(), talk, at=self._clock.now())
                self._recorded.add(talk.conversation)  # it is said once, however often its memory is asked for
                await life.container.finish_conversation().hand_in(talk.user, talk.conversation)
                self._to_end.popleft()
            if life.is_over:
                return

    async def _delete_some(self, life: Life) -> None:
        """Users delete what they see, and try again where that fails."""
        for memory, user in tuple(self._to_delete.items()):
            try:
                await life.container.manage_memories().get(user, memory)
                self.deleted.add(memory)  # whatever becomes of it now, the user will not rest until it is gone
                await life.container.manage_memories().delete(user, memory)
            except (MemoryNotFound, AdapterError):
                continue  # not there yet, or out of order
            del self._to_delete[memory]

    async def _come_to_rest(self) -> Account:
        """Nothing fails any more, and time passes."""
        life = self._next_life()
        life.calm()
        async with life.running():
            await self._meanwhile(life, lambda: self._settle_deletions(life))
            end = self._clock.monotonic() + LONGEST_CALM
            await let_time_pass(
                self._clock, life.chaos, until=lambda: not self._open_jobs() or self._clock.monotonic() > end
            )
            account = await counted(life.container, self._talks, deleted=self.deleted, told=self.told)
        account.work_given_up += self._open_jobs()
        return account

    async def _settle_deletions(self, life: Life) -> None:
        for memory, user in self._to_delete.items():
            if memory in self.deleted:
                with suppress(MemoryNotFound):
                    await life.container.manage_memories().delete(user, memory)
