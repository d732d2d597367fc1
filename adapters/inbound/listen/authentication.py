"""Who opens a socket: by header, by first message, or, where somebody insists, by saying so."""

from collections.abc import Mapping
from typing import Any

import anyio
import msgspec
from msgspec import Struct

from domain.errors import Unauthenticated
from domain.ids import UserId
from ports.authenticator import Authenticator, Principal

FIRST_MESSAGE_SECONDS = 5.0
LONGEST_AUTH_MESSAGE = 8192


class AuthMessage(Struct, frozen=True, tag_field="type", tag="auth"):
    """What a browser says first, because it cannot set headers."""

    token: str


def bearer(headers: Mapping[bytes, bytes]) -> str | None:
    """The token in the headers; None when there is no such header.

    Raises:
        Unauthenticated: there is one, but it does not hold a bearer token.
    """
    header = headers.get(b"authorization")
    if header is None:
        return None
    kind, _, token = header.decode("latin-1").partition(" ")
    if kind.lower() != "bearer" or not token or " " in token:
        raise Unauthenticated("Invalid authorization token")
    return token


async def by_first_message(receive: Any, authenticator: Authenticator) -> Principal:  # noqa: ANN401 - ASGI
    """Waits for the message that proves who is there.

    Raises:
        Unauthenticated: it does not come in time, or proves nothing.
    """
    with anyio.move_on_after(FIRST_MESSAGE_SECONDS):
        message = await receive()
        text = message.get("text") or ""
        if len(text) > LONGEST_AUTH_MESSAGE:
            raise Unauthenticated("Invalid authorization token")
        try:
            token = msgspec.json.decode(text.encode(), type=AuthMessage).token
        except msgspec.MsgspecError as error:
            raise Unauthenticated("the first message has to be the auth message") from error
        return await authenticator.authenticate(token)
    raise Unauthenticated("no auth message came in time")


def trusted(uid: str, headers: Mapping[bytes, bytes]) -> Principal:
    """Believes a `uid`. Never from a web page: any page could open a socket to this machine.

    Raises:
        Unauthenticated: there is none, or a browser sends it.
    """
    if not uid or b"origin" in headers:
        raise Unauthenticated("Authorization header not found")
    return Principal(user=UserId(uid))
