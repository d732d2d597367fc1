"""Past a queue whose taker waits: waking a task costs an event more time than all the rest of its way."""

from collections.abc import Callable
from typing import TypeVar

from anyio.streams.memory import MemoryObjectSendStream

from domain.recognition import RecognitionEvent

T = TypeVar("T")

Taker = Callable[[T], bool]
"""Takes an item at once, without a wait and without an error, or says that it has to be queued."""


def gave_straight(item: T, queue: MemoryObjectSendStream[T], taker: Taker[T] | None) -> bool:
    """Gives an item to the taker of a queue if it waits there with nothing in line; False: it has to be queued.

    A taker that was handed an item and has not run yet does not wait: nothing is overtaken.
    """
    return taker is not None and queue.statistics().tasks_waiting_receive > 0 and taker(item)


def hear_straight(stream: object, taker: Taker[RecognitionEvent]) -> None:
    """Has a stream give its events straight to who iterates over it, where the stream knows how."""
    listen: Callable[[Taker[RecognitionEvent]], None] | None = getattr(stream, "hear_straight", None)
    if listen is not None:
        listen(taker)
