"""What users wish of translation and apps, and prompts that are tried, over the whole program."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dependency_injector import providers
from msgspec import structs

from adapters.outbound.translator.fake import FakeTranslator
from ports.errors import Rejected
from tests.support.http_app import a_memory, a_segment
from tests.support.program import ANNA, BERT, Running, program
from tests.support.world import REQUEST

TRANSLATION = "/v1/users/translation"
UNTOLD = {"enabled": False, "language": None}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path, translator=providers.Object(FakeTranslator())) as running:
        yield running


async def test_a_wish_of_translation_is_kept_until_it_is_changed(running: Running) -> None:
    client = running.client
    assert (await client.get(TRANSLATION)).json() == UNTOLD
    assert (await client.patch(TRANSLATION, json={"language": "de"})).json() == {"enabled": True, "language": "de"}
    assert (await client.patch(TRANSLATION, json={"enabled": False})).json() == {"enabled": False, "language": "de"}
    assert (await client.patch(TRANSLATION, json={"enabled": True, "language": None})).json() == {
        "enabled": True,
        "language": None,
    }
    await client.patch("/v1/users/language", json={"language": "pt"})
    assert (await client.get(TRANSLATION)).json() == {"enabled": True, "language": "pt"}
    for wrong in ({"language": "not a tag"}, {"enabled": "perhaps"}, {"language": 1}):
        assert (await client.patch(TRANSLATION, json=wrong)).status_code == 422
    running.become(BERT)
    assert (await client.get(TRANSLATION)).json() == UNTOLD


WISHES: list[tuple[dict[str, object], str | None, str | None]] = [
    ({"enabled": True, "language": "de"}, None, "de"),
    ({"enabled": True, "language": "de"}, "pt", "pt"),
    ({"enabled": True, "language": "en"}, None, None),
    ({"enabled": False, "language": "de"}, None, None),
]
"""What is wished, what an address says, and what follows for a socket in English."""


async def test_a_socket_goes_by_the_wish_unless_its_address_says_more(running: Running) -> None:
    for wish, asked, told in WISHES:
        await running.client.patch(TRANSLATION, json=wish)
        request = structs.replace(REQUEST, user=ANNA, language="en", translate_to=asked)
        async with running.container.listen().open(request) as session:
            assert (session.translation._language if session.translation else None) == told


async def test_the_preferred_app_is_kept(running: Running) -> None:
    client, place = running.client, "/v1/users/preferences/app"
    assert (await client.put(place, params={"app_id": "follow-ups"})).json() == {"status": "ok"}
    assert (await client.get(place)).json() == {"app_id": "follow-ups"}
    assert (await client.put(place, params={"app_id": "none-such"})).status_code == 404
    assert (await client.put(place)).status_code == 422
    await client.put(place, params={"app_id": "null"})
    assert (await client.get(place)).json() == {"app_id": None}


async def test_the_result_of_the_preferred_app_comes_first(running: Running) -> None:
    client = running.client
    for app in ("follow-ups", "open-questions", "reading-list"):
        await client.post("/v1/apps/enable", params={"app_id": app})
    await client.put("/v1/users/preferences/app", params={"app_id": "reading-list"})
    memory = a_memory("m", segments=(a_segment("We will read the book about fences."),))
    run = running.container.run_plugins()
    run._prompt = _says_something
    results = await run.results(ANNA, memory)
    assert [result.plugin_id for result in results] == ["reading-list", "follow-ups", "open-questions"]


async def _says_something(*_: object) -> str:
    return "something to read"


async def _refuses(*_: object) -> str:
    raise Rejected("no credit")


async def test_the_switch_for_developers_is_kept(running: Running) -> None:
    client, place = running.client, "/v1/users/developer/dev-mode"
    assert (await client.get(place)).json() == {"enabled": False}
    assert (await client.post(place)).json() == {"enabled": True}
    assert (await client.get(place)).json() == {"enabled": True}
    assert (await client.post(place, json={"enabled": False})).json() == {"enabled": False}


async def test_a_prompt_is_tried_and_nothing_of_it_is_kept(running: Running) -> None:
    await running.keep(a_memory("m", segments=(a_segment("We build the fence on Monday."),)))
    place, body = "/v1/conversations/m/test-prompt", {"prompt": "What is promised?"}
    trial = running.container.try_prompt()
    trial._prompt = _says_something
    assert (await running.client.post(place, json=body)).json() == {"summary": "something to read"}
    assert (await running.client.get("/v1/conversations/m")).json()["apps_results"] == []
    trial._prompt = _refuses
    assert (await running.client.post(place, json=body)).status_code == 503
    assert (await running.client.post(place, json={"prompt": ""})).status_code == 422
    running.become(BERT)
    assert (await running.client.post(place, json=body)).status_code == 404
