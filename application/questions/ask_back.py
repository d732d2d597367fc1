"""Questions that the user may ask next: of a memory, or of what is being said."""

from application.memories.manage_memories import ManageMemories
from application.tasks.followup_question import followup_question
from application.users.accounts import Accounts
from domain.errors import MemoryNotFound
from domain.ids import MemoryId, UserId
from domain.material import Background
from domain.memory import Memory, MemoryStatus
from ports.clock import Clock
from ports.errors import AdapterError
from ports.language_model import LanguageModel
from ports.memory_repository import MemoryQuery

NEWEST = MemoryId("0")
"""What apps call what is being said, or was said last."""
WITH_WORDS = (MemoryStatus.IN_PROGRESS, MemoryStatus.PROCESSING, MemoryStatus.COMPLETED)


class AskBack:
    """Makes one question at a time; keeps none."""

    def __init__(self, *, memories: ManageMemories, accounts: Accounts, model: LanguageModel, clock: Clock) -> None:
        self._memories = memories
        self._accounts = accounts
        self._model = model
        self._clock = clock

    async def question(self, user: UserId, memory_id: MemoryId) -> str:
        """A question about a memory, or about a conversation that has none yet.

        Args:
            user: whose it is.
            memory_id: `NEWEST` for what is being said; where nothing is, for the newest memory that was kept.

        Raises:
            MemoryNotFound: the user has no such memory, or none at all.
            TemporarilyUnavailable: a store failed.
        """
        memory = await (self._newest(user) if memory_id == NEWEST else self._memories.get(user, memory_id))
        account = await self._accounts.get(user)
        background = Background(now=self._clock.now().astimezone(account.zone), user_name=account.name)
        task = followup_question(memory, background=background, language=account.language or "en")
        try:
            return (await self._model.generate(task)).value
        except AdapterError:  # the plain one is a question, too
            return task.fallback or ""

    async def _newest(self, user: UserId) -> Memory:
        query = MemoryQuery(limit=1, statuses=WITH_WORDS, include_discarded=False)
        for memory in (await self._memories.list(user, query)).memories:
            return memory
        raise MemoryNotFound("Memory not found")
