import base64
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import anyio
import pytest
import trustme

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.plugin_gateway.http import HttpPluginGateway, HttpPluginGatewaySettings
from domain.ids import PluginId, UserId
from domain.memory import CalendarEvent, Geolocation, PluginResult, Source, Structure
from domain.plugin import PluginReply
from ports.errors import Rejected, TemporarilyUnavailable
from ports.plugin_gateway import PluginCall
from tests.support.memories import a_memory, a_segment
from tests.support.plugin_server import (
    Answer,
    PluginServer,
    closes_at_once,
    closes_mid_body,
    drips,
    floods,
    hangs,
    plugin_server,
    raw,
    says,
)

ANNA, ECHO = UserId("anna"), PluginId("echo")


def call(address: str, **more: Any) -> PluginCall:
    return PluginCall(plugin=ECHO, user=ANNA, address=address, **more)


@asynccontextmanager
async def opened(folder: Path, server: PluginServer, **more: Any) -> AsyncIterator[HttpPluginGateway]:
    settings = HttpPluginGatewaySettings(**{"allowed": server.place, **more})
    with anyio.fail_after(20):
        async with HttpPluginGateway(settings, data_dir=folder, clock=ManualClock()) as gateway:
            yield gateway


@pytest.fixture
async def server() -> AsyncIterator[PluginServer]:
    async with plugin_server() as running:
        yield running


@pytest.fixture
async def gateway(tmp_path: Path, server: PluginServer) -> AsyncIterator[HttpPluginGateway]:
    async with opened(tmp_path, server, live_timeout=0.3, memory_timeout=0.6) as ready:
        yield ready


async def test_a_memory_arrives_as_plugins_know_it(server: PluginServer, gateway: HttpPluginGateway) -> None:
    berlin = timezone(timedelta(hours=1))
    event = CalendarEvent(title="Lunch", start=datetime(2026, 1, 2, 13, tzinfo=berlin), duration=45)
    memory = a_memory(
        started_at=datetime(2026, 1, 1, 11, tzinfo=UTC),
        structure=Structure(title="Plans", events=(event,)),
        segments=(a_segment(at=2, speaker=1),),
        geolocation=Geolocation(latitude=52, longitude=13),
        plugin_results=(PluginResult(plugin_id=PluginId("sum"), content="All well"),),
        external={"text": "from elsewhere"},
    )
    await gateway.tell_memory(call(server.url("/hook?key=1"), id="d1"), memory)
    request = server.received[0]
    assert (request.method, request.query) == ("POST", {"key": ["1"], "uid": ["anna"]})
    assert request.headers["content-type"] == "application/json"
    body = request.json
    assert (body["id"], body["created_at"]) == ("memory", "2026-01-01T12:00:00+00:00")
    assert (body["started_at"], body["finished_at"]) == ("2026-01-01T11:00:00+00:00", None)
    assert body["structured"]["events"][0]["start"] == "2026-01-02T12:00:00+00:00"
    assert body["structured"]["category"] == "other"
    assert body["transcript_segments"][0] == {
        "id": "segment-2",
        "text": "Hello there.",
        "speaker": "SPEAKER_01",
        "speaker_id": 1,
        "speakerId": 1,
        "is_user": False,
        "person_id": None,
        "start": 2.0,
        "end": 3.0,
    }
    assert body["plugins_results"] == [{"plugin_id": "sum", "content": "All well"}]
    assert body["apps_results"] == body["apps_response"] == [{"app_id": "sum", "content": "All well"}]
    assert body["geolocation"]["latitude"] == 52.0
    assert body["external_data"] == {"text": "from elsewhere"}
    assert (body["photos"], body["discarded"], body["deleted"]) == ([], False, False)


async def test_what_a_workflow_sent_along_stays_here(server: PluginServer, gateway: HttpPluginGateway) -> None:
    await gateway.tell_memory(call(server.url()), a_memory(source=Source.WORKFLOW, external={"text": "private"}))
    assert server.received[0].json["external_data"] is None


async def test_live_speech_arrives_as_an_object_with_its_session(
    server: PluginServer, gateway: HttpPluginGateway
) -> None:
    await gateway.tell_transcript(call(server.url()), [a_segment("Hi"), a_segment("there", at=1)], session="talk 1")
    request = server.received[0]
    assert request.query == {"session_id": ["talk 1"], "uid": ["anna"]}
    assert request.json["session_id"] == "talk 1"
    assert [segment["text"] for segment in request.json["segments"]] == ["Hi", "there"]


async def test_audio_arrives_byte_for_byte(server: PluginServer, gateway: HttpPluginGateway) -> None:
    await gateway.tell_audio(call(server.url()), bytes(range(256)) * 100, sample_rate=16_000)
    request = server.received[0]
    assert request.body == bytes(range(256)) * 100
    assert request.headers["content-type"] == "application/octet-stream"
    assert request.query == {"sample_rate": ["16000"], "uid": ["anna"]}


async def test_the_question_whether_a_plugin_is_set_up_names_the_user(
    server: PluginServer, gateway: HttpPluginGateway
) -> None:
    server.answers["/setup"] = says({"is_setup_completed": True})
    assert await gateway.is_set_up(call(server.url("/setup?app=1")))
    assert (server.received[0].method, server.received[0].query) == ("GET", {"app": ["1"], "uid": ["anna"]})


@pytest.mark.parametrize("answer", [b"", b"ok", b"true", b"[]", b'{"is_setup_completed": "true"}', b"\xff"])
async def test_only_a_clear_yes_means_that_a_plugin_is_set_up(
    server: PluginServer, gateway: HttpPluginGateway, answer: bytes
) -> None:
    server.answers["/hook"] = raw(answer)
    assert not await gateway.is_set_up(call(server.url()))


async def test_a_plugin_can_check_where_a_call_comes_from(server: PluginServer, gateway: HttpPluginGateway) -> None:
    await gateway.tell_memory(call(server.url(), id="delivery-7"), a_memory())
    request = server.received[0]
    moment = request.headers["webhook-timestamp"]
    assert int(moment) == int(ManualClock().now().timestamp())
    assert request.headers["webhook-id"] == "delivery-7"
    key = base64.b64decode(gateway.signing_secret(ECHO, ANNA).removeprefix("whsec_"))
    content = b".".join((b"delivery-7", moment.encode(), request.body))
    expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


async def test_signing_secrets_stay_the_same_after_a_restart(tmp_path: Path, server: PluginServer) -> None:
    async with opened(tmp_path, server) as first, opened(tmp_path, server) as second:
        assert first.signing_secret(ECHO, ANNA) == second.signing_secret(ECHO, ANNA)
    async with opened(tmp_path / "other", server) as other, opened(tmp_path, server, signing_key="set") as chosen:
        assert len({gateway.signing_secret(ECHO, ANNA) for gateway in (first, other, chosen)}) == 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (hangs, TemporarilyUnavailable),
        (drips, TemporarilyUnavailable),
        (closes_at_once, TemporarilyUnavailable),
        (closes_mid_body, TemporarilyUnavailable),
        (raw(b"", status=429), TemporarilyUnavailable),
        (raw(b"", status=503), TemporarilyUnavailable),
        (raw(b"", status=404), Rejected),
        (raw(b"", status=410), Rejected),
        (floods(10 * 1024 * 1024), Rejected),
        (raw(b"x" * 300_000), Rejected),
        (raw(b"", status=302, headers="Location: https://plugin.example/\r\n"), Rejected),
        (raw(b"", status=304), Rejected),
    ],
)
async def test_a_plugin_that_misbehaves_is_one_error_in_time(
    server: PluginServer, gateway: HttpPluginGateway, answer: Answer, error: type[Exception]
) -> None:
    server.answers["/hook"] = answer
    with anyio.fail_after(3), pytest.raises(error):
        await gateway.tell_memory(call(server.url()), a_memory())


async def test_a_redirect_to_a_private_address_is_not_followed(tmp_path: Path) -> None:
    async with plugin_server() as outside, plugin_server() as inside:
        outside.answers["/hook"] = raw(b"", status=307, headers=f"Location: {inside.url()}\r\n")
        async with opened(tmp_path, outside) as gateway:
            with pytest.raises(Rejected):
                await gateway.tell_memory(call(outside.url()), a_memory())
        assert inside.connections == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"ok", b"[1]", b'"text"', b"<html>", b"\xff\xfe", b"[" * 50_000, b'{"message": 5}', b'{"message": null}'],
)
async def test_an_answer_that_is_not_understood_says_nothing(
    server: PluginServer, gateway: HttpPluginGateway, body: bytes
) -> None:
    server.answers["/hook"] = raw(body)
    assert await gateway.tell_memory(call(server.url()), a_memory()) == PluginReply()


@pytest.mark.parametrize(
    "notification", [5, {}, {"prompt": ""}, {"prompt": 5}, {"prompt": "x" * 128_001}, {"prompt": None, "params": "x"}]
)
async def test_a_notification_that_is_not_one_is_nothing(
    server: PluginServer, gateway: HttpPluginGateway, notification: object
) -> None:
    server.answers["/hook"] = says({"notification": notification})
    assert (await gateway.tell_memory(call(server.url()), a_memory())).notification is None


async def test_a_long_message_is_cut_off(server: PluginServer, gateway: HttpPluginGateway) -> None:
    server.answers["/hook"] = says({"message": "x" * 20_000})
    assert len((await gateway.tell_memory(call(server.url()), a_memory())).message) == 10_000


async def test_nothing_on_this_machine_is_called_unless_it_is_allowed(tmp_path: Path, server: PluginServer) -> None:
    more = {"allowed": f"127.0.0.1:{server.port + 1}", "allow_http": True, "ports": f"443,{server.port}"}
    async with opened(tmp_path, server, **more) as gateway:
        for address in (server.url(), f"http://localhost:{server.port}/"):
            with pytest.raises(Rejected):
                await gateway.tell_memory(call(address), a_memory())
    assert server.connections == 0


async def test_the_name_is_kept_for_the_certificate_and_the_server(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("plugin.example").configure_cert(context)
    named: list[str] = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)

    async def here(_host: str, _port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    async with plugin_server(context) as server:
        settings = HttpPluginGatewaySettings(
            allowed=f"plugin.example:{server.port},other.example:{server.port}",
            certificates=str(tmp_path / "authority.pem"),
        )
        gateway = HttpPluginGateway(settings, data_dir=tmp_path, clock=ManualClock(), resolve=here)
        async with gateway:
            await gateway.tell_memory(call(f"https://plugin.example:{server.port}/hook"), a_memory())
            with pytest.raises(TemporarilyUnavailable):
                await gateway.tell_memory(call(f"https://other.example:{server.port}/hook"), a_memory())
        assert [request.headers["host"] for request in server.received] == [f"plugin.example:{server.port}"]
        assert named == ["plugin.example", "other.example"]


async def test_settings_that_make_no_sense_name_themselves(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="OMI_PLUGIN_GATEWAY__HTTP__PORTS"):
        HttpPluginGateway(HttpPluginGatewaySettings(ports="http"), data_dir=tmp_path, clock=ManualClock())
    settings = HttpPluginGatewaySettings(certificates=str(tmp_path / "none.pem"))
    with pytest.raises(Rejected, match="OMI_PLUGIN_GATEWAY__HTTP__CERTIFICATES"):
        async with HttpPluginGateway(settings, data_dir=tmp_path, clock=ManualClock()):
            pass


async def test_a_memory_that_cannot_be_written_is_rejected(server: PluginServer, gateway: HttpPluginGateway) -> None:
    with pytest.raises(Rejected):
        await gateway.tell_memory(call(server.url()), a_memory(language="\ud800"))
    assert server.connections == 0
