"""Apps that act for a user who has enabled them, and their owner, who has keys made for them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from domain.ids import UserId
from domain.integration import AppAction
from domain.plugin import Capability, ExternalIntegration
from tests.support.omi_app.assembled import Assembled, assembled
from tests.support.omi_app.rest import ForGood, Rest
from tests.support.plugins import a_plugin

OWNER = UserId("who-made-it")
NOTEBOOK = a_plugin(
    "notebook",
    owner=OWNER,
    capabilities=frozenset({Capability.EXTERNAL_INTEGRATION}),
    external=ExternalIntegration(actions=tuple(AppAction)),
)


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assembled]:
    """With a catalog in which an app has an owner."""
    catalog = InMemoryPluginCatalog()
    catalog.content = (NOTEBOOK,)
    async with assembled(tmp_path_factory.mktemp("assembled"), plugin_catalog=catalog) as server:
        yield server


class Notebook:
    """The app, which has a server somewhere."""

    def __init__(self, rest: Rest, key: str, user: str) -> None:
        self._rest = rest
        self._headers = {"Authorization": f"Bearer {key}"}
        self._user = user

    def body(self, content: Any = None) -> dict[str, Any]:
        """What it sends: its key, and something."""
        return {"httpx": {"headers": self._headers, **({"json": content} if content is not None else {})}}

    def of(self, **more: Any) -> dict[str, Any]:
        """Whom it acts for."""
        return {"uid": self._user, **more}


@pytest.fixture
async def notebook(server: Assembled, app: Rest, nobody: Rest, user: str) -> Notebook:
    made = await server.app_of(OWNER).ask("POST /v1/apps/{app_id}/keys", app_id="notebook", body={"label": "server"})
    await app.ask("POST /v1/apps/enable", query={"app_id": "notebook"})
    return Notebook(nobody, made["secret"], user)


async def test_keys_of_an_app_are_made_listed_and_ended(server: Assembled, app: Rest) -> None:
    owner = server.app_of(OWNER)
    made = await owner.ask("POST /v1/apps/{app_id}/keys", app_id="notebook")
    keys = await owner.ask("GET /v1/apps/{app_id}/keys", app_id="notebook")
    assert {"id": made["id"], "label": "", "created_at": made["created_at"]} in keys
    await owner.ask("DELETE /v1/apps/{app_id}/keys/{key_id}", app_id="notebook", key_id=made["id"])
    assert made["id"] not in {key["id"] for key in await owner.ask("GET /v1/apps/{app_id}/keys", app_id="notebook")}
    await app.ask("GET /v1/apps/{app_id}/keys", app_id="notebook", status_expected=403)


async def test_an_app_brings_a_conversation_that_it_and_the_user_read(
    notebook: Notebook, app: Rest, nobody: Rest
) -> None:
    text = {"text": "We meet on Monday about the fence. I will call the carpenter.", "text_source": "message"}
    made = await nobody.ask(
        "POST /v2/integrations/{app_id}/user/conversations",
        app_id="notebook",
        query=notebook.of(),
        body=notebook.body(text),
    )
    read = await nobody.ask(
        "GET /v2/integrations/{app_id}/conversations",
        app_id="notebook",
        query=notebook.of(limit=5),
        body=notebook.body(),
    )
    found = await nobody.ask(
        "POST /v2/integrations/{app_id}/search/conversations",
        app_id="notebook",
        query=notebook.of(),
        body=notebook.body({"query": "carpenter"}),
    )
    [seen] = await app.ask("GET /v1/conversations")
    assert (seen["id"], seen["source"]) == (made["conversation_id"], "external_integration")
    assert {one["id"] for one in (*read["conversations"], *found["conversations"])} == {seen["id"]}


async def test_an_app_tells_facts_that_the_user_sees(notebook: Notebook, app: Rest, nobody: Rest) -> None:
    body = notebook.body({"memories": [{"content": "Has a garden"}]})
    await nobody.ask("POST /v2/integrations/{app_id}/user/memories", app_id="notebook", query=notebook.of(), body=body)
    body = notebook.body({"memories": [{"content": "Likes tea"}]})
    await nobody.ask("POST /v2/integrations/{app_id}/user/facts", app_id="notebook", query=notebook.of(), body=body)
    read = await nobody.ask(
        "GET /v2/integrations/{app_id}/memories", app_id="notebook", query=notebook.of(), body=notebook.body()
    )
    assert read["memories"] == await app.ask("GET /v3/memories")
    assert {fact["content"] for fact in read["memories"]} == {"Has a garden", "Likes tea"}


async def test_an_app_tells_the_user_something(notebook: Notebook, app: Rest, nobody: Rest, user: str) -> None:
    await nobody.ask(
        "POST /v2/integrations/{app_id}/notification",
        app_id="notebook",
        query=notebook.of(message="The carpenter comes at ten"),
        body=notebook.body(),
    )
    told = {"uid": user, "aid": "notebook", "message": "No: at eleven"}
    await nobody.ask("POST /v1/integrations/notification", body=notebook.body(told))
    seen = await app.ask("GET /v1/messages")
    assert [(one["text"], one["plugin_id"], one["from_integration"]) for one in seen[:2]] == [
        ("No: at eleven", "notebook", True),
        ("The carpenter comes at ten", "notebook", True),
    ]


async def test_a_tool_of_the_user_reads_and_adds_facts(server: Assembled, app: Rest) -> None:
    made = await app.ask("POST /v1/mcp/keys", body={"name": "desk"})
    assert [key["id"] for key in await app.ask("GET /v1/mcp/keys")] == [made["id"]]
    tool = server.app_of(None, tokens=ForGood(made["secret"]))
    fact = await tool.ask("POST /v1/mcp/memories", body={"content": "Likes tea"})
    await tool.ask("PATCH /v1/mcp/memories/{fact_id}", fact_id=fact["id"], query={"value": "Likes green tea"})
    assert await tool.ask("GET /v1/mcp/memories") == await app.ask("GET /v3/memories")
    await tool.ask("DELETE /v1/mcp/memories/{fact_id}", fact_id=fact["id"])
    assert await app.ask("GET /v3/memories") == []
    told = await tool.ask("POST /mcp", body={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert len(told["result"]["tools"]) == 4
    await app.ask("DELETE /v1/mcp/keys/{key_id}", key_id=made["id"])


async def test_a_tool_of_the_user_reads_conversations(app: Rest) -> None:
    body = {"transcript_segments": [{"text": "We build the fence on Monday.", "start": 0.0, "end": 2.0}]}
    made = await app.ask("POST /v1/memories", query={"trigger_integrations": False}, body=body)
    [note] = await app.ask("GET /v1/mcp/conversations")
    assert note["id"] == made["memory"]["id"]
    assert await app.ask("GET /v1/mcp/conversations/{memory_id}", memory_id=note["id"]) == made["memory"]
