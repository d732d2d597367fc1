"""The REST interface and a socket on one port, in a process of its own. Prints where it listens."""

import sys

from litestar import asgi
from litestar.types import Receive, Scope, Send

from adapters.inbound.http.authentication import PUBLIC
from adapters.inbound.server.server import serve
from tests.support.http_app import Backend


@asgi("/listen", opt=PUBLIC)
async def listen(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if b"refuse" in scope["query_string"]:
        await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"no", "more_body": False})
        return
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


def say(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(Backend().application(handlers=[listen]), host="127.0.0.1", port=0, ready=say)
