"""`/v1/users/developer`: addresses of the caller's own that are told what happens."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.inbound.http.errors import FAILURES
from application.plugins.developer_webhooks import DeveloperWebhooks, WebhookKind
from domain.errors import InvalidRequest
from domain.ids import UserId

DONE = {"status": "ok"}


class WebhookIn(Struct, kw_only=True):
    """An address; empty for none."""

    url: Annotated[str, Meta(max_length=4_000)]


class WebhookOut(Struct, frozen=True):
    """The address as it was written."""

    url: str


class WebhookStatuses(Struct, frozen=True, kw_only=True):
    """Which of them are told something."""

    audio_bytes: bool
    realtime_transcript: bool
    memory_created: bool
    day_summary: bool


class DeveloperWebhooksController(Controller):
    """Webhooks of the caller. They are called as plugins are: at public addresses only."""

    path = "/v1/users/developer"
    tags: Sequence[str] | None = ["users"]

    @get("/webhooks/status", status_code=200, responses=FAILURES, summary="Which webhooks are on")
    async def statuses(
        self, *, user: NamedDependency[UserId], developer_webhooks: NamedDependency[DeveloperWebhooks]
    ) -> WebhookStatuses:
        """One that has no address is off."""
        return WebhookStatuses(**{kind.value: await developer_webhooks.is_enabled(user, kind) for kind in WebhookKind})

    @get("/webhook/{kind:str}", status_code=200, responses=FAILURES, summary="The address of a webhook")
    async def read(
        self,
        *,
        user: NamedDependency[UserId],
        developer_webhooks: NamedDependency[DeveloperWebhooks],
        kind: FromPath[str],
    ) -> WebhookOut:
        """Empty where there is none."""
        return WebhookOut(await developer_webhooks.address(user, _kind(kind)))

    @post("/webhook/{kind:str}", status_code=200, responses=FAILURES, summary="Set the address of a webhook")
    async def write(
        self,
        *,
        user: NamedDependency[UserId],
        developer_webhooks: NamedDependency[DeveloperWebhooks],
        kind: FromPath[str],
        data: JSONBody[WebhookIn],
    ) -> dict[str, str]:
        """Sets it and turns it on; an empty one turns it off."""
        await developer_webhooks.set_address(user, _kind(kind), data.url)
        return DONE

    @post("/webhook/{kind:str}/enable", status_code=200, responses=FAILURES, summary="Turn a webhook on")
    async def enable(
        self,
        *,
        user: NamedDependency[UserId],
        developer_webhooks: NamedDependency[DeveloperWebhooks],
        kind: FromPath[str],
    ) -> dict[str, str]:
        """From now on."""
        await developer_webhooks.enable(user, _kind(kind))
        return DONE

    @post("/webhook/{kind:str}/disable", status_code=200, responses=FAILURES, summary="Turn a webhook off")
    async def disable(
        self,
        *,
        user: NamedDependency[UserId],
        developer_webhooks: NamedDependency[DeveloperWebhooks],
        kind: FromPath[str],
    ) -> dict[str, str]:
        """The address stays."""
        await developer_webhooks.disable(user, _kind(kind))
        return DONE


def _kind(name: str) -> WebhookKind:
    try:
        return WebhookKind(name)
    except ValueError as error:
        expected = ", ".join(WebhookKind)
        raise InvalidRequest(f"webhook: {name[:20]!r} is not known; expected one of {expected}") from error
