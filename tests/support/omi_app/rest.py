"""The app's calls: one function for all, as in the app, with what it does about tokens."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import httpx

from tests.support.omi_app.dart import AppCrashed, Value, decoded, written
from tests.support.omi_app.routes import reader, status
from tests.support.omi_app.streams import streamed


class SignedOut(AssertionError):
    """The app had a fresh token refused, and signed its user out."""


class Tokens(Protocol):
    """The app's library for signing in."""

    @property
    def current(self) -> str:
        """The token that is at hand, even when it has expired."""
        ...

    async def refresh(self) -> None:
        """Gets a new one."""
        ...


class ForGood:
    """A token that never expires."""

    def __init__(self, token: str) -> None:
        self.current = token

    async def refresh(self) -> None:
        """The same again."""


class Rest:
    """What the app asks of its backend besides the socket."""

    def __init__(self, client: httpx.AsyncClient, tokens: Tokens | None) -> None:
        self._client = client
        self._tokens = tokens
        """None: a program that is not signed in."""
        self.refreshed = 0

    async def ask(
        self,
        route: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        status_expected: int | tuple[int, ...] = (),
        **ids: Any,
    ) -> Any:
        """Calls a route by its name in docs/compatibility.md; crashes where the app would, at what it answers.

        Args:
            route: `METHOD /path/{parameter}`.
            query: values; None becomes `null`, as the app writes it.
            body: JSON, or `httpx` arguments (`files`, `content`, `headers`) in a dict under the key `httpx`.
            status_expected: in place of success; one of several.
            ids: parameters of the path.
        """
        answer = await self._answer(route, query, body, ids)
        expected = status_expected or status(route)
        if answer.status_code not in (expected if isinstance(expected, tuple) else (expected,)):
            raise AppCrashed(f"{route}: {answer.status_code} where the app goes on with {expected}: {answer.text}")
        if answer.status_code != status(route) or answer.status_code == 204:
            return None
        return self._read(route, answer)

    async def stream(self, text: str, **query: Any) -> tuple[str, dict[str, Any]]:
        """`POST /v2/messages`: the words as they are shown, and the message at the end."""
        answer = await self._answer("POST /v2/messages", query, {"text": text, "file_ids": None}, {})
        if answer.status_code != 200:
            raise AppCrashed(f"POST /v2/messages: {answer.status_code}")
        return streamed(answer.content.decode())

    async def _answer(
        self, route: str, query: Mapping[str, Any] | None, body: Any, ids: Mapping[str, Any]
    ) -> httpx.Response:
        method, _, path = route.partition(" ")
        path = re.sub(r"\{(\w+)\}", lambda found: str(ids[found[1]]), path)
        arguments: dict[str, Any] = {"params": {name: written(value) for name, value in (query or {}).items()}}
        arguments |= body["httpx"] if isinstance(body, dict) and "httpx" in body else {}
        if body is not None and "httpx" not in body:
            arguments["content"] = json.dumps(body)
            arguments["headers"] = {"Content-Type": "application/json"}
        return await self._with_token(lambda headers: self._send(method, path, arguments, headers))

    async def _send(self, method: str, path: str, arguments: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
        return await self._client.request(
            method, path, **{**arguments, "headers": {**arguments.get("headers", {}), **headers}}
        )

    async def _with_token(self, call: Callable[[dict[str, str]], Awaitable[httpx.Response]]) -> httpx.Response:
        """401 makes the app get a new token and ask again, once; then it signs its user out."""
        if self._tokens is None:
            return await call({})
        answer = await call({"Authorization": f"Bearer {self._tokens.current}"})
        if answer.status_code != 401:
            return answer
        self.refreshed += 1
        await self._tokens.refresh()
        answer = await call({"Authorization": f"Bearer {self._tokens.current}"})
        if answer.status_code == 401:
            raise SignedOut(f"{answer.request.method} {answer.request.url.path}")
        return answer

    def _read(self, route: str, answer: httpx.Response) -> Any:
        kind = answer.headers.get("content-type", "")
        if "application/json" in kind and "charset=utf-8" not in kind:
            raise AppCrashed(f"{route}: without a charset, the app reads {kind!r} as latin-1")
        if "json" not in kind:
            return answer.content
        value: Value = decoded(answer.content.decode(), route)
        reader(route)(value)
        return value.content
