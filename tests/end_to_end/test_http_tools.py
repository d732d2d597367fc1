"""Tools of users: facts and conversations for assistants, by a key that the user makes, and by `/mcp`."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from httpx import Response

from domain.memory import Structure
from tests.support.http_app import a_memory, a_segment
from tests.support.program import ANNA, BERT, Running, program

READ = ("/v1/mcp/memories", "/v1/mcp/conversations", "/v1/mcp/conversations/fence")


class Tool:
    """A program of Anna's, with a key that she made."""

    def __init__(self, running: Running, key: str, key_id: str) -> None:
        self.running = running
        self.key = key
        self.key_id = key_id

    async def ask(self, method: str, path: str, *, key: str | None = None, **more: Any) -> Response:
        self.running.become(None)
        headers = {"Authorization": f"Bearer {self.key if key is None else key}"}
        return await self.running.client.request(method, path, headers=headers, **more)

    async def speak(self, method: str, **params: Any) -> Any:
        """A request of the protocol, and its result."""
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        answer = (await self.ask("POST", "/mcp", json=body)).json()
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", 7)
        return answer.get("result", answer.get("error"))

    async def call(self, name: str, **arguments: Any) -> Any:
        """What a tool of the server tells."""
        told = await self.speak("tools/call", name=name, arguments=arguments)
        text = told["content"][0]["text"]
        return text if told["isError"] else json.loads(text)


@pytest.fixture
async def tool(tmp_path: Path) -> AsyncIterator[Tool]:
    async with program(tmp_path) as running:
        made = (await running.client.post("/v1/mcp/keys", json={"name": "desk"})).json()
        said = (a_segment("We talk about the fence and the carpenter"),)
        await running.keep(a_memory("fence", segments=said, structure=Structure(title="A fence")))
        await running.keep(a_memory("noise", discarded=True))
        await running.keep(a_memory("of-bert", segments=said), user=BERT)
        yield Tool(running, made["secret"], made["id"])


async def test_a_key_reads_what_its_user_has(tool: Tool) -> None:
    (conversation,) = (await tool.ask("GET", "/v1/mcp/conversations")).json()
    assert (conversation["id"], conversation["structured"]["title"]) == ("fence", "A fence")
    assert "transcript_segments" not in conversation
    whole = (await tool.ask("GET", "/v1/mcp/conversations/fence")).json()
    assert whole["transcript_segments"][0]["text"].startswith("We talk about the fence")
    for name in ("of-bert", "none"):
        assert (await tool.ask("GET", f"/v1/mcp/conversations/{name}")).status_code == 404
    later = {"start_date": "2027-01-01T00:00:00Z"}
    assert (await tool.ask("GET", "/v1/mcp/conversations", params=later)).json() == []


async def test_facts_are_added_changed_and_deleted(tool: Tool) -> None:
    fact = (await tool.ask("POST", "/v1/mcp/memories", json={"content": "Likes tea"})).json()
    place = f"/v1/mcp/memories/{fact['id']}"
    await tool.ask("PATCH", place, params={"value": "Likes green tea"})
    assert [one["content"] for one in (await tool.ask("GET", "/v1/mcp/memories")).json()] == ["Likes green tea"]
    assert (await tool.ask("DELETE", place)).status_code == 200
    assert (await tool.ask("DELETE", place)).status_code == 404
    assert (await tool.ask("GET", "/v1/mcp/memories")).json() == []


async def test_the_users_token_opens_the_same(tool: Tool) -> None:
    for path in READ:
        assert (await tool.ask("GET", path, key=f"token-of-{ANNA}")).status_code == 200
    assert (await tool.ask("GET", READ[-1], key=f"token-of-{BERT}")).status_code == 404


async def test_a_key_opens_nothing_but_what_is_for_tools(tool: Tool) -> None:
    for path in ("/v1/conversations", "/v3/memories", "/v1/mcp/keys", "/v1/users/people", "/v2/messages"):
        assert (await tool.ask("GET", path)).status_code == 401, path
    assert (await tool.ask("POST", "/v1/mcp/keys")).status_code == 401
    assert (await tool.ask("DELETE", "/v1/users/delete-account")).status_code == 401


async def test_a_key_that_was_ended_or_never_was_opens_nothing(tool: Tool) -> None:
    wrong = ["omi_mcp_", tool.key[:-1], tool.key + "x", tool.key.upper(), tool.key.replace("_mcp_", "_app_")]
    for key in wrong:
        assert (await tool.ask("GET", READ[0], key=key)).status_code == 401, key
    tool.running.become(BERT)
    assert (await tool.running.client.delete(f"/v1/mcp/keys/{tool.key_id}")).status_code == 404
    tool.running.become(ANNA)
    (listed,) = (await tool.running.client.get("/v1/mcp/keys")).json()
    assert listed.keys() == {"id", "label", "created_at"}
    assert listed["label"] == "desk"
    assert (await tool.running.client.delete(f"/v1/mcp/keys/{tool.key_id}")).status_code == 200
    for path in READ:
        assert (await tool.ask("GET", path)).status_code == 401


async def test_keys_go_with_their_user(tool: Tool) -> None:
    values = tool.running.container.key_value_store()
    tool.running.become(BERT)
    await tool.running.client.post("/v1/mcp/keys")
    tool.running.become(ANNA)
    await tool.running.client.delete("/v1/users/delete-account")
    with anyio.fail_after(10):
        while await values.keys(f"users:{ANNA}:"):
            await anyio.sleep(0.02)
    (left,) = await values.keys("mcp_keys:")
    assert await values.get(left) == BERT.encode()
    assert (await tool.ask("GET", READ[0])).status_code == 401


async def test_the_protocol_is_begun(tool: Tool) -> None:
    asked = {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    begun = await tool.speak("initialize", **asked)
    assert (begun["protocolVersion"], begun["serverInfo"]["name"]) == ("2025-03-26", "omi")
    assert (await tool.speak("initialize", protocolVersion="1999-01-01"))["protocolVersion"] == "2025-06-18"
    assert await tool.speak("ping") == {}
    told = await tool.ask("POST", "/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (told.status_code, told.content) == (202, b"")
    assert (await tool.speak("resources/list"))["code"] == -32601
    assert (await tool.ask("GET", "/mcp")).status_code == 405
    assert (await tool.ask("POST", "/mcp", key="x", json={"id": 1, "method": "ping"})).status_code == 401


async def test_tools_are_listed_with_what_they_take(tool: Tool) -> None:
    tools = {one["name"]: one for one in (await tool.speak("tools/list"))["tools"]}
    assert tools.keys() == {"search_memories", "get_memory", "list_facts", "add_fact"}
    shape = tools["search_memories"]["inputSchema"]
    assert (shape["type"], shape["required"]) == ("object", ["query"])
    assert all(one["description"] for one in tools.values())


async def test_tools_find_read_and_add(tool: Tool) -> None:
    (found,) = await tool.call("search_memories", query="carpenter")
    assert (found["id"], found["passages"][0]["text"]) == ("fence", "We talk about the fence and the carpenter")
    assert (await tool.call("get_memory", id="fence"))["transcript_segments"][0]["is_user"] is False
    added = await tool.call("add_fact", content="Has a garden", category="hobbies")
    assert await tool.call("list_facts") == [added]
    assert await tool.call("get_memory", id="of-bert") == "Memory not found"
    for name, arguments in (("search_memories", {}), ("get_memory", {"id": 1}), ("none", {}), ("add_fact", {"x": 1})):
        assert isinstance(await tool.call(name, **arguments), str)
    assert (await tool.speak("tools/call", name=1))["code"] == -32602
    assert (await tool.speak("tools/call", name="list_facts", arguments=[1]))["code"] == -32602
