"""Notifications through Firebase Cloud Messaging, to the device that a user's app registered."""

from contextlib import AsyncExitStack
from types import TracebackType

import anyio.to_thread
import httpx
import msgspec
from msgspec import Struct

from adapters.outbound.notifier.fcm_access import SETTING, Access, service_account
from adapters.outbound.notifier.fcm_message import fcm_message
from adapters.outbound.secret import Secret
from domain.ids import UserId
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.notifier import Addresses, Notification

_GONE = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
_ATTEMPTS = 2
"""The second one with a new token: the first may have been withdrawn."""


class FcmNotifierSettings(Struct, frozen=True, kw_only=True):
    """How Firebase is used."""

    service_account: Secret = ""
    """The file that Google's console gives for download, or its content."""
    url: str = "https://fcm.googleapis.com"
    """HTTP address without a path."""
    timeout: float = 10.0
    """Seconds for one request."""


class FcmNotifier:
    """Sends to the device of a user. An address that Firebase does not know any more is forgotten."""

    def __init__(self, addresses: Addresses, *, settings: FcmNotifierSettings, clock: Clock) -> None:
        self._addresses = addresses
        self._settings = settings
        self._clock = clock
        self._opened = AsyncExitStack()
        self._http: httpx.AsyncClient
        self._access: Access
        self._address = ""

    async def __aenter__(self) -> "FcmNotifier":
        account = await anyio.to_thread.run_sync(service_account, self._settings.service_account)
        self._http = await self._opened.enter_async_context(httpx.AsyncClient(timeout=self._settings.timeout))
        self._access = Access(account, http=self._http, clock=self._clock)
        self._address = f"{self._settings.url.rstrip('/')}/v1/projects/{account.project_id}/messages:send"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.__aexit__(kind, error, trace)

    async def notify(self, user: UserId, notification: Notification) -> None:
        """Sends to the user's device, where there is one; see the port.

        Raises:
            Rejected: Firebase does not let us send.
        """
        token = await self._addresses.of(user)
        if not token:
            return
        answer = await self._sent(fcm_message(notification, token=token))
        if answer.is_success:
            return
        if _is_gone(answer):
            await self._addresses.forget(user, token)
            return
        raise _failure(answer.status_code)

    async def diagnose(self) -> Diagnosis:
        """Gets a token."""
        try:
            await self._access.token()
        except Rejected as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=f"set {SETTING}")
        except TemporarilyUnavailable as error:
            return Diagnosis(condition=Condition.DEGRADED, finding=str(error), remedy="check the network")
        return Diagnosis(condition=Condition.WORKING, finding="Google accepts the service account")

    async def _sent(self, body: bytes) -> httpx.Response:
        for attempt in range(1, _ATTEMPTS + 1):
            headers = {"Authorization": f"Bearer {await self._access.token()}", "Content-Type": "application/json"}
            try:
                answer = await self._http.post(self._address, content=body, headers=headers)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise TemporarilyUnavailable(f"FCM cannot be reached: {type(error).__name__}") from None
            if answer.status_code != 401 or attempt == _ATTEMPTS:
                break
            self._access.drop()
        return answer


class _Violation(Struct, frozen=True):
    field: str = ""


class _Detail(Struct, frozen=True, rename="camel"):
    error_code: str = ""
    field_violations: tuple[_Violation, ...] = ()


class _Error(Struct, frozen=True):
    details: tuple[_Detail, ...] = ()


class _Refusal(Struct, frozen=True):
    error: _Error = _Error()


def _is_gone(answer: httpx.Response) -> bool:
    """Whether it is the address that is refused."""
    if answer.status_code not in {400, 403, 404}:
        return False
    try:
        details = msgspec.json.decode(answer.content, type=_Refusal).error.details
    except msgspec.DecodeError:
        return False
    wrong = {violation.field for detail in details for violation in detail.field_violations}
    return "message.token" in wrong or any(detail.error_code in _GONE for detail in details)


def _failure(status: int) -> AdapterError:
    if status in {401, 403, 404}:
        return Rejected(f"FCM does not let the service account send ({status}): look at {SETTING}")
    if 400 <= status < 500 and status not in {408, 429}:
        return Rejected(f"FCM refused the notification ({status})")
    return TemporarilyUnavailable(f"FCM failed ({status})")
