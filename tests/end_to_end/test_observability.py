"""The numbers and the traces of the whole program, and that nobody is in them."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.crash import FAKES
from benchmarks.server_process import ServerProcess
from bootstrap.asgi import Program
from bootstrap.settings import WrongSetting, load
from domain import watermark
from ports.errors import Rejected
from ports.measures import Label
from ports.tracer import Attribute
from tests.support.listen_client import client, memories
from tests.support.otlp_receiver import Received, attributes, collecting
from tests.support.program import container_over

CANARY = "canary-user-51e"
KEY = "a-key-for-metrics"
Numbers = dict[tuple[str, ...], float]


@asynccontextmanager
async def reached(folder: Path, *, peer: str = "127.0.0.1", **settings: str) -> AsyncIterator[httpx.AsyncClient]:
    """The program, as somebody at an address reaches it."""
    application = Program(container_over(folder, **settings)).application
    transport = httpx.ASGITransport(application, client=(peer, 1))  # type: ignore[arg-type]
    rest: Any = application._rest
    async with rest.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as http:
        yield http


def numbers(text: str) -> Numbers:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_conversation_shows_in_the_numbers_and_in_the_traces_and_its_user_in_neither(tmp_path: Path) -> None:
    async with collecting() as collector:
        tracing = {"OMI_TRACER__NAME": "otlp", "OMI_TRACER__OTLP__ENDPOINT": collector.url}
        server = ServerProcess(tmp_path, settings=FAKES | tracing)
        await server.start()
        try:
            async with client(server, CANARY) as talker:
                await talker.say(watermark.speech(0, 6, pause=4_000) + bytes(24_000))
                await talker.until_words(6)
                live = await told(server)
                await talker.end_conversation()
                (memory,) = await memories(server, CANARY)
            text = await text_of(server)
        finally:
            await server.stop()
    assert (live["omi_sessions_live",], live["omi_sockets_open",], live["omi_final_words_total",]) == (1, 1, 6)
    found = numbers(text)
    assert found["omi_packets_total",] > 50
    assert found["omi_conversations_finished_total",] == 1
    assert found["omi_audio_seconds_total", "captured"] == pytest.approx(
        found["omi_audio_seconds_total", "gated"] + found["omi_audio_seconds_total", "finalized"]
    )
    assert found["omi_recognizer_connections_total", "fake"] == 1
    assert found["omi_recognizer_state", "fake", "closed"] == 1
    assert found["omi_recognizer_answer_seconds_count", "fake"] >= 1
    assert found["omi_recognizer_delivery_seconds_count", "fake"] >= 1
    assert found["omi_job_attempt_seconds_count", "create_memory"] == 1
    assert (found["omi_jobs_ready",], found["omi_jobs_dead",], found["omi_unmeasured_parts",]) == (0, 0, 0)
    assert found["omi_http_requests_total", "GET", "/v1/memories", "200"] >= 1
    assert found["omi_loop_lag_seconds_count",] > 0
    for private in (CANARY, memory["id"], watermark.text_of(3)):
        assert private not in text
        assert private.encode() not in collector.raw
    assert_traced(collector)


def assert_traced(collector: Received) -> None:
    """The session holds its recognizer's connection; the job holds its steps; requests are by themselves."""
    session, leg = collector.named("session"), collector.named("recognizer connection")
    assert leg.parent_span_id == session.span_id
    assert attributes(leg) == {"omi.recognizer": "fake", "omi.language": "en"}
    job, step = collector.named("job create_memory"), collector.named("create_memory: understand")
    assert (step.trace_id, step.parent_span_id) == (job.trace_id, job.span_id)
    assert attributes(job) == {"omi.job": "create_memory", "omi.attempt": 1}
    request = next(span for span in collector.spans if span.name == "GET /v1/memories")
    assert attributes(request)["http.response.status_code"] == 200
    allowed = {str(attribute) for attribute in Attribute}
    assert all(attributes(span).keys() <= allowed for span in collector.spans)


async def text_of(server: ServerProcess) -> str:
    async with httpx.AsyncClient() as http:
        return (await http.get(f"{server.address}/metrics")).raise_for_status().text


async def told(server: ServerProcess) -> Numbers:
    return numbers(await text_of(server))


async def test_all_labels_are_of_those_that_may_be(tmp_path: Path) -> None:
    async with reached(tmp_path) as http:
        await http.get("/health/ready")
        text = (await http.get("/metrics")).text
    used = {
        label
        for family in text_string_to_metric_families(text)
        if family.name.startswith("omi_")
        for sample in family.samples
        for label in sample.labels
    }
    assert used <= {str(label) for label in Label} | {"le"}
    assert numbers(text)["omi_adapter_condition", "sqlite", "working", "job_queue"] == 1


async def test_strangers_are_told_that_there_are_no_numbers(tmp_path: Path) -> None:
    async with reached(tmp_path, peer="10.0.0.7", OMI_METRICS__KEY=KEY) as http:
        assert (await http.get("/metrics")).status_code == 404
        assert (await http.get("/metrics", headers={"Authorization": "Bearer guess"})).status_code == 404
        allowed = await http.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
        assert allowed.status_code == 200
        assert allowed.headers["Cache-Control"] == "no-store"
        assert KEY not in allowed.text


async def test_numbers_may_have_a_port_of_their_own(tmp_path: Path, free_tcp_port: int) -> None:
    async with reached(tmp_path, OMI_METRICS__PORT=str(free_tcp_port)) as http:
        assert (await http.get("/metrics")).status_code == 404
        async with httpx.AsyncClient() as direct:
            with anyio.fail_after(5):
                answer = await direct.get(f"http://127.0.0.1:{free_tcp_port}/metrics")
        assert "omi_sessions_live" in answer.text


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"OMI_METRICS__KEY": "short"}, "OMI_METRICS__KEY is a secret of 5 characters; expected 16 or more"),
        ({"OMI_METRICS__READERS": "key"}, "OMI_METRICS__KEY is not set"),
        ({"OMI_METRICS__READERS": "all"}, "expected one of: local, key, nobody"),
    ],
)
def test_numbers_are_not_opened_by_mistake(said: dict[str, str], complaint: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=complaint):
        load(said, folder=tmp_path)


async def test_a_port_that_is_taken_stops_the_start_with_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = Program(container_over(tmp_path, OMI_METRICS__PORT=str(port)))
        rest: Any = program.application._rest
        with pytest.raises(ExceptionGroup) as failed:
            async with rest.lifespan():
                pass
    assert failed.group_contains(Rejected)
    assert (program.failure or "").startswith(f"cannot listen on 127.0.0.1:{port}: Address already in use")
