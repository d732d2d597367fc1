"""`/v1/memories/{id}/segments`: who said something."""

from collections.abc import Sequence

from litestar import Controller, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import present
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from application.voices.learn_voices import Assigned, Assignment, Extent, Learning, LearnVoices
from domain.errors import InvalidRequest
from domain.ids import MemoryId, PersonId, UserId
from domain.speaker import OWNER

YES, NO = {"true", "1"}, {"false", "0"}


class AssignedMemory(WireMemory, kw_only=True):
    """A memory, and whether a voice was learned on the way."""

    voice_learned: bool
    voice_learning: str
    """`learned`, or why not: `not_asked`, `too_few_words`, `no_audio`, `outlier`."""


class SegmentsController(Controller):
    """Segments of the memories of the caller."""

    path = "/v1/memories/{memory_id:str}/segments"
    tags: Sequence[str] | None = ["memories"]

    @patch("/{segment_idx:int}/assign", status_code=200, responses=FAILURES, summary="Say who said it")
    async def assign_segment(
        self,
        *,
        user: NamedDependency[UserId],
        learn_voices: NamedDependency[LearnVoices],
        memory_id: FromPath[str],
        segment_idx: FromPath[int],
        assign_type: FromQuery[str],
        value: FromQuery[str | None] = None,
        use_for_speech_training: FromQuery[bool] = True,
        whole_voice: FromQuery[bool] = False,
    ) -> AssignedMemory:
        """Gives a segment, or all of its voice, to the owner, to a person, or to nobody; learns the voice."""
        said = Assignment(
            memory=MemoryId(memory_id),
            index=segment_idx,
            person=person_said(assign_type, present(value)),
            extent=Extent.VOICE if whole_voice else Extent.SEGMENT,
            learn=use_for_speech_training,
        )
        return assigned_to_wire(await learn_voices.assign(user, said))


def person_said(kind: str, value: str | None) -> PersonId | None:
    """Whom an assignment names.

    Raises:
        InvalidRequest: it is no kind of assignment, or no value of its kind.
    """
    if kind == "person_id":
        return PersonId(value) if value is not None else None
    if kind != "is_user":
        raise InvalidRequest("Invalid assign type")
    if value is None or value.lower() in NO:
        return None
    if value.lower() in YES:
        return OWNER
    raise InvalidRequest("value: expected true or false")


def assigned_to_wire(assigned: Assigned) -> AssignedMemory:
    """What became of an assignment, as the apps read it."""
    memory = memory_to_wire(assigned.memory)
    fields = {name: getattr(memory, name) for name in WireMemory.__struct_fields__}
    return AssignedMemory(
        **fields,
        voice_learned=assigned.learning is Learning.LEARNED,
        voice_learning=assigned.learning.value,
    )
