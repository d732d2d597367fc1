"""What users answered to questions becomes facts."""

from collections.abc import Sequence

import anyio
from msgspec import structs

from application.memories.remember_facts import RememberFacts
from application.tasks.structure_memory import structure_memory
from application.users.accounts import Accounts
from domain.audio import SAMPLE_RATE
from domain.ids import SegmentId, UserId
from domain.material import Background
from domain.memory import FactDraft
from domain.onboarding import Question, statement
from domain.transcript import TranscriptSegment
from ports.clock import Clock
from ports.errors import AdapterError
from ports.language_model import LanguageModel

MODEL_SECONDS = 20.0
"""For one answer. After that it is kept in the words of the user."""


class LearnAnswers:
    """Has a model say what an answer says of the user; what it finds nothing in is kept as it was said."""

    def __init__(self, *, model: LanguageModel, accounts: Accounts, facts: RememberFacts, clock: Clock) -> None:
        self._model = model
        self._accounts = accounts
        self._facts = facts
        self._clock = clock

    async def learn(self, user: UserId, told: Sequence[tuple[Question, str]]) -> int:
        """Keeps what is new of some answers; says how many facts they are, known ones among them.

        Harmless to repeat.

        Raises:
            TemporarilyUnavailable: the store failed; repeating completes it.
        """
        found: dict[int, tuple[FactDraft, ...]] = {}

        async def ask(number: int, question: Question, answer: str) -> None:
            with anyio.move_on_after(MODEL_SECONDS):
                found[number] = await self._found(user, question, answer)

        async with anyio.create_task_group() as tasks:
            for number, (question, answer) in enumerate(told):
                tasks.start_soon(ask, number, question, answer)
        drafts: list[FactDraft] = []
        for number, (question, answer) in enumerate(told):
            own = FactDraft(content=statement(question, answer), category=question.category)
            drafts += found.get(number) or (own,)
        remembered = await self._facts.learn(user, drafts)
        return len(remembered.added) + len(remembered.known)

    async def _found(self, user: UserId, question: Question, answer: str) -> tuple[FactDraft, ...]:
        """What a model finds in one answer; nothing where none can be asked.

        It is not told what is known already: what it leaves out for that would seem to have been not found.
        """
        asked = TranscriptSegment(id=SegmentId("question"), text=question.text, start=0, end=SAMPLE_RATE, speaker=1)
        said = TranscriptSegment(
            id=SegmentId("answer"), text=answer, start=2 * SAMPLE_RATE, end=4 * SAMPLE_RATE, is_user=True
        )
        try:
            account = await self._accounts.get(user)
            background = Background(now=self._clock.now().astimezone(account.zone), user_name=account.name)
            task = structure_memory((asked, said), background=background, language=account.language or "en")
            found = (await self._model.generate(task)).value
        except AdapterError:
            return ()
        return tuple(structs.replace(fact, evidence=()) for fact in found.facts)
