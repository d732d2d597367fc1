"""A chain of language models that looks like one which never fails. What one cannot do now, a simpler one does."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, TypeVar

import anyio
from msgspec import structs

from adapters.outbound.language_model.ladder_rung import LastRung, Rung
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable
from ports.language_model import Answer, Capabilities, LanguageModel, Task

T = TypeVar("T")
R = TypeVar("R")

_GRACE_SECONDS = 5.0
"""Beyond a task's budget, for a model that does not keep to it."""
_BROKEN_OFF = "…\n\n"
"""Between what a model wrote before it broke off, and what stands in for the rest."""


class LadderLanguageModel:
    """The models of a chain, in order of preference; the last one is embedded and always tried.

    What is learned of a model holds for all tasks: after a failure it is left alone for a while, after a wrong key for
    longer. A model that refuses a task, or does not get it right, is not left alone: others it may do well. An answer
    says that it is degraded where a preferred model may do better later; not where it refused, for it would again.

    A task fails only when nobody can do it and it has no fallback.
    """

    name = "ladder"

    def __init__(self, models: Sequence[LanguageModel], *, clock: Clock) -> None:
        """A chain.

        Args:
            models: first the one to use while it works; at least one.
            clock: for how long a model is left alone.
        """
        self._models = models
        self._clock = clock
        self._rungs: list[Rung] = []
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> "LadderLanguageModel":
        for model in self._models:
            context: Any = model
            if hasattr(context, "__aenter__"):
                await self._opened.enter_async_context(context)
        *preferred, last = self._models
        self._rungs = [Rung(model, monotonic=self._clock.monotonic) for model in preferred]
        self._rungs.append(LastRung(last, monotonic=self._clock.monotonic))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.__aexit__(kind, error, trace)

    @property
    def capabilities(self) -> Capabilities:
        """Of the model that would be asked now."""
        return next(rung for rung in self._rungs if rung.is_worth_a_try).model.capabilities

    async def generate(self, task: Task[T]) -> Answer[T]:
        """Does a task with the first model that can; see the port.

        Raises:
            AdapterError: nobody can, and the task has no fallback.
        """

        async def attempt(model: LanguageModel) -> Answer[T]:
            with anyio.fail_after(task.budget.seconds + _GRACE_SECONDS):
                return await model.generate(task)

        answer, failed = await self._first(task, attempt)
        if answer is None:
            answer = Answer(value=_fallback(task, failed), model=self.name)
        worth_another_try = any(is_passing for _, is_passing in failed)
        return structs.replace(answer, degraded=(task.name,)) if worth_another_try else answer

    @asynccontextmanager
    async def stream(self, task: Task[str]) -> AsyncIterator[AsyncIterator[str]]:
        """Writes with the first model that begins; see the port. If it breaks off, the task's fallback follows."""
        async with AsyncExitStack() as stack:

            async def attempt(model: LanguageModel) -> tuple[AsyncIterator[str], LanguageModel]:
                return await stack.enter_async_context(model.stream(task)), model

            begun, failed = await self._first(task, attempt)
            yield _text(_fallback(task, failed)) if begun is None else self._whole(task, *begun)

    async def _first(
        self, task: Task[Any], attempt: Callable[[LanguageModel], Awaitable[R]]
    ) -> tuple[R | None, list[tuple[AdapterError, bool]]]:
        """What the first model gave that could; and why others could not, and whether that may pass."""
        failed: list[tuple[AdapterError, bool]] = []
        for rung in self._rungs:
            if not rung.may_try():
                failed.append((TemporarilyUnavailable(f"{task.name} was not tried: {rung.reason}"), True))
                continue
            began = self._clock.monotonic()
            try:
                result = await attempt(rung.model)
            except Exception as error:  # noqa: BLE001 - one model may fail alone, whatever is wrong with it
                failed.append(rung.failed(error, began=began))
            else:
                rung.served(began=began)
                return result, failed
        return None, failed

    async def _whole(self, task: Task[str], pieces: AsyncIterator[str], model: LanguageModel) -> AsyncIterator[str]:
        try:
            async for piece in pieces:
                yield piece
        except AdapterError as error:
            rung = next(rung for rung in self._rungs if rung.model is model)
            rung.failed(error, began=self._clock.monotonic())
            if task.fallback is None:
                raise
            yield f"{_BROKEN_OFF}{task.fallback}"


def _fallback(task: Task[T], failed: Sequence[tuple[AdapterError, bool]]) -> T:
    if task.fallback is not None:
        return task.fallback
    passing = [error for error, is_passing in failed if is_passing]
    raise (passing or [error for error, _ in failed])[0]


async def _text(text: str) -> AsyncIterator[str]:
    yield text
