"""An answer that comes while it is written, as the app puts it together again."""

import base64
from typing import Any

from tests.support.omi_app.dart import AppCrashed, decoded
from tests.support.omi_app.memory_bodies import message

PIECE = 1024
"""The app takes a line of so many letters for a part of one that the network has cut."""
ROUTE = "POST /v2/messages"


def streamed(body: str) -> tuple[str, dict[str, Any]]:
    """The words that are shown, and the message at the end. Crashes where the app would, or where it shows nothing."""
    shown, done, held = "", None, ""
    for piece in _lines(body):
        held += piece
        if len(piece) >= PIECE:
            continue
        line, held = held, ""
        if line.startswith("data: "):
            shown += line.removeprefix("data: ").replace("__CRLF__", "\n")
        elif line.startswith(("done: ", "message: ")):
            done = decoded(_unpacked(line), f"{ROUTE} done")
            message(done)
        elif not line.startswith("think: "):
            raise AppCrashed(f"{ROUTE}: the app passes over {line[:60]!r}")
    if done is None or held:
        raise AppCrashed(f"{ROUTE}: the answer never ends")
    return shown, done.content


def _lines(body: str) -> list[str]:
    """As they arrive: the network cuts what is long."""
    lines = [line for line in body.split("\n\n") if line]
    return [line[at : at + PIECE] for line in lines for at in range(0, len(line), PIECE)]


def _unpacked(line: str) -> str:
    try:
        return base64.b64decode(line.partition(" ")[2], validate=True).decode()
    except ValueError as error:
        raise AppCrashed(f"{ROUTE}: {error}") from error
