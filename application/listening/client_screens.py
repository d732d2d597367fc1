"""What users look at: clients say whether their app is open, and whether it shows what is said."""

from collections import defaultdict

import anyio

from application.listening.listening_session import ListeningSession
from domain.audio import samples
from domain.chat import Message
from domain.ids import UserId
from domain.plugin import Plugin
from domain.session import ProactiveMessage, SessionEvent, SessionRequest
from ports.clock import Clock

LONGEST_SILENT = samples(5.0)
"""Audio that is missing at most for a client to be there: a socket may be dead and look open."""


class ClientScreen:
    """Of one session. As long as its client says nothing, the app may be closed, and may show everything."""

    def __init__(self, screens: "ClientScreens", user: UserId, session: ListeningSession) -> None:
        self._screens = screens
        self._user = user
        self.session = session
        self.is_open = False
        """The user looks at the app."""
        self.shows_words = True
        """What is said is shown."""

    def change(self, *, is_open: bool, shows_words: bool) -> None:
        """The client said so."""
        self.is_open, self.shows_words = is_open, shows_words

    def offer(self, event: SessionEvent) -> None:
        """Needs to know of nothing."""

    async def run(self) -> None:
        """Is there as long as the session is."""
        try:
            await anyio.sleep_forever()
        finally:
            self._screens.forget(self._user, self)


class ClientScreens:
    """The screens of all sessions of this server."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._screens: defaultdict[UserId, list[ClientScreen]] = defaultdict(list)

    def begin(self, request: SessionRequest, session: ListeningSession) -> ClientScreen:
        """The screen of a session that begins."""
        screen = session.screen = ClientScreen(self, request.user, session)
        self._screens[request.user].append(screen)
        return screen

    def forget(self, user: UserId, screen: ClientScreen) -> None:
        """Its session is over."""
        self._screens[user].remove(screen)
        if not self._screens[user]:
            del self._screens[user]

    def show(self, user: UserId, plugin: Plugin, message: Message) -> bool:
        """Shows what a plugin says to a user who looks at the app. False where nobody looks: then it takes a push."""
        looked_at = [screen for screen in self._screens.get(user, ()) if screen.is_open and self._is_there(screen)]
        for screen in looked_at:
            conversation = screen.session.conversation.id
            screen.session.tell(ProactiveMessage(plugin.id, f"{plugin.name} says", message.text, conversation))
        return bool(looked_at)

    def _is_there(self, screen: ClientScreen) -> bool:
        live = screen.session.conversation
        return live.opened.epoch.position_of(self._clock.now()) - live.ledger.end <= LONGEST_SILENT
