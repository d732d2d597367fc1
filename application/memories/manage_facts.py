"""What users do with what is known of them."""

from msgspec import structs

from domain.fact import Fact, FactCategory
from domain.ids import UserId, new_id
from ports.clock import Clock
from ports.facts import Facts

_PAGE = 500


class ManageFacts:
    """Lists, adds, judges, changes and deletes the facts of one user at a time."""

    def __init__(self, *, facts: Facts, clock: Clock) -> None:
        self._facts = facts
        self._clock = clock

    async def list(self, user: UserId, *, limit: int = 100, offset: int = 0) -> tuple[Fact, ...]:
        """Facts that hold and that the user did not reject, newest first."""
        shown: list[Fact] = []
        at = 0
        while len(shown) < offset + limit:
            page = await self._facts.list(user, limit=_PAGE, offset=at)
            shown += [fact for fact in page if is_shown(fact)]
            at += len(page)
            if len(page) < _PAGE:
                break
        return tuple(shown[offset : offset + limit])

    async def add(self, user: UserId, content: str, *, category: FactCategory = FactCategory.OTHER) -> Fact:
        """Keeps what the user wrote of themselves. The same again is what is there: apps repeat what was cut off."""
        for known in await self._facts.list(user, limit=_PAGE):
            if known.content == content and known.manually_added and is_shown(known):
                return known
        now = self._clock.now()
        fact = Fact(
            id=new_id(),
            content=content,
            category=category,
            created_at=now,
            updated_at=now,
            manually_added=True,
            reviewed=True,
            user_review=True,
            valid_from=now,
        )
        await self._facts.save(user, fact)
        return fact

    async def review(self, user: UserId, fact_id: str, *, is_right: bool) -> Fact:
        """Notes what the user says of a fact. One that is rejected is hidden, and not learned again.

        Raises:
            NotFound: the user has no such fact.
        """
        fact = await self._facts.get(user, fact_id)
        return await self._save(user, structs.replace(fact, reviewed=True, user_review=is_right))

    async def edit(self, user: UserId, fact_id: str, content: str) -> Fact:
        """Changes the words of a fact.

        Raises:
            NotFound: the user has no such fact.
        """
        fact = await self._facts.get(user, fact_id)
        return await self._save(user, structs.replace(fact, content=content, edited=True))

    async def delete(self, user: UserId, fact_id: str) -> None:
        """Hides a fact for good. What was learned stays as rejected, so that it is not learned again.

        Raises:
            NotFound: the user has no such fact.
        """
        fact = await self._facts.get(user, fact_id)
        if fact.memory_id is None:
            await self._facts.delete(user, fact_id)
        else:
            await self._save(user, structs.replace(fact, reviewed=True, user_review=False))

    async def _save(self, user: UserId, fact: Fact) -> Fact:
        fact = structs.replace(fact, updated_at=self._clock.now())
        await self._facts.save(user, fact)
        return fact


def is_shown(fact: Fact) -> bool:
    """Whether a fact holds, and the user did not reject it."""
    return fact.user_review is not False and fact.valid_to is None
