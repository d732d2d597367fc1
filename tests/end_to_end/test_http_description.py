"""The description of the interface, as it is served: complete, with examples that hold, and nothing from elsewhere."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from litestar.serialization import decode_json, encode_json

from adapters.inbound.http.described import completed
from tests.support.program import Running, container_over, program, rest_of

MEDIA = {"application/json", "multipart/form-data"}
Operation = dict[str, Any]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    rest = rest_of(container_over(tmp_path_factory.mktemp("program")))
    document: dict[str, Any] = decode_json(encode_json(completed(rest.openapi_schema.to_schema())))
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def bodies(operation: Operation) -> Iterator[dict[str, Any]]:
    """What is sent and answered in JSON or as a form."""
    for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
        for kind, content in holder.get("content", {}).items():
            if kind in MEDIA:
                yield content


def test_every_route_says_what_it_does_once(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["summary"] not in {"", "None", "null"}, name
        assert operation["description"], name
        assert operation["tags"], name
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names)


def test_every_body_and_answer_has_an_example_of_its_shape(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for content in bodies(operation):
            assert "example" in content, name
            schema = {**content["schema"], "components": document["components"]}
            mistakes = [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(content["example"])]
            assert not mistakes, name


def test_all_failures_have_one_form(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and not name.endswith("/health/ready"):
                assert answer["content"].keys() == {"application/json"}, name
                assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
    assert document["components"]["schemas"]["ErrorBody"]["properties"] == {"detail": {"type": "string"}}


def test_routes_that_ask_for_a_token_say_so_and_tell_of_401(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        is_open = operation.get("security") == [{}]
        assert ("401" in operation["responses"]) is not is_open, name


def test_who_sends_a_body_is_told_what_can_be_wrong_with_it(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        if "requestBody" in operation:
            assert operation["responses"].keys() >= {"400", "413"}, name


async def test_the_page_and_what_it_loads_come_from_here(running: Running) -> None:
    running.become(None)
    described = await running.client.get("/schema/openapi.json")
    assert described.status_code == 200
    page = await running.client.get("/documentation")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded
    for address in loaded:
        assert address.startswith("/")
        answer = await running.client.get(address)
        assert answer.status_code == 200, address
    started = await running.client.get("/documentation/start.js")
    assert "//" not in started.text
