"""OpenAI's SDK against a simulated vendor: what is asked, and what is made of every kind of trouble."""

from typing import Any

import anyio
import pytest
from msgspec import structs

from adapters.inbound.simulators.openai import serve_openai
from adapters.inbound.simulators.openai_faults import OpenAIFault, OpenAIFaultKind, OpenAIScript
from adapters.outbound.language_model.openai import OpenAILanguageModel, OpenAILanguageModelSettings
from application.tasks.answer_question import answer_question
from application.tasks.describe_photos import describe_photos
from application.tasks.initial_message import initial_message
from domain.ids import MemoryId
from domain.material import Background, Image, Passage
from domain.memory import MemoryDraft
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from ports.language_model import Budget, NoFittingAnswer, Refused, Task, Writing
from tests.contract.language_model_bench import draft
from tests.contract.openai_harness import asking, model_at_simulation
from tests.unit.application.tasks.injections import obeying

TALK = draft("I'll send Maria the budget on Friday.", "Great, see you in the museum on Saturday.")
ASKED = answer_question("When?", passages=[Passage(memory_id=MemoryId("m"), text="The flight leaves on Thursday.")])
GREETING = initial_message(background=Background(user_name="Anna"))
NO_SCHEMA = OpenAIFault(kind=OpenAIFaultKind.NO_SCHEMA)
NO_FORMAT = OpenAIFault(kind=OpenAIFaultKind.NO_FORMAT)
PROSE = OpenAIFault(kind=OpenAIFaultKind.PROSE)
KNOWN: dict[str, Any] = {"writing": Writing.JSON_SCHEMA}
"""Settings of a model that does not have to be tried first."""


def fault(kind: str, *requests: int, **more: Any) -> OpenAIFault:
    return OpenAIFault(kind=OpenAIFaultKind(kind), requests=requests, **more)


def within(seconds: float, task: Task[Any]) -> Task[Any]:
    return structs.replace(task, budget=Budget(seconds=seconds))


def formats(requests: list[dict[str, Any]]) -> list[str]:
    return [request.get("response_format", {"type": "text"})["type"] for request in requests]


async def test_a_form_is_asked_for_with_a_strict_schema() -> None:
    async with model_at_simulation(**KNOWN) as (model, vendor):
        answer = await model.generate(TALK)
    [request] = vendor.requests
    wanted = request["response_format"]["json_schema"]
    assert (wanted["name"], wanted["strict"]) == ("structure_memory", True)
    assert "temperature" not in request
    assert answer.model == "openai"
    assert answer.tokens.read > 0
    assert answer.tokens.written > 0


async def test_what_stays_the_same_comes_first() -> None:
    async with model_at_simulation(**KNOWN) as (model, vendor):
        await model.generate(TALK)
        await model.generate(draft("Something else entirely."))
    one, other = (request["messages"] for request in vendor.requests)
    assert one[:2] == other[:2]
    assert [message["role"] for message in one] == ["system", "system", "user", "user"]


@pytest.mark.parametrize(
    ("faults", "writing", "seen"),
    [
        ([], Writing.JSON_SCHEMA, ["json_schema", "json_schema"]),
        ([NO_SCHEMA], Writing.JSON_OBJECT, ["json_schema", "json_object", "json_object"]),
        ([NO_FORMAT], Writing.TEXT, ["json_schema", "json_object", "text"]),
        ([fault("prose", 1)], Writing.JSON_OBJECT, ["json_schema", "json_object", "json_object"]),
    ],
    ids=["all", "no schema", "no format", "a schema that is ignored"],
)
async def test_what_a_server_can_is_tried_once(faults: list[OpenAIFault], writing: Writing, seen: list[str]) -> None:
    async with model_at_simulation(*faults) as (model, vendor):
        assert (await model.generate(TALK)).value.structure.title
        assert model.capabilities.writing is writing
        assert formats(vendor.requests) == seen
        await model.generate(TALK)
        assert len(vendor.requests) == len(seen) + 1


async def test_tasks_at_the_same_time_try_a_server_once() -> None:
    async with model_at_simulation() as (model, vendor), anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(model.generate, TALK)
    names = [request["response_format"]["json_schema"]["name"] for request in vendor.requests]
    assert names == ["probe", *["structure_memory"] * 4]


async def test_a_trial_that_finds_nothing_out_is_made_again() -> None:
    async with model_at_simulation(fault("http_status", 1)) as (model, _):
        with pytest.raises(TemporarilyUnavailable):
            await model.generate(TALK)
        assert (await model.generate(TALK)).value.structure.title


async def test_a_reply_that_does_not_fit_is_sent_back_with_what_is_wrong() -> None:
    async with model_at_simulation(fault("say", 1, text='{"discard": "perhaps"}'), **KNOWN) as (model, vendor):
        answer = await model.generate(TALK)
    assert answer.value.structure.title
    assert formats(vendor.requests) == ["json_schema"] * 2
    complaint = vendor.requests[1]["messages"][-1]["content"]
    assert "Expected `bool`, got `str` - at `$.discard`" in complaint
    assert answer.tokens.written > 1


@pytest.mark.parametrize("kind", ["truncated", "refusal", "content_filter", "prose"])
async def test_a_second_trouble_makes_it_ask_in_a_simpler_way(kind: str) -> None:
    async with model_at_simulation(fault(kind, 1, 2), **KNOWN) as (model, vendor):
        assert (await model.generate(TALK)).value.structure.title
    assert formats(vendor.requests) == ["json_schema", "json_schema", "json_object"]
    assert '"title"' in vendor.requests[2]["messages"][0]["content"]


async def test_a_schema_that_is_refused_all_at_once_makes_it_ask_in_a_simpler_way() -> None:
    async with model_at_simulation(NO_SCHEMA, **KNOWN) as (model, vendor):
        assert (await model.generate(TALK)).value.structure.title
    assert formats(vendor.requests) == ["json_schema", "json_object"]


async def test_after_a_reply_that_was_cut_off_there_is_more_room() -> None:
    async with model_at_simulation(fault("truncated", 1), **KNOWN) as (model, vendor):
        await model.generate(TALK)
    rooms = [request["max_completion_tokens"] for request in vendor.requests]
    assert rooms[1] == 2 * rooms[0]


async def test_json_may_have_words_around_it() -> None:
    async with model_at_simulation(**KNOWN) as (model, vendor):
        plain = (await model.generate(TALK)).value
        whole = '<think>{"no": 1}</think>Here you are:\n```json\n%s\n```'
        reply = obeying(title="T")
        vendor.script = OpenAIScript(faults=(fault("say", text=whole % reply),))
        assert (await model.generate(TALK)).value.structure.title == "T" != plain.structure.title


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("prose", NoFittingAnswer),
        ("truncated", NoFittingAnswer),
        ("refusal", Refused),
        ("content_filter", Refused),
        ("break_off", TemporarilyUnavailable),
        ("refuse", TemporarilyUnavailable),
    ],
)
async def test_trouble_that_does_not_end_is_told(kind: str, error: type[Exception]) -> None:
    async with model_at_simulation(fault(kind), **KNOWN) as (model, vendor):
        with pytest.raises(error):
            await model.generate(TALK)
    assert len(vendor.requests) <= 3


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "context_length_exceeded", Refused),
        (401, "invalid_api_key", Rejected),
        (403, "", Rejected),
        (404, "model_not_found", Rejected),
        (422, "", Refused),
        (429, "rate_limit_exceeded", TemporarilyUnavailable),
        (429, "insufficient_quota", Rejected),
        (500, "", TemporarilyUnavailable),
        (503, "", TemporarilyUnavailable),
    ],
)
async def test_every_status_has_a_meaning(status: int, code: str, error: type[Exception]) -> None:
    async with model_at_simulation(fault("http_status", status=status, code=code), **KNOWN) as (model, _):
        with pytest.raises(error, match=str(status)) as told:
            await model.generate(TALK)
        assert type(told.value) is error
        assert "scripted" not in str(told.value)


async def test_it_waits_as_long_as_it_is_told_and_tries_again() -> None:
    busy = fault("http_status", 1, 2, status=429, retry_after_ms=30)
    async with model_at_simulation(busy, **KNOWN, retries=2) as (model, vendor):
        began = anyio.current_time()
        assert (await model.generate(TALK)).value.structure.title
        assert 0.06 <= anyio.current_time() - began < 0.9  # the SDK's own wait would be 1.1 s at least
    assert len(vendor.requests) == 3


async def test_a_wrong_key_is_refused_and_not_repeated() -> None:
    async with model_at_simulation(api_key="sk-very-secret", **KNOWN) as (model, _):
        with pytest.raises(Rejected) as told:
            await model.generate(TALK)
    assert "OMI_LANGUAGE_MODEL__OPENAI__API_KEY" in str(told.value)
    assert "very-secret" not in str(told.value)


async def test_openai_itself_is_not_asked_without_a_key() -> None:
    async with OpenAILanguageModel(OpenAILanguageModelSettings()) as model:
        with pytest.raises(Rejected, match="API_KEY"):
            await model.generate(TALK)
        assert (await model.diagnose()).condition is Condition.BROKEN


async def test_a_server_of_ones_own_needs_no_key() -> None:
    async with serve_openai(key="none") as vendor, asking(vendor, api_key="") as model:
        assert (await model.generate(TALK)).value.structure.title


async def test_a_server_that_hangs_costs_no_more_than_the_budget() -> None:
    async with model_at_simulation(fault("hang"), **KNOWN) as (model, _):
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match=r"within 0\.1 s"):
            await model.generate(within(0.1, TALK))
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable):
            async with model.stream(within(0.1, ASKED)):
                pass


async def test_a_talk_that_is_too_long_is_refused_before_it_is_sent() -> None:
    async with model_at_simulation(**KNOWN, context_tokens=5_000) as (model, vendor):
        with pytest.raises(Refused, match="5000"):
            await model.generate(draft("word " * 2_000))
    assert vendor.requests == []


async def test_photos_travel_as_data() -> None:
    images = [Image(content=b"first"), Image(content=b"second", media_type="image/png")]
    async with model_at_simulation(**KNOWN, vision_model="eyes") as (model, vendor):
        described = (await model.generate(describe_photos(images))).value
    assert len(described) == 2
    assert all(photo.description for photo in described)
    [request] = vendor.requests
    assert request["model"] == "eyes"
    parts = request["messages"][-1]["content"]
    assert parts[1]["image_url"]["url"] == "data:image/jpeg;base64,Zmlyc3Q="
    assert parts[3]["image_url"]["url"].startswith("data:image/png;base64,")


async def test_a_model_without_eyes_refuses_photos() -> None:
    async with model_at_simulation(**KNOWN, vision=False) as (model, _):
        with pytest.raises(Refused, match="photos"):
            await model.generate(describe_photos([Image(content=b"first")]))


async def test_text_that_is_cut_off_is_used_as_far_as_it_goes() -> None:
    async with model_at_simulation(fault("truncated")) as (model, _):
        assert (await model.generate(ASKED)).value


@pytest.mark.parametrize("kind", ["refusal", "content_filter"])
async def test_text_that_is_refused_is_refused(kind: str) -> None:
    async with model_at_simulation(fault(kind)) as (model, _):
        with pytest.raises(Refused):
            await model.generate(GREETING)
        with pytest.raises(Refused):
            async with model.stream(ASKED):
                pass


async def test_a_stream_comes_in_pieces_and_reports_its_use() -> None:
    async with model_at_simulation() as (model, vendor), model.stream(ASKED) as pieces:
        written = [piece async for piece in pieces]
    assert len(written) > 3
    assert "".join(written) == "I read: The flight leaves on Thursday. [1]"
    assert vendor.requests[0]["stream_options"] == {"include_usage": True}


async def test_a_stream_that_breaks_off_says_so() -> None:
    async with model_at_simulation(fault("break_off")) as (model, _), model.stream(ASKED) as pieces:
        assert await anext(aiter(pieces))
        with pytest.raises(TemporarilyUnavailable, match="broke off"):
            _ = [piece async for piece in pieces]


async def test_options_reach_the_server_only_where_they_are_set() -> None:
    async with model_at_simulation(**KNOWN, reasoning_effort="low", organization="org-1") as (model, vendor):
        await model.generate(TALK)
    assert vendor.requests[0]["reasoning_effort"] == "low"


@pytest.mark.parametrize(
    ("settings", "condition"),
    [
        ({}, Condition.WORKING),
        ({"model": "gpt-99"}, Condition.DEGRADED),
        ({"api_key": "wrong"}, Condition.BROKEN),
        ({"base_url": "http://127.0.0.1:9/v1"}, Condition.DEGRADED),
    ],
)
async def test_it_tells_how_it_does(settings: dict[str, Any], condition: Condition) -> None:
    async with model_at_simulation(**settings) as (model, _):
        diagnosis = await model.diagnose()
    assert diagnosis.condition is condition
    assert diagnosis.finding
    assert bool(diagnosis.remedy) is (condition is not Condition.WORKING)


async def test_a_draft_is_what_its_task_concludes() -> None:
    async with model_at_simulation(**KNOWN) as (model, _):
        made = (await model.generate(TALK)).value
    assert isinstance(made, MemoryDraft)
    assert [item.evidence for item in made.structure.action_items] == [("s0",), ("s1",)]
