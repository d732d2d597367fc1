"""What only Cloud Storage does: names, signed addresses, and how it fails."""

import hashlib
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import anyio
import httpx
import pytest
from anyio.abc import SocketAttribute, SocketStream
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from adapters.inbound.simulators.http_upload import HttpAnswer, HttpUpload
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.object_store.gcs import GcsObjectStore, GcsObjectStoreSettings
from adapters.outbound.object_store.gcs_names import name_of
from domain.ids import UserId
from ports.diagnosis import Condition
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from tests.support.cloud_storage import cloud_storage
from tests.support.google_keys import private_key
from tests.support.memories import HOSTILE

ANN = UserId("ann")
DAY = timedelta(days=1)


def service_account() -> str:
    pem = private_key("service").private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "omi-test",
            "client_email": "omi@example.org",
            "token_uri": "http://127.0.0.1:9/token",
            "private_key": pem.decode(),
        }
    )


@asynccontextmanager
async def opened(folder: Path, **fields: str | float) -> AsyncIterator[GcsObjectStore]:
    bucket = hashlib.sha256(str(folder).encode()).hexdigest()[:40]
    given = {"bucket": bucket, "endpoint": cloud_storage(bucket), "links": "server", "patience": 0.5, "timeout": 0.5}
    settings = GcsObjectStoreSettings(**(given | fields))
    async with GcsObjectStore(settings=settings, data_dir=folder, clock=SystemClock()) as store:
        yield store


@asynccontextmanager
async def answering(*answers: int) -> AsyncIterator[str]:
    """A server with these statuses, the last one for good; 0: none at all."""
    statuses = list(answers)

    async def answer(client: SocketStream) -> None:
        upload = HttpUpload()
        async with client:
            while upload.feed(await client.receive()) is None:
                pass
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            if not status:
                await anyio.sleep_forever()
            headers = {"x-goog-hash": "crc32c=4waSgw=="}
            await client.send(HttpAnswer(status=status, content={"name": "ann/key"}, headers=headers).encode())

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, answer)
        yield f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}"  # noqa: S610 - not Django's
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize(
    "key",
    ["speech_profile.wav", "additional_profile_recordings/m1_segment_2.wav", "people_profiles/p 1/m1_segment_0.wav"],
)
async def test_objects_are_called_as_omis_own_backend_calls_them(tmp_path: Path, key: str) -> None:
    bucket = hashlib.sha256(str(tmp_path).encode()).hexdigest()[:40]
    endpoint = cloud_storage(bucket)
    async with opened(tmp_path) as store:
        await store.put(ANN, key, b"ours")

        def original() -> tuple[bytes, str]:
            client = storage.Client(
                project="omi", credentials=AnonymousCredentials(), client_options={"api_endpoint": endpoint}
            )
            with client._http:
                blob = client.bucket(bucket).get_blob(f"ann/{key}")
                content, kind = blob.download_as_bytes(), blob.content_type
                blob.upload_from_string(b"theirs")
            return content, kind

        content, kind = await anyio.to_thread.run_sync(original)
        assert (content, kind) in {(b"ours", "audio/x-wav"), (b"ours", "audio/wav"), (b"ours", "audio/vnd.wave")}
        assert await store.get(ANN, key) == b"theirs"


async def test_speech_profiles_may_lie_in_a_bucket_of_their_own(tmp_path: Path) -> None:
    cloud_storage("omi-profiles")
    async with opened(tmp_path, profiles_bucket="omi-profiles") as store, opened(tmp_path) as without:
        for key in ("speech_profile.wav", "people_profiles/1/a.wav", "recordings/1.flac"):
            await store.put(ANN, key, b"content")
        assert await store.list(ANN) == ("people_profiles/1/a.wav", "recordings/1.flac", "speech_profile.wav")
        assert await store.list(ANN, "people_") == ("people_profiles/1/a.wav",)
        assert await without.list(ANN) == ("recordings/1.flac",)
        assert await store.get(ANN, "speech_profile.wav") == b"content"


def test_every_place_has_a_name_of_its_own_that_google_takes() -> None:
    places = [(user, key) for user in HOSTILE for key in (*HOSTILE, "👩" * 1000)]
    names = {name_of(user, key) for user, key in places}
    assert len(names) == len(places)
    for name in names:
        assert len(name.encode()) <= 1024
        assert not {"", ".", ".."} & set(name.split("/"))
        assert name.isascii()
        assert name.isprintable()


async def test_a_signed_address_leads_to_the_object_and_cannot_be_changed(tmp_path: Path) -> None:
    async with opened(tmp_path) as writer, opened(tmp_path, links="google", service_account=service_account()) as store:
        for key in ("recordings/a b.wav", "..", "a//b", "ü"):
            await writer.put(ANN, key, key.encode())
            store._client, kept = writer._client, store._client  # it is signed only: nobody gives us a token here
            signer = kept._credentials
            store._client._credentials, anonymous = signer, store._client._credentials
            address = await store.link(ANN, key, lifetime=DAY)
            store._client._credentials, store._client = anonymous, kept
            async with httpx.AsyncClient() as http:
                assert (await http.get(address)).content == key.encode()
            parts = urlsplit(address)
            query = dict(parse_qsl(parts.query))
            signature = bytes.fromhex(query.pop("X-Goog-Signature"))
            assert query["X-Goog-Expires"] == "86400"
            canonical = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in sorted(query.items()))
            request = "\n".join(["GET", parts.path, canonical, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
            digest = hashlib.sha256(request.encode()).hexdigest()
            said = "\n".join(
                ["GOOG4-RSA-SHA256", query["X-Goog-Date"], query["X-Goog-Credential"].split("/", 1)[1], digest]
            )
            private_key("service").public_key().verify(signature, said.encode(), padding.PKCS1v15(), hashes.SHA256())


async def test_what_cannot_sign_gives_no_address(tmp_path: Path) -> None:
    async with opened(tmp_path, links="google") as store:
        await store.put(ANN, "key", b"content")
        with pytest.raises(Rejected):
            await store.link(ANN, "key", lifetime=DAY)
        with pytest.raises(NotFound):
            await store.link(ANN, "other", lifetime=DAY)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Rejected), (403, Rejected), (400, Rejected), (429, TemporarilyUnavailable), (500, TemporarilyUnavailable),
     (503, TemporarilyUnavailable), (0, TemporarilyUnavailable)],
)  # fmt: skip
async def test_failures_are_told_in_the_words_of_the_port(tmp_path: Path, status: int, error: type[Exception]) -> None:
    async with answering(status) as endpoint, opened(tmp_path, endpoint=endpoint, timeout=0.1, patience=0.1) as store:
        for ask in (partial(store.put, ANN, "key", b""), partial(store.get, ANN, "key"), partial(store.list, ANN)):
            with pytest.raises(error), anyio.fail_after(5):
                await ask()
        assert (await store.diagnose()).condition is Condition.BROKEN


async def test_what_fails_once_is_tried_again(tmp_path: Path) -> None:
    async with answering(503, 200) as endpoint, opened(tmp_path, endpoint=endpoint, patience=10.0) as store:
        await store.delete(ANN, "key")
    async with answering(503, 200) as endpoint, opened(tmp_path, endpoint=endpoint, patience=10.0) as store:
        assert await store.list(ANN) == ()


async def test_nothing_is_asked_that_nobody_wanted(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    async with opened(tmp_path) as store:
        await store.put(ANN, "key", b"content")
    left = [thread.name for thread in set(threading.enumerate()) - before if "fetch" in thread.name]
    async with answering(HTTPStatus.SERVICE_UNAVAILABLE) as url, opened(tmp_path, endpoint=url, patience=0.1) as store:
        with pytest.raises(TemporarilyUnavailable):
            await store.get(ANN, "key")
        left += [thread.name for thread in set(threading.enumerate()) - before if "fetch" in thread.name]
    assert left == []


async def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path, endpoint="http://127.0.0.1:9", patience=0.1) as store:
        with pytest.raises(TemporarilyUnavailable):
            await store.get(ANN, "key")


async def test_a_bucket_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path, bucket="nowhere") as store:
        with pytest.raises(Rejected):
            await store.put(ANN, "key", b"content")
        assert (await store.diagnose()).condition is Condition.BROKEN


async def test_a_bucket_that_can_be_read_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        assert (await store.diagnose()).condition is Condition.WORKING


@pytest.mark.parametrize(
    "fields", [{"bucket": ""}, {"service_account": "/no/such/file"}, {"service_account": '{"a": 1}'}]
)
async def test_settings_that_cannot_work_stop_the_start(tmp_path: Path, fields: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        async with opened(tmp_path, **fields):
            pass
