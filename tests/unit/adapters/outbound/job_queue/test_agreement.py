"""Both queues, whatever is done to them, answer alike."""

import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import structs

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.job_queue.sqlite import SqliteJobQueue
from domain.ids import JobId, UserId
from ports.errors import Conflict
from ports.job_queue import ClaimedJob, Job, JobQueue

LEASE = timedelta(seconds=60)
names = st.sampled_from("ab").map(JobId)
kinds = st.sampled_from(["x", "y"])
recent = st.sampled_from([-1, -1, -1, -2, -3])
"""Which claim, counted from the newest."""
users = st.sampled_from(["ann", "bob"]).map(UserId)
Pair = tuple[ClaimedJob, ClaimedJob]
CONFLICT = "conflict"


class BothQueues(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.claims: list[Pair] = []
        self.clock = ManualClock()
        self.folder = tempfile.TemporaryDirectory()
        self.portal_context = start_blocking_portal()
        self.portal: BlockingPortal = self.portal_context.__enter__()
        self.memory = InMemoryJobQueue(clock=self.clock)
        self.sqlite = SqliteJobQueue(data_dir=Path(self.folder.name), clock=self.clock)
        self.portal.call(self.sqlite.__aenter__)

    def teardown(self) -> None:
        self.portal.call(self.sqlite.__aexit__, None, None, None)
        self.portal_context.__exit__(None, None, None)
        self.folder.cleanup()

    def both(self, act: Callable[[JobQueue, int], Awaitable[Any]]) -> tuple[Any, Any]:
        async def tried(queue: JobQueue, index: int) -> object:
            try:
                return await act(queue, index)
            except Conflict:
                return CONFLICT

        return self.portal.call(tried, self.memory, 0), self.portal.call(tried, self.sqlite, 1)

    def alike(self, act: Callable[[JobQueue, int], Awaitable[Any]]) -> None:
        in_memory, in_sqlite = self.both(act)
        assert in_memory == in_sqlite

    @rule(name=names, kind=kinds, user=users, delay=st.sampled_from([0, 0, 5]))
    def enqueue(self, name: JobId, kind: str, user: UserId, delay: int) -> None:
        job = Job(id=name, kind=kind, user=user, payload=name.encode())
        self.alike(lambda queue, _: queue.enqueue(job, not_before=self.clock.now() + timedelta(seconds=delay)))

    @rule(wanted=st.sampled_from([("x", "y"), ("x", "y"), ("y",), ()]))
    def claim(self, wanted: tuple[str, ...]) -> None:
        in_memory, in_sqlite = self.both(lambda queue, _: queue.claim(wanted, lease=LEASE))
        if in_memory is None:
            assert in_sqlite is None
            return
        assert structs.replace(in_sqlite, lease="") == structs.replace(in_memory, lease="")
        self.claims.append((in_memory, in_sqlite))

    @precondition(lambda self: self.claims)
    @rule(which=recent)
    def extend(self, which: int) -> None:
        claim = self.picked(which)
        self.alike(lambda queue, index: queue.extend(claim[index], lease=LEASE))

    @precondition(lambda self: self.claims)
    @rule(which=recent, step=st.sampled_from("12"), result=st.sampled_from([b"a", b"b"]))
    def remember(self, which: int, step: str, result: bytes) -> None:
        claim = self.picked(which)
        self.alike(lambda queue, index: queue.remember(claim[index], step, result))

    @precondition(lambda self: self.claims)
    @rule(which=recent)
    def complete(self, which: int) -> None:
        claim = self.picked(which)
        self.alike(lambda queue, index: queue.complete(claim[index]))

    @precondition(lambda self: self.claims)
    @rule(which=recent, delay=st.sampled_from([None, None, 0, 5]))
    def fail(self, which: int, delay: int | None) -> None:
        claim = self.picked(which)
        retry_at = None if delay is None else self.clock.now() + timedelta(seconds=delay)
        self.alike(lambda queue, index: queue.fail(claim[index], reason="no", retry_at=retry_at))

    @rule()
    def take_and_give_up(self) -> None:
        """On the way to a revived job, chance alone would take too long."""
        before = len(self.claims)
        self.claim(("x", "y"))
        if len(self.claims) > before:
            self.remember(-1, "1", b"a")
            self.fail(-1, None)

    @rule(name=names)
    def revive(self, name: JobId) -> None:
        self.alike(lambda queue, _: queue.revive(name))

    @rule(name=names)
    def forget(self, name: JobId) -> None:
        self.alike(lambda queue, _: queue.forget(name))

    @rule(pause=st.sampled_from([1, 5, 60]))
    def time_passes(self, pause: int) -> None:
        self.portal.call(self.clock.advance, pause)

    @rule()
    def reopen(self) -> None:
        self.portal.call(self.sqlite.__aexit__, None, None, None)
        self.portal.call(self.sqlite.__aenter__)

    @invariant()
    def dead_letters_are_alike(self) -> None:
        self.alike(lambda queue, _: queue.dead_letters())
        self.alike(lambda queue, _: queue.dead_letters(UserId("ann")))

    @invariant()
    def remembered_steps_are_alike(self) -> None:
        for claim in self.claims[-2:]:
            self.alike(lambda queue, index, claim=claim: queue.recall(claim[index]))  # type: ignore[misc]

    def picked(self, which: int) -> Pair:
        return self.claims[max(which, -len(self.claims))]


BothQueues.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestBothQueuesAgree = BothQueues.TestCase
