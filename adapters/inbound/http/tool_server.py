"""`/mcp`: the Model Context Protocol, over streamable HTTP: each message is one request, and no session is kept."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Controller, MediaType, Response, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from msgspec import UNSET, Struct, UnsetType

from adapters.inbound.http.authentication import FOR_TOOLS
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.tool_calls import ToolCalls, described
from application.memories.manage_facts import ManageFacts
from application.memories.manage_memories import ManageMemories
from domain.errors import BusinessError
from domain.ids import UserId

VERSIONS = ("2025-06-18", "2025-03-26")
"""Of the protocol, newest first."""
NO_METHOD, WRONG = -32601, -32602
INSTRUCTIONS = "What the user's wearable heard: conversations (search_memories, get_memory) and facts about the user."


class RpcIn(Struct, kw_only=True):
    """A message of a tool."""

    jsonrpc: str = "2.0"
    id: str | int | UnsetType | None = UNSET
    """Absent: nobody waits for an answer."""
    method: str = ""
    params: dict[str, Any] | None = None


class RpcError(Struct, frozen=True):
    """Why there is no result."""

    code: int
    message: str


class RpcOut(Struct, kw_only=True, omit_defaults=True):
    """An answer: a result, or an error."""

    jsonrpc: str
    id: str | int | None
    result: dict[str, Any] | UnsetType = UNSET
    error: RpcError | UnsetType = UNSET


class ToolServerController(Controller):
    """For tools of the caller, with a key or the caller's token."""

    path = "/mcp"
    opt = FOR_TOOLS
    tags: Sequence[str] | None = ["tools"]

    @post(
        status_code=200,
        responses={**FAILURES, 202: ResponseSpec(None, description="Nobody waits for an answer")},
        summary="Speak the Model Context Protocol",
    )
    async def speak(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        facts: NamedDependency[ManageFacts],
        data: JSONBody[RpcIn],
    ) -> Response[RpcOut | bytes]:
        """`initialize`, `ping`, `tools/list`, `tools/call`; what else a tool tells is taken and left at that."""
        if data.id is UNSET or data.id is None or not data.method:
            return Response(b"", status_code=202, media_type=MediaType.TEXT)
        calls = ToolCalls(user, memories=memories, facts=facts)
        answer = await _answer(calls, data.method, data.params or {})
        told = {"error": answer} if isinstance(answer, RpcError) else {"result": answer}
        return Response(RpcOut(jsonrpc="2.0", id=data.id, **told))


async def _answer(calls: ToolCalls, method: str, params: dict[str, Any]) -> dict[str, Any] | RpcError:
    if method == "initialize":
        return _introduction(params.get("protocolVersion"))
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": described()}
    return await _called(calls, params) if method == "tools/call" else RpcError(NO_METHOD, f"no method {method[:40]!r}")


async def _called(calls: ToolCalls, params: dict[str, Any]) -> dict[str, Any] | RpcError:
    name, arguments = params.get("name"), params.get("arguments") or {}
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return RpcError(WRONG, "expected the name of a tool, and its arguments as an object")
    try:
        told, is_wrong = msgspec.json.encode(await calls.call(name, arguments)).decode(), False
    except BusinessError as error:
        told, is_wrong = str(error), True
    return {"content": [{"type": "text", "text": told}], "isError": is_wrong}


def _introduction(wanted: object) -> dict[str, Any]:
    return {
        "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "omi", "version": "0.1.0"},
        "instructions": INSTRUCTIONS,
    }
