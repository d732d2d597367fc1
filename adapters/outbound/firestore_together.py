"""Several calls at once, some at a time, that fail as one."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

from ports.errors import AdapterError, cause

T = TypeVar("T")
AT_ONCE = 16


async def together(calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """The outcomes of calls, in their order.

    Raises:
        AdapterError: one of them failed; the others were broken off.
    """
    outcomes: dict[int, T] = {}
    room = anyio.Semaphore(AT_ONCE)

    async def run(number: int, call: Callable[[], Awaitable[T]]) -> None:
        async with room:
            outcomes[number] = await call()

    failure: AdapterError | None = None
    try:
        async with anyio.create_task_group() as tasks:
            for number, call in enumerate(calls):
                tasks.start_soon(run, number, call)
    except* AdapterError as group:
        failure = cause(group)  # what is raised in here would leave as a group
    if failure is not None:
        raise failure
    return [outcomes[number] for number in range(len(calls))]
