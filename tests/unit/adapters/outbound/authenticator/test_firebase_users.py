"""Who was disabled or signed out, and what people call themselves: the SDK against a server of its protocol."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import msgspec
import pytest
from anyio.abc import SocketAttribute, SocketStream
from cryptography.hazmat.primitives import serialization

from adapters.inbound.simulators.http_upload import HttpAnswer, HttpUpload
from adapters.outbound.authenticator.firebase import FirebaseAuthenticator, FirebaseAuthenticatorSettings
from adapters.outbound.clock.manual import ManualClock
from domain.errors import Unauthenticated
from domain.ids import UserId
from ports.errors import TemporarilyUnavailable
from tests.support.google_keys import PROJECT, claims, google_keys, private_key, signed

ANN = UserId("ann")


class Accounts:
    """Google's list of users."""

    def __init__(self) -> None:
        self.users: dict[str, dict[str, object]] = {
            "ann": {"localId": "ann", "displayName": "Ann Lee", "validSince": "0"},
        }
        self.status = 200
        self.lookups = 0

    async def serve(self, client: SocketStream) -> None:
        upload = HttpUpload()
        async with client:
            while (request := upload.feed(await client.receive())) is None:
                pass
            [name] = msgspec.json.decode(request.body)["localId"]
            found = [self.users[name]] if name in self.users else []
            await client.send(HttpAnswer(status=self.status, content={"users": found}).encode())
            self.lookups += 1


@pytest.fixture
async def accounts(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Accounts]:
    server = Accounts()
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", f"127.0.0.1:{port}")
        tasks.start_soon(listener.serve, server.serve)
        yield server
        tasks.cancel_scope.cancel()


def service_account() -> str:
    pem = private_key("service").private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "project_id": PROJECT,
        "client_email": "omi@example.org",
        "token_uri": "http://127.0.0.1:9/token",
        "private_key": pem.decode(),
    }
    return json.dumps(account)


@asynccontextmanager
async def authenticator(clock: ManualClock) -> AsyncIterator[FirebaseAuthenticator]:
    async with google_keys() as google:
        settings = FirebaseAuthenticatorSettings(
            project=PROJECT, certificates_url=google.url, service_account=service_account(), timeout=1.0
        )
        async with FirebaseAuthenticator(settings=settings, clock=clock) as ready:
            yield ready


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(5):
        while not condition():
            await anyio.sleep(0.002)


async def after_a_look(ready: FirebaseAuthenticator, accounts: Accounts, token: str) -> None:
    """Has somebody looked up behind their back."""
    seen = accounts.lookups
    await ready.authenticate(token)
    await until(lambda: accounts.lookups > seen and not ready.users._asked)


@pytest.mark.parametrize("change", [{"disabled": True}, {"validSince": "1900000000"}, None])
async def test_whoever_was_disabled_signed_out_or_removed_is_refused_soon(
    accounts: Accounts, change: dict[str, object] | None
) -> None:
    clock = ManualClock()
    async with authenticator(clock) as ready:
        token = signed(claims("ann", now=clock.now()))
        await after_a_look(ready, accounts, token)
        await ready.authenticate(token)
        assert accounts.lookups == 1
        if change is None:
            accounts.users.clear()
        else:
            accounts.users["ann"] |= change
        await clock.advance(301)
        await after_a_look(ready, accounts, token)
        with pytest.raises(Unauthenticated):
            await ready.authenticate(token)


async def test_while_google_cannot_be_asked_tokens_are_believed(accounts: Accounts) -> None:
    clock = ManualClock()
    accounts.status = 500
    async with authenticator(clock) as ready:
        token = signed(claims("ann", now=clock.now()))
        for _ in range(20):
            await ready.authenticate(token)
        await until(lambda: accounts.lookups > 0)
        await ready.authenticate(token)


async def test_display_names_are_told(accounts: Accounts) -> None:
    async with authenticator(ManualClock()) as ready:
        assert await ready.users.display_name(ANN) == "Ann Lee"
        assert await ready.users.display_name(UserId("nobody")) == ""
        accounts.status = 400
        with pytest.raises(TemporarilyUnavailable):
            await ready.users.display_name(ANN)
