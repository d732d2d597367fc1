"""News of live sessions on their way to plugins: gathered for a moment, sent in order, and dropped before it waits."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

import anyio
import anyio.abc

from application.plugins.call_plugins import LeftAlone
from application.plugins.enabled_plugins import EnabledPlugins
from application.plugins.plugin_failure import Report, failure_of
from domain.ids import UserId
from domain.plugin import Plugin, Trigger
from ports.clock import Clock
from ports.errors import AdapterError

Item = TypeVar("Item")
Session = tuple[UserId, str]
Send = Callable[[Plugin, UserId, str, tuple[Item, ...]], Awaitable[None]]
"""Tells a plugin what a session of a user has to tell."""

LOOK_AGAIN = 30.0
"""Seconds after which a plugin that was enabled meanwhile is noticed, in a session that had none."""
MOST_SESSIONS = 10_000
"""Of sessions beyond these, plugins are told nothing."""


class LiveHooks(Generic[Item]):
    """For one trigger: an inbox for each session, and a queue for each plugin and session. Both drop the oldest."""

    def __init__(
        self,
        trigger: Trigger,
        *,
        enabled: EnabledPlugins,
        send: Send[Item],
        clock: Clock,
        report: Report,
        every: float,
        keep: int,
    ) -> None:
        """Keeps what it works with.

        Args:
            trigger: plugins that want to be told of this are told.
            enabled: which plugins a user has.
            send: tells one plugin; what it raises is reported, and what was to be told is dropped.
            clock: pauses go by it.
            report: told of each plugin that failed.
            every: seconds that items are gathered for.
            keep: items that wait for one plugin at most.
        """
        self._trigger = trigger
        self._enabled = enabled
        self._send = send
        self._clock = clock
        self._report = report
        self._every = every
        self._keep = keep
        self._inboxes: dict[Session, deque[Item]] = {}
        self._begun: deque[Session] = deque()
        self._has_begun = anyio.Event()
        self._queues: dict[tuple[str, Session], deque[Item]] = {}
        self.dropped = 0
        """Items that were given up for newer ones."""

    def offer(self, user: UserId, session: str, items: Iterable[Item]) -> None:
        """Takes items of a session. Returns at once and raises nothing, whatever plugins do."""
        key = (user, session)
        inbox = self._inboxes.get(key)
        if inbox is None:
            if len(self._inboxes) >= MOST_SESSIONS:
                self.dropped += 1
                return
            inbox = self._inboxes[key] = deque(maxlen=self._keep)
            self._begun.append(key)
            self._has_begun.set()
        self._put(inbox, items)

    def is_wanted(self, user: UserId, session: str) -> bool:
        """Whether some plugin wants what a session tells, as far as is known yet. To be asked now and then."""
        self.offer(user, session, ())
        inbox = self._inboxes.get((user, session))
        return inbox is not None and inbox.maxlen != 0

    async def run(self) -> None:
        """Sends until cancelled."""
        async with anyio.create_task_group() as tasks:
            while True:
                while self._begun:
                    tasks.start_soon(self._serve, self._begun.popleft(), tasks)
                self._has_begun = anyio.Event()
                await self._has_begun.wait()

    async def _serve(self, session: Session, tasks: anyio.abc.TaskGroup) -> None:
        """Carries what a session tells to the queues of its plugins, until it tells nothing for a while."""
        while True:
            plugins = await self._listening(session)
            if not plugins:
                self._inboxes[session] = deque(maxlen=0)  # what nobody wants is not even kept
            await self._clock.sleep(self._every if plugins else LOOK_AGAIN)
            items = tuple(self._inboxes[session])
            if not items:
                del self._inboxes[session]
                return
            self._inboxes[session].clear()
            for plugin in plugins:
                self._queue(plugin, session, items, tasks)

    async def _listening(self, session: Session) -> tuple[Plugin, ...]:
        try:
            return await self._enabled.triggered(session[0], self._trigger)
        except AdapterError:
            return ()

    def _queue(self, plugin: Plugin, session: Session, items: tuple[Item, ...], tasks: anyio.abc.TaskGroup) -> None:
        key = (plugin.id, session)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = deque(maxlen=self._keep)
            tasks.start_soon(self._empty, plugin, session, queue)
        self._put(queue, items)

    async def _empty(self, plugin: Plugin, session: Session, queue: deque[Item]) -> None:
        """Sends what has piled up, all at once, until nothing is left."""
        while queue:
            items = tuple(queue)
            queue.clear()
            try:
                await self._send(plugin, *session, items)
            except LeftAlone:
                continue  # told when it failed; nothing new
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one plugin must not end the others
                occasion = self._trigger.value
                self._report(failure_of(error, plugin=plugin.id, user=session[0], occasion=occasion))
        del self._queues[plugin.id, session]

    def _put(self, queue: deque[Item], items: Iterable[Item]) -> None:
        for item in items:
            self.dropped += len(queue) == self._keep
            queue.append(item)
