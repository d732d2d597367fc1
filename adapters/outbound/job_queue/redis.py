"""Work in Redis, for many servers: one gets it, and what it did counts as long as its lease is good."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import anyio

from adapters.outbound.job_queue import redis_scripts
from adapters.outbound.job_queue.named_users import names
from adapters.outbound.job_queue.redis_diagnosis import diagnosed
from adapters.outbound.job_queue.watch import Watch
from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.moments import microseconds
from adapters.outbound.redis_connection import RedisConnection, RedisServer, command
from adapters.outbound.redis_listener import RedisListener
from domain.ids import JobId, UserId, new_id
from ports.clock import Clock
from ports.diagnosis import Diagnosis
from ports.errors import Conflict
from ports.job_queue import ClaimedJob, DeadLetter, Job, Pile

PREFIX = b"{omi:jobs}:"
_CHANGES = PREFIX + b"changes"
_ANY_JOB = PREFIX + b"job:*"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE = 200
"""Dead letters that are read at once: Redis does nothing else meanwhile."""


class RedisJobQueueSettings(RedisServer, frozen=True, kw_only=True):
    """Settings of the queue."""


class RedisJobQueue:
    """Keeps work in Redis, as safely as Redis keeps it: with `appendonly yes`, through its restart.

    The clocks of the servers decide when a lease ends: they have to agree far better than a lease is long.
    """

    def __init__(self, *, settings: RedisJobQueueSettings, clock: Clock) -> None:
        self._clock = clock
        self._redis = RedisConnection(settings)
        self._watch = Watch(clock=clock)
        self._listener = RedisListener(self._redis, heard=self._hear, resumed=self._resume, patience=settings.timeout)
        self._name = new_id().encode()

    async def __aenter__(self) -> Self:
        await self._redis.__aenter__()
        self._scripts = {name: self._redis.client.register_script(text) for name, text in _SCRIPTS.items()}
        self._listener.join(_CHANGES)
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._listener.run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(kind, error, trace)
        await self._redis.__aexit__(kind, error, trace)

    async def enqueue(self, job: Job, *, not_before: datetime | None = None) -> bool:
        """Takes work. False when the same id was taken before, whatever became of it."""
        due = microseconds(not_before or self._clock.now())
        words = (key_bytes(job.id), key_bytes(job.kind), key_bytes(job.user), job.payload, due, new_id())
        taken = await self._ask("enqueue", *words, self._name)
        self._watch.change()
        return bool(taken)

    async def claim(self, kinds: Sequence[str], *, lease: timedelta) -> ClaimedJob | None:
        """The oldest work that is due, for a time; None when there is none. Of many callers one gets it."""
        changes, now, name = self._watch.changes, self._clock.now(), new_id()
        end = microseconds(now + lease)
        # when an answer is lost, that work waits until its lease is over: another attempt gets other work
        found = await self._ask("claim", name, microseconds(now), end, *(key_bytes(kind) for kind in kinds))
        if not found:
            self._watch.looked_in_vain(changes=changes, at=now)
            return None
        return ClaimedJob(job=_job(found), attempt=found[4], lease=name)

    async def extend(self, claim: ClaimedJob, *, lease: timedelta) -> None:
        """Keeps the work for longer, counted from now."""
        await self._write("extend", claim, microseconds(self._clock.now() + lease))

    async def remember(self, claim: ClaimedJob, step: str, result: bytes) -> None:
        """Notes what a step gave."""
        await self._write("remember", claim, key_bytes(step), result)

    async def recall(self, claim: ClaimedJob) -> dict[str, bytes]:
        """What steps have given so far, in this attempt and earlier ones."""
        found = await self._write("recall", claim)
        return {key_text(name): result for name, result in zip(found[::2], found[1::2], strict=True)}

    async def complete(self, claim: ClaimedJob) -> None:
        """The work is done. Only that it was taken once is kept."""
        await self._write_once("complete", claim)

    async def fail(self, claim: ClaimedJob, *, reason: str, retry_at: datetime | None) -> None:
        """The work failed: again at a time, or never (a dead letter)."""
        if retry_at is None:
            await self._write_once("bury", claim, key_bytes(reason))
            return
        await self._write_once("retry", claim, key_bytes(reason), microseconds(retry_at), self._name)
        self._watch.change()

    async def dead_letters(self, user: UserId | None = None) -> tuple[DeadLetter, ...]:
        """Work that was given up, newest first."""
        letters: dict[JobId, DeadLetter] = {}
        first = 0
        while page := await self._ask("dead_letters", first, first + _PAGE - 1):
            found = map(_letter, page)
            letters |= {letter.job.id: letter for letter in found if user is None or letter.job.user == user}
            first += _PAGE
        return tuple(letters.values())

    async def revive(self, job_id: JobId) -> bool:
        """Takes a dead letter up again, its steps remembered, its attempts counted anew. False when there is none."""
        revived = await self._ask_once("revive", key_bytes(job_id), microseconds(self._clock.now()), self._name)
        self._watch.change()
        return bool(revived)

    async def forget(self, job_id: JobId) -> None:
        """Removes all trace of a job, so that the same id may be taken again."""
        await self._ask("forget", key_bytes(job_id))

    async def ids_of(self, user: UserId) -> tuple[JobId, ...]:
        """Work of a user, and whatever id names the user; sorted."""
        start = PREFIX + b"job:"
        found = set()
        async for place in self._redis.scan(_ANY_JOB, count=_PAGE):
            job = JobId(key_text(place.removeprefix(start)))
            if names(job, user) or await self._user_of(place) == key_bytes(user):
                found.add(job)
        return tuple(sorted(found))

    async def pile(self) -> Pile:
        """How much there is to do now."""
        now = microseconds(self._clock.now())
        ready, all_open, dead, first = await self._ask("pile", now)
        waited = (now - int(float(first))) / 1e6 if first else 0.0
        return Pile(ready=ready, oldest=max(waited, 0.0), open=all_open, dead=dead)

    async def wait(self, *, at_most: timedelta) -> None:
        """Returns when work may be due, on whatever server it was taken, or when the time is over."""
        await self._watch.wait(self._next_due, at_most=at_most)

    async def diagnose(self) -> Diagnosis:
        """Whether Redis answers, keeps work through a restart and a full memory, and has our time."""
        return await diagnosed(self._redis, self._clock)

    async def _user_of(self, place: bytes) -> bytes | None:
        found: bytes | None = await self._redis.ask(lambda client: command(client, "HGET", place, "user"))
        return found

    async def _write(self, name: str, claim: ClaimedJob, *words: bytes | int) -> Any:  # noqa: ANN401 - the script's
        return _held(await self._ask(name, *self._proof(claim), *words))

    async def _write_once(self, name: str, claim: ClaimedJob, *words: bytes | int) -> None:
        """For what a second attempt would find to be somebody else's, because the first one did it."""
        _held(await self._ask_once(name, *self._proof(claim), *words))

    def _proof(self, claim: ClaimedJob) -> tuple[bytes, str, int]:
        return key_bytes(claim.job.id), claim.lease, microseconds(self._clock.now())

    async def _ask(self, name: str, *words: bytes | str | int) -> Any:  # noqa: ANN401 - the script's
        return await self._redis.ask(lambda _: self._scripts[name]((PREFIX,), words))

    async def _ask_once(self, name: str, *words: bytes | str | int) -> Any:  # noqa: ANN401 - the script's
        return await self._redis.ask_once(lambda _: self._scripts[name]((PREFIX,), words))

    async def _next_due(self, after: datetime) -> datetime | None:
        found = await self._ask("next_due", microseconds(after))
        return _EPOCH + timedelta(microseconds=int(float(found))) if found else None

    async def _hear(self, _channel: bytes, whose: bytes) -> None:
        if whose != self._name:
            self._watch.change()

    async def _resume(self, _channel: bytes) -> None:
        self._watch.change()


_SCRIPTS = {
    name.lower(): getattr(redis_scripts, name)
    for name in (
        "ENQUEUE",
        "CLAIM",
        "EXTEND",
        "REMEMBER",
        "RECALL",
        "COMPLETE",
        "RETRY",
        "BURY",
        "REVIVE",
        "FORGET",
        "DEAD_LETTERS",
        "NEXT_DUE",
        "PILE",
    )
}


def _held(answer: Any) -> Any:  # noqa: ANN401 - the script's
    if answer == 0:
        raise Conflict("this work is somebody else's by now, or done")
    return answer


def _job(found: Sequence[bytes]) -> Job:
    identifier, kind, user, payload = found[:4]
    return Job(id=JobId(key_text(identifier)), kind=key_text(kind), user=UserId(key_text(user)), payload=payload)


def _letter(found: Sequence[bytes]) -> DeadLetter:
    attempts, reason, died = found[4:7]
    died_at = _EPOCH + timedelta(microseconds=int(died))
    return DeadLetter(job=_job(found), attempts=int(attempts), reason=key_text(reason), died_at=died_at)
