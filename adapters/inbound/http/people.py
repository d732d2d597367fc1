"""`/v1/users/people`: whose voices are known."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct, field

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.links import absolute, all_absolute
from application.recordings.share_objects import ShareObjects
from application.voices.join_people import JoinPeople
from application.voices.manage_people import LONGEST_NAME, SHORTEST_NAME, ManagePeople
from application.voices.speech_profiles import SpeechProfiles
from domain.audio import seconds
from domain.ids import PersonId, UserId
from domain.person import Person
from domain.speaker import OWNER

Name = Annotated[str, Meta(min_length=SHORTEST_NAME, max_length=LONGEST_NAME)]
DONE = {"status": "ok"}


class CreatePerson(Struct, frozen=True):
    """Somebody new."""

    name: Name


class MergePeople(Struct, frozen=True):
    """Who turned out to be the person of the address, and goes."""

    gone: Annotated[str, Meta(min_length=1, max_length=200)] = field(name="from")


class SplitPerson(Struct, frozen=True):
    """Which part of a voice is somebody else's."""

    name: Name
    sources: Annotated[list[str], Meta(min_length=1, max_length=100)]
    """As `/voices` tells them."""


class WirePerson(Struct, frozen=True, kw_only=True):
    """Somebody, with every key that any of the apps reads."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    deleted: bool = False
    speech_samples: list[str]
    """Links that work for an hour."""


class WireVoice(Struct, frozen=True, kw_only=True):
    """A stretch of speech that somebody is known by."""

    source: str
    """`enrollment`, or memory and segment."""
    seconds: float
    added_at: datetime
    url: str | None
    """Of the recording, where it is kept."""


class PeopleController(Controller):
    """The people around the caller. `user` in place of an identifier is the caller, where that makes sense."""

    path = "/v1/users/people"
    tags: Sequence[str] | None = ["people"]

    @post(status_code=200, responses=FAILURES, summary="Add somebody")
    async def create_person(
        self, *, user: NamedDependency[UserId], people: NamedDependency[ManagePeople], data: JSONBody[CreatePerson]
    ) -> WirePerson:
        """Adds somebody under a name of 2 to 40 characters."""
        return person_to_wire(await people.create(user, data.name), [])

    @get(status_code=200, responses=FAILURES, summary="List people by name")
    async def list_people(
        self,
        *,
        user: NamedDependency[UserId],
        people: NamedDependency[ManagePeople],
        share_objects: NamedDependency[ShareObjects],
        request: Request[Any, Any, Any],
        include_speech_samples: FromQuery[bool] = True,
    ) -> list[WirePerson]:
        """Lists people, with links to samples of their voices."""
        found = await people.list(user)
        if not include_speech_samples:
            return [person_to_wire(person, []) for person in found]
        return [
            person_to_wire(person, all_absolute(await share_objects.links(user, person.speech_samples), request))
            for person in found
        ]

    @get("/{person_id:str}", status_code=200, responses=FAILURES, summary="Read somebody")
    async def read_person(
        self,
        *,
        user: NamedDependency[UserId],
        people: NamedDependency[ManagePeople],
        share_objects: NamedDependency[ShareObjects],
        request: Request[Any, Any, Any],
        person_id: FromPath[str],
        include_speech_samples: FromQuery[bool] = False,
    ) -> WirePerson:
        """Reads somebody, with links to samples of the voice where they are asked for."""
        person = await people.get(user, PersonId(person_id))
        keys = person.speech_samples if include_speech_samples else ()
        return person_to_wire(person, all_absolute(await share_objects.links(user, keys), request))

    @get("/{person_id:str}/voices", status_code=200, responses=FAILURES, summary="What somebody is known by")
    async def list_voices(
        self,
        *,
        user: NamedDependency[UserId],
        people: NamedDependency[ManagePeople],
        speech_profiles: NamedDependency[SpeechProfiles],
        share_objects: NamedDependency[ShareObjects],
        request: Request[Any, Any, Any],
        person_id: FromPath[str],
    ) -> list[WireVoice]:
        """Lists the stretches of speech that a voice was learned from."""
        person = PersonId(person_id)
        if person != OWNER:
            await people.get(user, person)
        return [
            WireVoice(
                source=one.source,
                seconds=seconds(one.samples),
                added_at=one.added_at,
                url=absolute(await share_objects.link(user, one.audio), request) if one.audio else None,
            )
            for one in (await speech_profiles.of(user, person)).exemplars
        ]

    @patch("/{person_id:str}/name", status_code=200, responses=FAILURES, summary="Rename somebody")
    async def rename_person(
        self,
        *,
        user: NamedDependency[UserId],
        people: NamedDependency[ManagePeople],
        person_id: FromPath[str],
        value: FromQuery[str],
    ) -> dict[str, str]:
        """Gives somebody another name."""
        await people.rename(user, PersonId(person_id), value)
        return DONE

    @delete("/{person_id:str}", status_code=204, responses=FAILURES, summary="Forget somebody")
    async def delete_person(
        self, *, user: NamedDependency[UserId], people: NamedDependency[ManagePeople], person_id: FromPath[str]
    ) -> None:
        """Removes somebody with the recordings of the voice; what they said in memories becomes nobody's."""
        await people.delete(user, PersonId(person_id))

    @post("/{person_id:str}/merge", status_code=200, responses=FAILURES, summary="Two people are one")
    async def merge_people(
        self,
        *,
        user: NamedDependency[UserId],
        join_people: NamedDependency[JoinPeople],
        person_id: FromPath[str],
        data: JSONBody[MergePeople],
    ) -> dict[str, str]:
        """The person of the address stays, with both voices and all that both said; the other one goes."""
        await join_people.merge(user, into=PersonId(person_id), gone=PersonId(data.gone))
        return DONE

    @post("/{person_id:str}/split", status_code=200, responses=FAILURES, summary="One person is two")
    async def split_person(
        self,
        *,
        user: NamedDependency[UserId],
        join_people: NamedDependency[JoinPeople],
        share_objects: NamedDependency[ShareObjects],
        person_id: FromPath[str],
        data: JSONBody[SplitPerson],
        request: Request[Any, Any, Any],
    ) -> WirePerson:
        """Somebody new gets what was learned there, and what was said there."""
        other = await join_people.split(user, PersonId(person_id), sources=frozenset(data.sources), name=data.name)
        return person_to_wire(other, all_absolute(await share_objects.links(user, other.speech_samples), request))


def person_to_wire(person: Person, samples: list[str]) -> WirePerson:
    """Somebody as the apps read them."""
    return WirePerson(
        id=person.id,
        name=person.name,
        created_at=person.created_at,
        updated_at=person.updated_at,
        speech_samples=samples,
    )
