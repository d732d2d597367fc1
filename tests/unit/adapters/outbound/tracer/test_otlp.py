"""Traces as a collector gets them."""

import anyio
import pytest

from adapters.outbound.tracer.otlp import OtlpTracer, OtlpTracerSettings
from ports.errors import Rejected
from ports.tracer import Attribute
from tests.support.otlp_receiver import attributes, collecting


async def test_a_span_lies_within_the_one_around_it_also_in_a_task_of_its_own() -> None:
    async with collecting() as collector:
        async with OtlpTracer(OtlpTracerSettings(endpoint=collector.url, service="omi-test")) as tracer:

            async def work() -> None:
                with tracer.span("leg", {Attribute.RECOGNIZER: "deepgram"}):
                    await anyio.lowlevel.checkpoint()

            with tracer.span("session") as session:
                session.note(Attribute.CODE, 1012)
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(work)
        session, leg = collector.named("session"), collector.named("leg")
    assert collector.service == "omi-test"
    assert (leg.trace_id, leg.parent_span_id) == (session.trace_id, session.span_id)
    assert not session.parent_span_id
    assert attributes(session) == {"omi.code": 1012}
    assert attributes(leg) == {"omi.recognizer": "deepgram"}
    assert leg.start_time_unix_nano <= leg.end_time_unix_nano <= session.end_time_unix_nano


async def test_of_an_error_only_its_type_is_told() -> None:
    async with collecting() as collector:
        async with OtlpTracer(OtlpTracerSettings(endpoint=collector.url)) as tracer:
            with pytest.raises(ValueError, match="canary"), tracer.span("work"):
                raise ValueError("canary-7d1: what somebody said")
        work = collector.named("work")
    assert attributes(work) == {"error.type": "ValueError"}
    assert work.status.code == 2
    assert b"canary-7d1" not in collector.raw


async def test_headers_go_along() -> None:
    async with collecting() as collector:
        settings = OtlpTracerSettings(endpoint=collector.url, headers="X-Key = one, x-team=two")
        async with OtlpTracer(settings) as tracer:
            with tracer.span("work"):
                pass
    assert {name: collector.headers[0][name] for name in ("x-key", "x-team")} == {"x-key": "one", "x-team": "two"}


async def test_headers_of_another_form_stop_the_start() -> None:
    with pytest.raises(Rejected, match="OMI_TRACER__OTLP__HEADERS"):
        async with OtlpTracer(OtlpTracerSettings(headers="secret")):
            pass


async def test_of_no_share_nothing_is_sent() -> None:
    async with collecting() as collector:
        async with OtlpTracer(OtlpTracerSettings(endpoint=collector.url, share=0.0)) as tracer:
            with tracer.span("work"):
                pass
        assert not collector.spans


async def test_a_collector_that_is_away_delays_nobody() -> None:
    settings = OtlpTracerSettings(endpoint="http://127.0.0.1:1/v1/traces", timeout=0.2)
    with anyio.fail_after(5):
        async with OtlpTracer(settings) as tracer:
            with tracer.span("work"):
                pass
