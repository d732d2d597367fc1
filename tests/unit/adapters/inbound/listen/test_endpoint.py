"""A socket whose client goes while it is let in."""

from typing import Any

import pytest
from uvicorn.protocols.utils import ClientDisconnected

from adapters.inbound.listen.endpoint import ListenEndpoint
from adapters.outbound.clock.manual import ManualClock
from tests.support.http_app import NameIsToken
from tests.support.world import World


@pytest.mark.parametrize("token", [b"Bearer token-anna", b"Bearer nobody"])
@pytest.mark.parametrize("path", ["/listen", "/v4/listen", "/v4/web/listen"])
async def test_a_client_that_goes_before_it_is_let_in_is_no_error(path: str, token: bytes) -> None:
    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(_: Any) -> None:
        raise ClientDisconnected

    endpoint = ListenEndpoint(
        listen=(world := World()).listen, authenticator=NameIsToken(), clock=ManualClock(), streams=world.streams
    )
    scope = {"path": path, "query_string": b"", "headers": [(b"authorization", token)]}
    await endpoint(scope, receive, send)
    assert endpoint.live_sessions == 0
