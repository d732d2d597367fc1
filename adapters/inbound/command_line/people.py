"""`omi people`: whose voices are known, in the stores or on a server."""

from typing import Protocol

from rich.console import Console
from rich.markup import escape

from adapters.inbound.http.people import WirePerson, person_to_wire
from application.voices.join_people import JoinPeople
from application.voices.manage_people import ManagePeople
from domain.ids import PersonId, UserId


class AroundMe(Protocol):
    """The people around one user, wherever they are kept. All methods raise AdapterError and BusinessError."""

    async def list(self) -> list[WirePerson]:
        """All of them, by name."""
        ...

    async def add(self, name: str) -> WirePerson:
        """Somebody new."""
        ...

    async def rename(self, person: str, name: str) -> None:
        """Another name for somebody."""
        ...

    async def delete(self, person: str) -> None:
        """Forgets somebody."""
        ...

    async def merge(self, gone: str, *, into: str) -> None:
        """Two are one."""
        ...


class StoredPeople:
    """Directly in the stores."""

    def __init__(self, people: ManagePeople, join: JoinPeople, *, user: UserId) -> None:
        self._people = people
        self._join = join
        self._user = user

    async def list(self) -> list[WirePerson]:
        """All of them, by name. What links would lead to is told by its key."""
        found = await self._people.list(self._user)
        return [person_to_wire(person, list(person.speech_samples)) for person in found]

    async def add(self, name: str) -> WirePerson:
        """Somebody new."""
        return person_to_wire(await self._people.create(self._user, name), [])

    async def rename(self, person: str, name: str) -> None:
        """Another name for somebody."""
        await self._people.rename(self._user, PersonId(person), name)

    async def delete(self, person: str) -> None:
        """Forgets somebody. What they said in memories is corrected by the server's jobs."""
        await self._people.delete(self._user, PersonId(person))

    async def merge(self, gone: str, *, into: str) -> None:
        """Two are one. What they said in memories is corrected by the server's jobs."""
        await self._join.merge(self._user, into=PersonId(into), gone=PersonId(gone))


def show_people(people: list[WirePerson], console: Console) -> None:
    """Prints people, one a line."""
    for person in people:
        count = len(person.speech_samples)
        samples = f"{count} sample{'' if count == 1 else 's'}"
        console.print(
            f"[dim]{person.id}[/]  {escape(person.name)}  [cyan]{samples}[/]", soft_wrap=True, highlight=False
        )
    if not people:
        console.print("Nobody is known yet; add somebody with: omi people add NAME")
