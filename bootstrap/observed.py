"""What is watched of a running program: its numbers and its traces, put around what does the work."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import structlog

from adapters.inbound.metrics.endpoint import MetricsEndpoint
from adapters.inbound.metrics.loop_lag import LoopLag
from adapters.inbound.metrics.open_conversations import OpenConversations
from adapters.inbound.metrics.own_port import served
from application.jobs.job_failure import JobFailure
from application.jobs.job_tally import JobTally
from application.jobs.run_jobs import Handler, JobRun
from bootstrap.container import OPENED, Container
from bootstrap.reports import tell_job_failure
from ports.measures import Measurable
from ports.tracer import Attribute, Tracer

log = structlog.get_logger()


class Observed:
    """The numbers of a program, and where they can be read."""

    def __init__(self, container: Container, *, around: Sequence[Measurable]) -> None:
        """Numbers of the adapters, of the use-cases that count, and of what is around the program."""
        self._lag = LoopLag()
        self._settings = container.settings().metrics
        adapters = (getattr(container, name)() for name in OPENED)
        self.sources: tuple[Measurable, ...] = (
            *around,
            self._lag,
            container.live_sessions(),
            OpenConversations(lambda: container.conversations().open),
            container.finished_audio(),
            container.job_tally(),
            *(adapter for adapter in adapters if isinstance(adapter, Measurable)),
        )
        self.endpoint = MetricsEndpoint(self.sources, settings=self._settings)

    @property
    def is_apart(self) -> bool:
        """Whether the numbers have a port of their own."""
        return self._settings.port != 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Looks at the event loop all the while, and serves the port of its own where there is one.

        Raises:
            Rejected: that port cannot be listened on.
        """
        async with AsyncExitStack() as stack:
            if self.is_apart:  # before any task: what cannot be listened on is told by itself, not as one of a group
                place = served(self.endpoint, host=self._settings.host, port=self._settings.port)
                log.info("metrics_served", address=await stack.enter_async_context(place))
            tasks = await stack.enter_async_context(anyio.create_task_group())
            tasks.start_soon(self._lag.run)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()


def watched(handlers: Mapping[str, Handler], *, tally: JobTally, tracer: Tracer) -> dict[str, Handler]:
    """The same handlers, timed, and each attempt with its steps traced."""
    return {kind: tally.timed(kind, _traced(kind, handler, tracer)) for kind, handler in handlers.items()}


def _traced(kind: str, handler: Handler, tracer: Tracer) -> Handler:
    async def run(job: JobRun) -> None:
        job.watch = lambda step: tracer.span(f"{kind}: {step}")
        with tracer.span(f"job {kind}", {Attribute.JOB: kind, Attribute.ATTEMPT: job.attempt}):
            await handler(job)

    return run


def counted_failure(tally: JobTally, failure: JobFailure) -> None:
    """An attempt failed: counted, and told in the log."""
    tally.failed(failure)
    tell_job_failure(failure)
