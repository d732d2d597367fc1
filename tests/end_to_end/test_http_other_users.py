"""Every route and every socket, asked by nobody, by somebody whose time is over, and by somebody else.

The requests are made from the description of the interface, with bodies and with names of what the owner really has.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from msgspec import structs

from adapters.inbound.listen.admission import UNWELCOME
from adapters.inbound.listen.generations import GENERATIONS
from application.plugins.app_keys import place_of
from bootstrap.asgi import Program
from bootstrap.container import Container
from bootstrap.whole_users import data_of, exporter
from domain.ids import PluginId, UserId
from domain.integration import Integration
from domain.memory import Visibility
from tests.support.program import container_over
from tests.support.user_data import DAVE, fill

ANNA, BERT = UserId("anna-quxo"), UserId("bert-zylm")
WORD = "Zanzibarquux"
TRIP = f"{ANNA}-trip"
SECRETS = (WORD, ANNA, TRIP)
"""What nobody but the owner may ever read."""
OWNED = {"memory_id": TRIP, "person_id": DAVE, "fact_id": f"{ANNA}-new", "delivery_id": f"{ANNA}-delivery"}
"""What the owner has, by the name of the parameter."""
SHARED = {"plugin_id": "diary", "app_id": "diary", "kind": "memory_created", "segment_idx": "0", "speaker_id": "0"}
OTHER = {
    "assign_type": "is_user",
    "value": "true",
    "trigger_integrations": "true",
    "query": "sardines",
    "title": "Mine",
    "visibility": "private",
}
EXPIRED = f"token-of-{ANNA}-until-1"


class Whole:
    """The program, with an owner who has something of everything, and somebody who has nothing."""

    def __init__(self, container: Container, application: Any, client: httpx.AsyncClient) -> None:
        self.container = container
        self.application = application
        self.client = client
        self.document: dict[str, Any] = {}

    def requests(self, *, uid: str) -> Iterator[tuple[str, dict[str, Any], httpx.Request]]:
        """One for each route: its name, its description, and what is sent."""
        for path, methods in self.document["paths"].items():
            for method, described in methods.items():
                yield f"{method.upper()} {path}", described, _request(method.upper(), path, described, uid=uid)

    async def answer(self, request: httpx.Request, **headers: str) -> httpx.Response:
        request.headers.update(headers)
        with anyio.fail_after(30):
            return await self.client.send(request)

    async def kept(self, folder: Path) -> bytes:
        """All that the owner has."""
        path = folder / "anna.zip"
        path.unlink(missing_ok=True)
        await exporter(self.container).export(ANNA, path)
        return path.read_bytes()


def _request(method: str, path: str, described: dict[str, Any], *, uid: str) -> httpx.Request:
    given = {**SHARED, **OTHER, **OWNED, "uid": uid}
    if path.endswith("/visibility"):
        given["value"] = "private"
    query = {}
    for parameter in described.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", given.get(name, "0"))
        elif parameter["in"] == "query" and (parameter["required"] or name in {*OWNED, "visibility"}):
            query[name] = given.get(name, "1")
    body: dict[str, Any] = {}
    for kind, content in described.get("requestBody", {}).get("content", {}).items():
        is_form = kind.startswith("multipart")
        body = {"files": {"file": ("a.wav", b"RIFF")}} if is_form else {"json": content["example"]}
    return httpx.Request(method, f"http://omi{path}", params=query, **body)


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    container = container_over(tmp_path)
    application: Any = Program(container).application
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with application._rest.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://omi") as client:
        whole = Whole(container, application, client)
        data = data_of(container)
        await fill(data, ANNA, word=WORD)
        await data.memories.update(ANNA, TRIP, lambda now: structs.replace(now, visibility=Visibility.PRIVATE))
        await data.reviews.remove(PluginId("diary"), ANNA)  # those are told to everybody
        await container.recall().index(ANNA, await data.memories.get(ANNA, TRIP))
        whole.document = (await client.get("/schema/openapi.json")).json()
        yield whole


def is_open(described: dict[str, Any]) -> bool:
    return described.get("security") == [{}]


def tells(answer: httpx.Response) -> list[str]:
    """What an answer says that only the owner may know. It may repeat the address that was asked."""
    asked = httpx.URL(str(answer.request.url)).path
    told = answer.text + repr(dict(answer.headers))
    return [secret for secret in SECRETS if secret in told.replace(asked, "")]


async def test_nobody_is_told_anything_by_any_route(whole: Whole) -> None:
    for name, described, request in whole.requests(uid=ANNA):
        answer = await whole.answer(request)
        assert not tells(answer), name
        if not is_open(described):
            assert (answer.status_code, answer.json().keys()) == (401, {"detail"}), name


async def test_a_token_whose_time_is_over_opens_no_route(whole: Whole) -> None:
    for name, described, request in whole.requests(uid=ANNA):
        answer = await whole.answer(request, Authorization=f"Bearer {EXPIRED}")
        assert not tells(answer), name
        if not is_open(described):
            assert answer.status_code == 401, name


async def test_what_is_somebody_elses_is_not_found_and_stays_as_it_is(whole: Whole, tmp_path: Path) -> None:
    before = await whole.kept(tmp_path)
    owned = 0
    for name, described, request in whole.requests(uid=ANNA):
        answer = await whole.answer(request, Authorization=f"Bearer token-of-{BERT}")
        assert not tells(answer), name
        named = {parameter["name"] for parameter in described.get("parameters", []) if parameter["in"] == "path"}
        if named & OWNED.keys() and not is_open(described):
            assert answer.status_code == 404, (name, answer.text)
            owned += 1
    assert owned > 40
    assert await whole.kept(tmp_path) == before


async def test_the_owner_is_told(whole: Whole) -> None:
    """What the other facts are worth: the same requests, asked by the right one, tell."""
    telling = 0
    for name, _, request in whole.requests(uid=ANNA):
        if name.startswith("GET "):
            telling += bool(tells(await whole.answer(request, Authorization=f"Bearer token-of-{ANNA}")))
    assert telling > 15


async def test_the_key_of_one_program_and_user_opens_nothing_else(whole: Whole) -> None:
    keys = whole.container.integration_keys()
    for integration in Integration:
        own = await keys.create(integration, ANNA)
        of_bert = await keys.create(integration, BERT)
        for name, described, request in whole.requests(uid=ANNA):
            if described.get("security") != [{"integration_key": []}]:
                answer = await whole.answer(request, **{"api-key": own, "Authorization": f"Bearer {own}"})
                assert is_open(described) or answer.status_code == 401, name
                continue
            for key in (of_bert, own[:-1], own + "x", own.upper(), ""):
                answer = await whole.answer(request, **{"api-key": key})
                assert (answer.status_code, tells(answer)) == (401, []), name
            answer = await whole.answer(request, **{"api-key": own})
            assert (answer.status_code == 401) is (integration not in name), name


FOR_TOOLS = ("/v1/mcp/memories", "/v1/mcp/conversations", "/mcp")
OF_APPS = [{"app_key": []}]


async def test_the_key_of_a_tool_opens_what_is_for_tools_of_its_user_alone(whole: Whole) -> None:
    key = (await whole.container.tool_keys().create(ANNA, label="")).secret
    of_bert = (await whole.container.tool_keys().create(BERT, label="")).secret
    opened = 0
    for name, described, request in whole.requests(uid=ANNA):
        if is_open(described):
            continue
        if not name.partition(" ")[2].startswith(FOR_TOOLS):
            for header in ("Authorization", "api-key"):
                answer = await whole.answer(request, **{header: f"Bearer {key}" if header != "api-key" else key})
                assert (answer.status_code, tells(answer)) == (401, []), name
            continue
        for wrong in (key[:-1], key + "x", key.upper(), key.replace("_mcp_", "_app_")):
            assert (await whole.answer(request, Authorization=f"Bearer {wrong}")).status_code == 401, name
        assert not tells(await whole.answer(request, Authorization=f"Bearer {of_bert}")), name
        answer = await whole.answer(request, Authorization=f"Bearer {key}")
        assert answer.status_code in {200, 404}, name  # what was deleted a moment ago is not there
        opened += answer.status_code == 200
    assert opened >= 6


async def test_the_key_of_an_app_opens_no_route_of_users(whole: Whole) -> None:
    key = (await whole.container.hashed_keys().create(place_of("diary"), kind="app", label="")).secret
    for name, described, request in whole.requests(uid=ANNA):
        answer = await whole.answer(request, **{"Authorization": f"Bearer {key}", "api-key": key})
        assert not tells(answer), name
        assert is_open(described) or answer.status_code == 401, name
        assert described.get("security") != OF_APPS or answer.json() == {"detail": "Invalid API key"}, name


async def opened(whole: Whole, path: str, *, headers: dict[str, str], first: str | None = None) -> list[dict[str, Any]]:
    """What a socket is sent until it is refused, or closed by its client."""
    said: list[dict[str, Any]] = []
    coming = [{"type": "websocket.connect"}]
    coming += [{"type": "websocket.receive", "text": first}] if first is not None else []

    async def receive() -> dict[str, Any]:
        return coming.pop(0) if coming else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    query = f"uid={ANNA}&codec=pcm16&sample_rate=16000".encode()
    scope = {"type": "websocket", "path": path, "query_string": query, "headers": raw, "extensions": {}}
    with anyio.fail_after(10):
        await whole.application(scope, receive, send)
    return said


BY_HEADER = [path for path, kind in GENERATIONS.items() if not kind.sends_token]


async def test_no_socket_is_opened_without_a_token_that_counts(whole: Whole) -> None:
    for path in BY_HEADER:
        for header in (None, "", "Bearer", EXPIRED, f"Bearer {EXPIRED}", f"Basic {EXPIRED}"):
            said = await opened(whole, path, headers={} if header is None else {"Authorization": header})
            assert said[0].get("status") == 401, path
            assert not [secret for secret in SECRETS if secret in repr(said)]


async def test_a_first_message_that_proves_nothing_closes_with_4001(whole: Whole) -> None:
    for path in GENERATIONS:
        for token in ("", "nobody", EXPIRED):
            message = f'{{"type":"auth","token":"{token}"}}'
            said = await opened(whole, path, headers={"Origin": "https://omi.example"}, first=message)
            assert [sent["type"] for sent in said] == ["websocket.accept", "websocket.send", "websocket.close"], path
            assert said[1]["text"] == UNWELCOME
            assert said[-1]["code"] == 4001


async def test_a_socket_tells_its_owner_alone_whatever_uid_it_names(whole: Whole) -> None:
    for path in BY_HEADER:
        said = await opened(whole, path, headers={"Authorization": f"Bearer token-of-{BERT}"})
        assert said[0]["type"] == "websocket.accept", path
        assert not [secret for secret in SECRETS if secret in repr(said)]
        assert not await whole.container.conversations_in_progress().of(ANNA)
