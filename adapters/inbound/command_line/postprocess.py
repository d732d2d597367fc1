"""`omi postprocess`: a better transcript of a memory, from its recording."""

from rich.console import Console

from application.memories.manage_memories import ManageMemories
from application.recordings.post_process import PostProcess
from domain.ids import MemoryId, UserId
from domain.memory import Memory, PostProcessing, PostProcessingStatus
from ports.clock import Clock

LOOK_EVERY = 0.2
"""Seconds."""
_STYLES = {
    PostProcessingStatus.COMPLETED: "green",
    PostProcessingStatus.CANCELED: "yellow",
    PostProcessingStatus.FAILED: "red",
}


class PostProcessHere:
    """Asks for it, and waits until the worker of this process has done it."""

    def __init__(self, post_process: PostProcess, *, memories: ManageMemories, clock: Clock) -> None:
        self._post_process = post_process
        self._memories = memories
        self._clock = clock

    async def run(self, user: UserId, memory_id: MemoryId, *, recording: bytes | None) -> Memory:
        """The memory when nothing more is done about it. What cannot be reached is waited for.

        Raises:
            BusinessError: it cannot be asked for.
            AdapterError: a store failed.
        """
        memory = await self._post_process.request(user, memory_id, upload=recording)
        while _state(memory).status is PostProcessingStatus.IN_PROGRESS:
            await self._clock.sleep(LOOK_EVERY)
            memory = await self._memories.get(user, memory_id)
        return memory


def show_outcome(memory: Memory, console: Console) -> None:
    """Prints what became of it in one line."""
    made = _state(memory)
    words = sum(len(segment.text.split()) for segment in memory.segments)
    by = f" by {made.recognizer}" if made.recognizer else ""
    why = f": {made.reason}" if made.reason else ""
    console.print(
        f"[{_STYLES.get(made.status, 'cyan')}]{made.status.value}[/]{by}{why}; {words} words",
        soft_wrap=True,
        highlight=False,
    )


def _state(memory: Memory) -> PostProcessing:
    return memory.postprocessing or PostProcessing()
