"""What every tracer does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from adapters.outbound.tracer.none import NoTracer
from adapters.outbound.tracer.otlp import OtlpTracer, OtlpTracerSettings
from ports.tracer import Attribute, Tracer
from tests.contract.harness import Harness, over
from tests.support.otlp_receiver import collecting


@asynccontextmanager
async def none(_folder: Path) -> AsyncIterator[Tracer]:
    yield NoTracer()


@asynccontextmanager
async def otlp(_folder: Path) -> AsyncIterator[Tracer]:
    async with collecting() as collector, OtlpTracer(OtlpTracerSettings(endpoint=collector.url)) as ready:
        yield ready


HARNESSES: dict[str, Harness[Tracer]] = {"none": none, "otlp": otlp}


@pytest.fixture(params=over("tracer", HARNESSES))
async def tracer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Tracer]:
    async with request.param(tmp_path) as ready:
        yield ready


async def test_work_is_done_within_spans(tracer: Tracer) -> None:
    done = []
    with tracer.span("outer", {Attribute.METHOD: "GET"}) as outer:
        with tracer.span("inner") as inner:
            inner.note(Attribute.STATUS, 200)
            done.append("inner")
        outer.rename("GET /")
        done.append("outer")
    assert done == ["inner", "outer"]


async def test_an_error_goes_on_as_it_is(tracer: Tracer) -> None:
    error = ValueError("what was said")
    with pytest.raises(ValueError, match="what was said") as caught, tracer.span("work"):
        raise error
    assert caught.value is error


async def test_work_may_be_cancelled_within_a_span(tracer: Tracer) -> None:
    with anyio.move_on_after(0) as scope, tracer.span("work"):
        await anyio.sleep_forever()
    assert scope.cancelled_caught


async def test_spans_of_several_tasks_do_not_mind_each_other(tracer: Tracer) -> None:
    async def work(name: str) -> None:
        with tracer.span(name):
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(work, str(number))
