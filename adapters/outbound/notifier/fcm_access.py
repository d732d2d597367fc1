"""Who sends: a service account of Google, and the short-lived tokens it gets for its signature."""

from pathlib import Path

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Struct

from ports.clock import Clock
from ports.errors import Rejected, TemporarilyUnavailable

SETTING = "OMI_NOTIFIER__FCM__SERVICE_ACCOUNT"
_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFETIME = 3_600
_MARGIN = 120.0
"""Seconds before its end that a token is not used any more."""


class ServiceAccount(Struct, frozen=True):
    """What Google's console gives for download, as far as it is used."""

    project_id: str
    client_email: str
    private_key: str
    """PEM."""
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address


class _Granted(Struct, frozen=True):
    access_token: str
    expires_in: float = _LIFETIME


def service_account(setting: str) -> ServiceAccount:
    """The account that the setting holds, or the file that it names.

    Raises:
        Rejected: there is none, or it is damaged.
    """
    if not setting:
        raise Rejected(f"FCM needs a service account: set {SETTING} to its file")
    try:
        content = setting.encode() if setting.lstrip().startswith("{") else Path(setting).read_bytes()
        account = msgspec.json.decode(content, type=ServiceAccount)
        load_pem_private_key(account.private_key.encode(), password=None)
    except OSError as error:
        raise Rejected(f"the file that {SETTING} names cannot be read: {error.strerror}") from error
    except (ValueError, TypeError):
        raise Rejected(f"{SETTING} is no service account of Google's") from None  # its parts may be secret
    return account


class Access:
    """Tokens of one account; each is used until shortly before it ends."""

    def __init__(self, account: ServiceAccount, *, http: httpx.AsyncClient, clock: Clock) -> None:
        self._account = account
        self._http = http
        self._clock = clock
        self._token = ""
        self._ends = 0.0

    async def token(self) -> str:
        """A token that is good now.

        Raises:
            Rejected: Google does not know the account or its key.
            TemporarilyUnavailable: no answer, or none that is understood.
        """
        if not self._token or self._clock.monotonic() >= self._ends:
            granted = await self._granted()
            self._token, self._ends = granted.access_token, self._clock.monotonic() + granted.expires_in - _MARGIN
        return self._token

    def drop(self) -> None:
        """The token was refused: the next one is a new one."""
        self._token = ""

    async def _granted(self) -> _Granted:
        form = {"grant_type": _GRANT, "assertion": self._signed()}
        try:
            answer = await self._http.post(self._account.token_uri, data=form)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TemporarilyUnavailable(f"no token for FCM: {type(error).__name__}") from None
        if 400 <= answer.status_code < 500 and answer.status_code not in {408, 429}:
            raise Rejected(f"Google refused the service account ({answer.status_code}): look at {SETTING}")
        try:
            return msgspec.json.decode(answer.raise_for_status().content, type=_Granted)
        except httpx.HTTPStatusError:
            raise TemporarilyUnavailable(f"no token for FCM: {answer.status_code}") from None
        except msgspec.DecodeError:
            raise TemporarilyUnavailable("no token for FCM: the answer is not understood") from None

    def _signed(self) -> str:
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._account.client_email,
            "scope": _SCOPE,
            "aud": self._account.token_uri,
            "iat": now,
            "exp": now + _LIFETIME,
        }
        return jwt.encode(claims, self._account.private_key, algorithm="RS256")
