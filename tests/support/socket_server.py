"""A server in a process of its own, with a socket that echoes. Prints where it listens, then what happens."""

import logging
import sys

import anyio
import msgspec

from adapters.inbound.server.server import ServerSettings, serve

FLOOD = "x" * 65_536
live: dict[int, object] = {}


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
    else:
        await converse(scope["path"], receive, send)


async def lifespan(receive, send):
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            say("closed")
            return


async def converse(path, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    live[id(send)] = send
    try:
        async with anyio.create_task_group() as tasks:
            if path == "/flood":
                tasks.start_soon(flood, send)
            code = await echo(receive, send)
            tasks.cancel_scope.cancel()
    finally:
        del live[id(send)]
    say(f"gone {path} {code}")


async def echo(receive, send):
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})
    return message["code"]


async def flood(send):
    try:
        while True:
            await send({"type": "websocket.send", "text": FLOOD})
    except OSError:
        say("freed")


async def drain():
    for send in list(live.values()):
        await send({"type": "websocket.send", "text": "last words"})
    if "--slow-drain" in sys.argv:
        await anyio.sleep(60)


def say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    settings = msgspec.json.decode(sys.argv[1], type=ServerSettings)
    serve(application, host="127.0.0.1", port=0, drain=drain, ready=say, settings=settings)
