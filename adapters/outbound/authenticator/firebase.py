"""Tokens of Firebase Authentication, which is where Omi's apps sign in."""

import base64
from types import TracebackType
from typing import Annotated, Any, Literal, Self

import jwt
import msgspec
from msgspec import Meta, Struct

from adapters.outbound.authenticator.admin_key import acts_as, require_strong
from adapters.outbound.authenticator.firebase_keys import FirebaseKeys
from adapters.outbound.authenticator.firebase_users import FirebaseUsers
from adapters.outbound.authenticator.verdict import LEEWAY, principal, refused
from adapters.outbound.secret import Secret
from ports.authenticator import Principal
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected

ALGORITHM = "RS256"
ISSUER = "https://securetoken.google.com/"
LONGEST_TOKEN = 8_192
"""Characters. A longer one is not even looked at."""
LONGEST_USER = 128
"""Characters, as Firebase has it."""
_CLAIMS: Any = {
    "require": ["sub", "aud", "iss", "exp", "iat"],
    # times are judged by the injected clock
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
_SETTINGS = "the `authenticator.firebase` settings"


class FirebaseAuthenticatorSettings(Struct, frozen=True, kw_only=True):
    """Whose tokens are taken."""

    project: str = ""
    """Of the Firebase project that the apps sign in to."""
    certificates_url: str = "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
    timeout: Annotated[float, Meta(gt=0)] = 5.0
    """Seconds for one request."""
    admin_key: Secret = ""
    """Who says this key with a user's name behind it is that user. Empty: nobody."""
    service_account: Secret = ""
    """Has Google asked whether users were disabled or signed out: the file from its console, or its content."""
    recheck: Annotated[float, Meta(gt=0)] = 300.0
    """Seconds for which what Google said about a user is believed."""


class FirebaseAuthenticator:
    """Judges tokens by itself, with Google's public keys. Google is asked for keys a few times a day.

    With a service account, whoever was disabled or signed out everywhere is refused, too, a moment after their next
    request or `recheck` later: no request waits for Google to be asked.
    """

    def __init__(self, *, settings: FirebaseAuthenticatorSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._keys = FirebaseKeys(settings.certificates_url, timeout=settings.timeout, clock=clock)
        self.users = FirebaseUsers(
            settings.service_account,
            project=settings.project,
            timeout=settings.timeout,
            believed=settings.recheck,
            clock=clock,
        )

    async def __aenter__(self) -> Self:
        if not self._settings.project:
            raise Rejected(f"tokens of no Firebase project can be judged: set `project` in {_SETTINGS}")
        require_strong(self._settings.admin_key, f"`admin_key` in {_SETTINGS}")
        await self._keys.__aenter__()
        await self.users.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.users.__aexit__(kind, error, trace)
        await self._keys.__aexit__(kind, error, trace)

    async def authenticate(self, token: str) -> Principal:
        """Whose token it is.

        Raises:
            Unauthenticated: the token is wrong, expired, or not for us. Does not say which.
            TemporarilyUnavailable: Google's keys are not known and cannot be fetched.
        """
        user = acts_as(token, key=self._settings.admin_key)
        if user is not None:
            return Principal(user=user)
        if len(token) > LONGEST_TOKEN:
            raise refused()
        return self._judged(await self._proven(token))

    async def diagnose(self) -> Diagnosis:
        """Whether Google's keys can be fetched."""
        await self._keys.refresh()
        if self._keys.trouble:
            remedy = f"check the network and `certificates_url` in {_SETTINGS}"
            return Diagnosis(condition=Condition.BROKEN, finding=self._keys.trouble, remedy=remedy)
        finding = f"tokens of the Firebase project {self._settings.project} are taken"
        return Diagnosis(condition=Condition.WORKING, finding=finding)

    async def _proven(self, token: str) -> dict[str, Any]:
        """The claims of a token that Google signed for this project."""
        try:
            key = await self._keys.find(_header(token).kid)
            if key is None:
                raise refused()
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._settings.project,
                issuer=ISSUER + self._settings.project,
                options=_CLAIMS,
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            # all but the first: the header is parsed before the signature is known to be good, and holds anything
            raise refused() from error

    def _judged(self, claims: dict[str, Any]) -> Principal:
        issued, signed_in = claims["iat"], claims.get("auth_time", claims["iat"])
        latest = self._clock.now().timestamp() + LEEWAY
        if not all(_is_time(moment) and moment <= latest for moment in (issued, signed_in)):
            raise refused()
        if claims["aud"] != self._settings.project or claims["exp"] is None:
            raise refused()
        found = principal(user=claims["sub"], expires=claims["exp"], not_before=None, now=self._clock.now())
        if len(found.user) > LONGEST_USER or self.users.have_withdrawn(found.user, issued=issued):
            raise refused()
        return found


class _Header(Struct, frozen=True):
    """What a token says of its signature before that is known to be good."""

    alg: Literal["RS256"]
    kid: str


def _header(token: str) -> _Header:
    """Raises ValueError when it is none."""
    part = token.partition(".")[0]
    content = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    return msgspec.json.decode(content, type=_Header)


def _is_time(claim: object) -> bool:
    return isinstance(claim, int | float) and not isinstance(claim, bool)
