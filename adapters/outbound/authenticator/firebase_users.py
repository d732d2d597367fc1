"""What Google knows of users: asked behind their backs, so that no request waits for it."""

from collections import OrderedDict
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import firebase_admin  # type: ignore[import-untyped]
import msgspec
from firebase_admin import auth, credentials
from firebase_admin.exceptions import FirebaseError  # type: ignore[import-untyped]
from msgspec import Struct

from domain.ids import UserId, new_id
from ports.clock import Clock
from ports.errors import Rejected, TemporarilyUnavailable

_KNOWN = 50_000
"""Users that are remembered."""
_THREADS = 4
_AT_ONCE = 64
"""Users that are waited for. Who comes beyond is looked up with their next request."""


class FirebaseUser(Struct, frozen=True):
    """What Google knows of somebody."""

    display_name: str
    valid_after: float
    """Seconds since 1970: tokens that were issued earlier are worth nothing."""
    is_active: bool
    """Neither disabled nor removed."""


class FirebaseUsers:
    """Users by their names, as Google last told. Without a service account nothing is asked and nobody is known."""

    def __init__(self, service_account: str, *, project: str, timeout: float, believed: float, clock: Clock) -> None:
        self._service_account = service_account
        self._options = {"projectId": project, "httpTimeout": timeout}
        self._believed = believed
        self._clock = clock
        self._known: OrderedDict[UserId, tuple[FirebaseUser, float]] = OrderedDict()
        self._asked: set[UserId] = set()
        self._app: Any = None

    async def __aenter__(self) -> "FirebaseUsers":
        self._limiter = anyio.CapacityLimiter(_THREADS)
        self._tasks = anyio.create_task_group()
        if self._service_account:
            self._app = await anyio.to_thread.run_sync(self._open, limiter=self._limiter)
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *details: Any) -> None:  # noqa: ANN401 - handed through
        self._tasks.cancel_scope.cancel()
        await self._tasks.__aexit__(*details)
        if self._app is not None:
            firebase_admin.delete_app(self._app)

    def have_withdrawn(self, user: UserId, *, issued: float) -> bool:
        """Whether a token that was issued at a time (seconds since 1970) is known to be worth nothing any more."""
        if self._app is None:
            return False
        found, until = self._known.get(user, (None, 0.0))
        if self._clock.monotonic() >= until and user not in self._asked and len(self._asked) < _AT_ONCE:
            self._asked.add(user)
            self._tasks.start_soon(self._ask_quietly, user)
        return found is not None and (not found.is_active or issued < found.valid_after)

    async def display_name(self, user: UserId) -> str:
        """What somebody calls themselves; empty when that is not known. Asks Google.

        Raises:
            TemporarilyUnavailable: it cannot be asked.
        """
        if self._app is None:
            return ""
        return (await self._ask(user)).display_name

    async def _ask_quietly(self, user: UserId) -> None:
        try:
            await self._ask(user)
        except TemporarilyUnavailable:  # what was known stays known, and is asked for again in a while
            found, _ = self._known.get(user, (FirebaseUser("", 0.0, is_active=True), 0.0))
            self._remember(user, found)
        finally:
            self._asked.discard(user)

    async def _ask(self, user: UserId) -> FirebaseUser:
        # abandoned on cancelling: the SDK's request ends by its own timeout
        look_up = partial(_look_up, user, self._app)
        found = await anyio.to_thread.run_sync(look_up, limiter=self._limiter, abandon_on_cancel=True)
        self._remember(user, found)
        return found

    def _remember(self, user: UserId, found: FirebaseUser) -> None:
        self._known[user] = found, self._clock.monotonic() + self._believed
        self._known.move_to_end(user)
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)

    def _open(self) -> Any:  # noqa: ANN401 - the SDK has no types
        try:
            given = self._service_account
            account = msgspec.json.decode(given) if given.lstrip().startswith("{") else given
            return firebase_admin.initialize_app(credentials.Certificate(account), self._options, name=new_id())
        except (OSError, ValueError):
            # from None: the cause may quote the key
            raise Rejected("`service_account` is neither the file of a service account nor its content") from None


def _look_up(user: UserId, app: Any) -> FirebaseUser:  # noqa: ANN401 - the SDK has no types
    try:
        found = auth.get_user(user, app)
    except auth.UserNotFoundError:
        return FirebaseUser("", 0.0, is_active=False)
    except (FirebaseError, ValueError) as error:
        raise TemporarilyUnavailable(f"Firebase cannot be asked ({type(error).__name__})") from error
    valid_after = (found.tokens_valid_after_timestamp or 0) / 1000
    return FirebaseUser(found.display_name or "", valid_after, is_active=not found.disabled)
