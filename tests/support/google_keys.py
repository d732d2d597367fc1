"""Keys like Google's, certificates of them served as Google serves them, and tokens as Firebase signs them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import anyio
import jwt
from anyio.abc import SocketAttribute, SocketStream
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from adapters.inbound.simulators.http_upload import HttpAnswer, HttpUpload
from adapters.outbound.authenticator.firebase import FirebaseAuthenticator
from domain.ids import UserId
from ports.authenticator import Principal
from ports.clock import Clock

PROJECT = "omi-test"
HOUR = timedelta(hours=1)


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """A key of its own for each name; made once, for it takes a while."""
    del name
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@cache
def certificate(name: str) -> str:
    """The certificate of a key, signed with itself."""
    key, whose = private_key(name), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        issuer_name=whose,
        subject_name=whose,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_valid_after=datetime(2040, 1, 1, tzinfo=UTC),
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def signed(claims: dict[str, Any], *, key: str = "first", **header: Any) -> str:
    """A token with any claims."""
    return jwt.encode(claims, private_key(key), algorithm="RS256", headers={"kid": key} | header)


def claims(user: str, *, now: datetime, lifetime: timedelta = HOUR, **other: Any) -> dict[str, Any]:
    """What Firebase says of a user."""
    issued = int(now.timestamp())
    return {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "auth_time": issued,
        "user_id": user,
        "sub": user,
        "iat": issued,
        "exp": int((now + lifetime).timestamp()),
        "firebase": {"identities": {}, "sign_in_provider": "google.com"},
    } | other


class GoogleKeys:
    """A server of certificates."""

    def __init__(self) -> None:
        self.url = ""
        self.fetches = 0
        self.status = 200
        self.content: object = {name: certificate(name) for name in ("first", "second")}
        self.headers = {"cache-control": "public, max-age=21600, must-revalidate, no-transform"}
        self.answering = anyio.Event()
        self.answering.set()

    async def serve(self, client: SocketStream) -> None:
        """Answers one request."""
        upload = HttpUpload()
        async with client:
            try:
                while upload.feed(await client.receive()) is None:
                    pass
                self.fetches += 1
                await self.answering.wait()
                await client.send(HttpAnswer(status=self.status, content=self.content, headers=self.headers).encode())
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return


@asynccontextmanager
async def google_keys() -> AsyncIterator[GoogleKeys]:
    """Serves certificates on a free port until the context is left."""
    server = GoogleKeys()
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        server.url = f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}/certificates"  # noqa: S610 - not Django's
        tasks.start_soon(listener.serve, server.serve)
        yield server
        tasks.cancel_scope.cancel()


class FirebaseIssuer:
    """An authenticator, and who issues what it judges."""

    def __init__(self, authenticator: FirebaseAuthenticator, clock: Clock) -> None:
        self._authenticator = authenticator
        self._clock = clock

    def issue(self, user: UserId, *, lifetime: timedelta | None = None) -> str:
        """A token; for an hour, where nothing else is said."""
        return signed(claims(user, now=self._clock.now(), lifetime=lifetime or HOUR))

    async def authenticate(self, token: str) -> Principal:
        """See the adapter."""
        return await self._authenticator.authenticate(token)
