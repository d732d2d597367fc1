"""`/v1/users/fcm-token`: where notifications reach the caller."""

from collections.abc import Sequence

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from application.users.push_addresses import PushAddresses
from domain.ids import UserId

DONE = {"status": "Ok"}


class PushTokenIn(Struct, kw_only=True):
    """What the app knows of its device."""

    fcm_token: str
    time_zone: str
    """IANA name."""


class PushTokensController(Controller):
    """The device of the caller."""

    path = "/v1/users/fcm-token"
    tags: Sequence[str] | None = ["users"]

    @post(status_code=200, responses=FAILURES, summary="Say where notifications go, and what time it is there")
    async def register(
        self,
        *,
        user: NamedDependency[UserId],
        push_addresses: NamedDependency[PushAddresses],
        data: JSONBody[PushTokenIn],
    ) -> dict[str, str]:
        """Keeps address and time zone."""
        await push_addresses.register(user, data.fcm_token, time_zone=data.time_zone)
        return DONE
