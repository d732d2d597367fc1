"""Tokens that this installation issues itself: no account anywhere, no service to ask."""

from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio.to_thread
import jwt

from adapters.outbound.authenticator.secret_key import secret_key
from adapters.outbound.authenticator.verdict import LONGEST_USER, is_user, principal, refused
from domain.ids import UserId
from ports.authenticator import Principal
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError

ALGORITHM = "HS256"
AUDIENCE = "omi"
LONGEST_TOKEN = 8_192
"""Characters. A longer one is not even looked at."""
_OPTIONS: Any = {
    "require": ["sub", "aud"],
    # times are judged by the injected clock
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


class LocalAuthenticator:
    """Signs and judges tokens with the key in `data_dir/secret.key`: HMAC-SHA256, RFC 7519."""

    def __init__(self, *, data_dir: Path, clock: Clock) -> None:
        self._path = data_dir / "secret.key"
        self._clock = clock
        self._key: bytes | None = None

    async def __aenter__(self) -> Self:
        self._key = await anyio.to_thread.run_sync(secret_key, self._path)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._key = None

    def issue(self, user: UserId, *, lifetime: timedelta | None = None) -> str:
        """A token that says who somebody is, for a time or for good. Reads the key if this is not open.

        Raises:
            ValueError: nobody can be called that.
            Rejected: what is in the key file is no key.
            TemporarilyUnavailable: the key can be neither read nor made.
        """
        if not is_user(user):
            raise ValueError(f"a user is called something of 1 to {LONGEST_USER:,} characters")
        now = self._clock.now()
        claims: dict[str, object] = {"sub": user, "aud": AUDIENCE, "iat": int(now.timestamp())}
        if lifetime is not None:
            claims["exp"] = int((now + lifetime).timestamp())
        return jwt.encode(claims, self._signing_key(), algorithm=ALGORITHM)

    async def authenticate(self, token: str) -> Principal:
        """Whose token it is. Takes 30 us and asks nobody.

        Raises:
            Unauthenticated: the token is wrong, expired, or not for us. Does not say which.
            TemporarilyUnavailable: this is not open and the key cannot be read.
        """
        if len(token) > LONGEST_TOKEN:
            raise refused()
        try:
            claims = jwt.decode(token, self._signing_key(), algorithms=[ALGORITHM], audience=AUDIENCE, options=_OPTIONS)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            # all but the first: the header is parsed before the signature is known to be good, and holds anything
            raise refused() from error
        now = self._clock.now()
        return principal(user=claims["sub"], expires=claims.get("exp"), not_before=claims.get("nbf"), now=now)

    async def diagnose(self) -> Diagnosis:
        """Whether there is a key that only its owner can read."""
        return await anyio.to_thread.run_sync(self._diagnose)

    def _signing_key(self) -> bytes:
        if self._key is None:
            self._key = secret_key(self._path)
        return self._key

    def _diagnose(self) -> Diagnosis:
        try:
            secret_key(self._path)
        except AdapterError as error:
            remedy = f"make {self._path} readable for this user, or restore it"
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=remedy)
        if self._path.stat().st_mode & 0o077:
            finding, remedy = f"others can read {self._path}", f"chmod 600 {self._path}"
            return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy=remedy)
        return Diagnosis(condition=Condition.WORKING, finding=f"tokens are signed with {self._path}")
