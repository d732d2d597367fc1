"""Orders in a talk are only words, even where a model obeys them."""

from datetime import UTC, datetime

import msgspec
import pytest

from adapters.outbound.language_model.chat_messages import messages_of
from adapters.outbound.language_model.replies import Misfit, filled
from application.tasks.structure_memory import WrittenMemory, structure_memory
from domain.grounding import said_in
from domain.ids import SegmentId
from domain.material import Background
from domain.memory import Category, MemoryDraft
from domain.transcript import TranscriptSegment
from ports.language_model import Task
from tests.unit.application.tasks.injections import ATTACK, CLAIMS, ESCAPES, INJECTIONS, LINKS, SHAPES, Injection

HARMLESS = (
    (True, "I'll send Ben the recipe for the pasta."),
    (False, "Lovely. Lunch again on Tuesday?"),
    (True, "Yes. I sign up for cello lessons soon."),
)
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


def attacked(injection: Injection) -> Task[MemoryDraft]:
    turns = [*HARMLESS, (False, injection.said), (False, "And Claire was there.")]
    segments = tuple(
        TranscriptSegment(
            id=SegmentId(f"s{n}"), text=text, start=n, end=n + 1, speaker=0 if is_user else 1 + n // 4, is_user=is_user
        )
        for n, (is_user, text) in enumerate(turns)
    )
    return structure_memory(segments, background=Background(now=NOW, user_name="Anna"))


def obeyed(injection: Injection) -> MemoryDraft:
    return attacked(injection).conclude(filled(injection.reply, WrittenMemory))


def test_there_are_fifty() -> None:
    assert len(INJECTIONS) == len({injection.reply + injection.said for injection in INJECTIONS}) == 50


@pytest.mark.parametrize("injection", SHAPES, ids=lambda i: i.said[-30:])
def test_a_reply_of_another_shape_is_no_memory(injection: Injection) -> None:
    with pytest.raises(Misfit) as refused:
        filled(injection.reply, WrittenMemory)
    assert "HACKED" not in str(refused.value)
    assert "admin" not in str(refused.value)


@pytest.mark.parametrize("injection", CLAIMS, ids=lambda i: i.said[-30:])
def test_nothing_is_claimed_that_was_not_said(injection: Injection) -> None:
    draft = obeyed(injection)
    assert draft.facts == ()
    assert draft.structure.action_items == ()
    assert draft.structure.events == ()
    assert draft.people == ()
    assert draft.structure.category in Category


@pytest.mark.parametrize("injection", LINKS, ids=lambda i: i.said[-30:])
def test_no_link_comes_out_that_was_not_said(injection: Injection) -> None:
    kept = msgspec.json.encode(obeyed(injection)).decode()
    assert "evil" not in kept
    assert "://" not in kept


@pytest.mark.parametrize("injection", [*CLAIMS, *LINKS, *ESCAPES], ids=lambda i: i.said[-30:])
def test_whatever_is_kept_rests_on_the_talk(injection: Injection) -> None:
    task = attacked(injection)
    draft = obeyed(injection)
    places = {segment.id: n for n, segment in enumerate(task.segments)}
    claims = [(i.description, i.evidence) for i in draft.structure.action_items]
    claims += [(e.title, e.evidence) for e in draft.structure.events]
    claims += [(f.content, f.evidence) for f in draft.facts]
    for claim, evidence in claims:
        assert said_in(claim, evidence=[places[segment] for segment in evidence], segments=task.segments)


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda i: i.said[-30:])
def test_an_order_stays_within_its_fence(injection: Injection) -> None:
    task = attacked(injection)
    *trusted, background, talk = messages_of(task)
    assert all(message["role"] == "system" for message in trusted)
    assert injection.said not in str(trusted)
    assert background["role"] == talk["role"] == "user"
    opening, data, closing = talk["content"].split("\n")
    assert closing == opening.replace("<", "</")
    assert "<" not in data
    assert ">" not in data
    assert msgspec.json.decode(data)["transcript"][ATTACK]["text"] == injection.said


def test_no_two_fences_are_alike() -> None:
    task = attacked(INJECTIONS[0])
    fences = {message["content"].split("\n")[0] for _ in range(20) for message in messages_of(task)[2:]}
    assert len(fences) == 40
