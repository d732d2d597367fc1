"""`/mcp` as the protocol's own library speaks to it, in the manner of every version that it knows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent

from domain.memory import Structure
from tests.support.http_app import a_memory, a_segment
from tests.support.program import program

TALK = "We talk about the fence and the carpenter"


@asynccontextmanager
async def tools(folder: Path, *, key: str | None = None, mode: Literal["auto", "legacy"]) -> AsyncIterator[Client]:
    """Somebody's tool, connected to the program with a key that Anna made, or with another one."""
    async with program(folder) as running:
        made = (await running.client.post("/v1/mcp/keys", json={"name": "desk"})).json()
        await running.keep(a_memory("fence", segments=(a_segment(TALK),), structure=Structure(title="A fence")))
        headers = {"Authorization": f"Bearer {key or made['secret']}"}
        transport = httpx2.ASGITransport(running.rest)
        async with (
            httpx2.AsyncClient(transport=transport, headers=headers) as http,
            Client(streamable_http_client("http://omi/mcp", http_client=http), mode=mode) as client,
        ):
            yield client


async def told(client: Client, tool: str, **arguments: object) -> tuple[str, bool]:
    """What a tool says, and whether that is an error."""
    result = await client.call_tool(tool, arguments)
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text, bool(result.is_error)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_protocols_own_library_finds_reads_and_adds(tmp_path: Path, mode: Literal["auto", "legacy"]) -> None:
    async with tools(tmp_path, mode=mode) as client:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        assert listed == {"search_memories", "get_memory", "list_facts", "add_fact"}
        found, _ = await told(client, "search_memories", query="carpenter")
        assert TALK in found
        assert (await told(client, "add_fact", content="Anna has a garden"))[1] is False
        assert "Anna has a garden" in (await told(client, "list_facts"))[0]
        assert await told(client, "get_memory", id="none") == ("Memory not found", True)


async def test_the_protocols_own_library_is_refused_without_a_key(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as refused:
        async with tools(tmp_path, key="omi_mcp_wrong", mode="legacy"):
            pass
    assert refused.group_contains(MCPError, match="error response")
