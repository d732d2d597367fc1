"""Firebase Cloud Messaging, simulated: checks signatures as Google does, and knows which devices are gone."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.inbound.simulators.http_service import serving
from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest

PROJECT = "simulated"
EMAIL = "sender@simulated.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
LARGEST = 4_096
LIFETIME = 3_600


class SimulatedFcm:
    """A running simulation, and what it was asked to send."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        """What sending is answered with; may be changed at any time."""
        self.sent: list[dict[str, Any]] = []
        """Messages, in the order of coming."""
        self.gone: set[str] = set()
        """Addresses that lead nowhere any more."""
        self.granted = 0
        """Tokens that were given out. Only the last one is good."""
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)

    @property
    def service_account(self) -> str:
        """What Google's console would give for download."""
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return json.dumps(
            {
                "type": "service_account",
                "project_id": PROJECT,
                "client_email": EMAIL,
                "private_key": pem,
                "token_uri": f"{self.url}/token",
            }
        )

    async def answer(self, request: HttpRequest) -> HttpAnswer:
        """Gives tokens for signatures, and takes messages for tokens."""
        if request.method == "POST" and request.path == "/token":
            return self._granted(request)
        if request.method != "POST" or request.path != f"/v1/projects/{PROJECT}/messages:send":
            return _refused(404, "NOT_FOUND")
        if request.headers.get("authorization") != f"Bearer token-{self.granted}":
            return _refused(401, "UNAUTHENTICATED")
        if self.status != 200:
            return _refused(self.status, "scripted")
        return self._taken(request)

    def _granted(self, request: HttpRequest) -> HttpAnswer:
        form = parse_qs(request.body.decode())
        try:
            claims = jwt.decode(
                form["assertion"][0],
                self._key.public_key(),
                algorithms=["RS256"],
                audience=f"{self.url}/token",
                issuer=EMAIL,
                options={"verify_exp": False, "verify_iat": False},  # it lives in whatever time its client does
            )
            if claims["scope"] != SCOPE or claims["exp"] - claims["iat"] > LIFETIME:
                return HttpAnswer(status=400, content={"error": "invalid_scope"})
        except (LookupError, jwt.InvalidTokenError):
            return HttpAnswer(status=400, content={"error": "invalid_grant"})
        self.granted += 1
        content = {"access_token": f"token-{self.granted}", "expires_in": LIFETIME, "token_type": "Bearer"}
        return HttpAnswer(status=200, content=content)

    def _taken(self, request: HttpRequest) -> HttpAnswer:
        try:
            message = msgspec.json.decode(request.body)["message"]
            content = {"notification": message["notification"], "data": message.get("data", {})}
            address = message["token"]
        except (msgspec.DecodeError, LookupError, TypeError):
            return _refused(400, "INVALID_ARGUMENT")
        if len(json.dumps(content)) > LARGEST or not all(isinstance(value, str) for value in content["data"].values()):
            return _refused(400, "INVALID_ARGUMENT")
        if address in self.gone:
            return _refused(404, "NOT_FOUND", code="UNREGISTERED")
        self.sent.append(message)
        return HttpAnswer(status=200, content={"name": f"projects/{PROJECT}/messages/{len(self.sent)}"})


@asynccontextmanager
async def serve_fcm(*, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[SimulatedFcm]:
    """Runs a simulation until the context is left; port 0 takes a free one.

    Raises:
        OSError: the address is taken or is none.
    """
    simulation = SimulatedFcm()
    async with serving(simulation.answer, host=host, port=port) as simulation.url:
        yield simulation


def _refused(status: int, reason: str, *, code: str = "") -> HttpAnswer:
    kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    details = [{"@type": kind, "errorCode": code}] if code else []
    error = {"code": status, "message": reason, "status": reason, "details": details}
    return HttpAnswer(status=status, content={"error": error})
