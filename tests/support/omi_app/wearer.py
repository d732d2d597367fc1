"""Somebody who wears a device all day, with phones of several years, a bad network and a server that crashes."""

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import anyio
from anyio.abc import TaskGroup

from adapters.outbound.authenticator.fake import FakeAuthenticator
from domain.ids import UserId
from domain.watermark import text_of
from ports.clock import Clock
from tests.support.omi_app.day import Heard, Talk, messages
from tests.support.omi_app.eras import ERAS
from tests.support.omi_app.home import Home
from tests.support.omi_app.lines import AsgiLine, Line
from tests.support.omi_app.phone import Audio, Phone
from tests.support.omi_app.rest import Rest

ANNA = UserId("anna")
MICROPHONE, DEVICE = Audio(), Audio(codec="opus")
SIZES = {MICROPHONE: 8_192, DEVICE: 3_200}
"""Bytes of a message; packets of the device are samples, to a decoder that is pretended."""
UNNOTICED = 25.0
"""Seconds after which a server notices that a phone has gone without a word."""


class Hourly:
    """Tokens that are good for an hour."""

    def __init__(self, clock: Clock) -> None:
        self._maker = FakeAuthenticator(clock=clock)
        self.count = 0
        self.current = self._maker.issue(ANNA, lifetime=timedelta(hours=1))

    async def refresh(self) -> None:
        """Another hour."""
        self.count += 1
        self.current = self._maker.issue(ANNA, lifetime=timedelta(hours=1))


class Air:
    """The network between phones and server: what fades, the server notices late."""

    def __init__(self, home: Home, tasks: TaskGroup) -> None:
        self._home = home
        self._tasks = tasks
        self._lines: list[AsgiLine] = []

    async def open(self, path: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> Line:
        """A socket; raises Refused or Closed."""
        line = await self._home.open(path, query, headers)
        assert isinstance(line, AsgiLine)
        self._lines = [other for other in self._lines if not other.is_closed] + [line]
        return line

    def fade(self) -> None:
        """Sockets are dead, and only the phone knows."""
        for line in self._lines:
            if not line.is_closed:
                line.fade()
                self._tasks.start_soon(self._notice, line)

    async def _notice(self, line: AsgiLine) -> None:
        await anyio.sleep(UNNOTICED)
        line.notice()


class Wearer:
    """One user, one phone at a time."""

    def __init__(self, home: Home, *, clock: Clock, tasks: TaskGroup, seed: int) -> None:
        self.heard = Heard()
        self.cuts = self.restarts = self.phone_switches = self.device_switches = 0
        self.tokens = Hourly(clock)
        self.air = Air(home, tasks)
        self._home = home
        self._clock = clock
        self._tasks = tasks
        self._chance = random.Random(seed)
        self.phones = [
            Phone(era, user=ANNA, rest=Rests(self), tokens=self.tokens, network=self.air, clock=clock) for era in ERAS
        ]
        self.phone = self.phones[-1]
        self._put_away = anyio.Event()

    @property
    def rest(self) -> Rest:
        """The calls of the app to the server that runs now."""
        return self._home.app_of(self.tokens)

    async def put_away(self) -> None:
        """Closes the app."""
        self._put_away.set()

    async def take(self, phone: Phone) -> None:
        """Uses a phone from now on, and none besides."""
        await self.put_away()
        self._put_away = anyio.Event()
        self.phone = phone
        self._tasks.start_soon(self._carry, phone, self._put_away)

    async def follow(self, talk: Talk) -> None:
        """The device hears a conversation, and the phone sends what it can. Then the app stays open for a while."""
        await self._clock.sleep(talk.start - self._chance.uniform(3, 20) - self._clock.monotonic())
        await self.take(self.phone)
        for burst in talk.bursts:
            await self._clock.sleep(burst.at - self._clock.monotonic())
            for packet, inside in messages(burst.words, size=SIZES[self.phone.audio]):
                await anyio.sleep(len(packet) / 32_000)
                self._note({text_of(number) for number in inside}, is_sent=await self.phone.hear(packet))
        if talk.is_ended_by_hand and self.phone.era.processes and self._home.is_up:
            await anyio.sleep(self._chance.uniform(3, 20))
            if self._home.is_up:
                await self.rest.ask(self.phone.era.processes, status_expected=(200, 404))
        await self._clock.sleep(talk.end + self._chance.uniform(30, 150) - self._clock.monotonic())
        await self.put_away()

    async def lose_network(self, *, seconds: float, how: Callable[[], Awaitable[None]]) -> None:
        """For a while; the phone is told when it is back."""
        self.cuts += 1
        phone = self.phone
        await how()
        await phone.lose_network()
        await anyio.sleep(seconds)
        phone.regain_network(self.air)

    async def fades(self) -> None:
        """Without a word to the server."""
        self.air.fade()

    async def breaks(self) -> None:
        """The server notices at once."""

    async def restart_app(self, *, seconds: float) -> None:
        """The phone kills it; the user opens it again."""
        self.restarts += 1
        phone = self.phone
        await phone.lose_network()
        self._put_away.set()
        await anyio.sleep(seconds)
        phone.regain_network(self.air)
        await self.take(self.phone)

    async def switch_phone(self) -> None:
        self.phone_switches += 1
        await self.take(self._chance.choice([phone for phone in self.phones if phone is not self.phone]))

    async def switch_device(self) -> None:
        self.device_switches += 1
        await self.phone.change_audio(MICROPHONE if self.phone.audio == DEVICE else DEVICE)

    async def _carry(self, phone: Phone, put_away: anyio.Event) -> None:
        async with phone.attached():
            await put_away.wait()

    def _note(self, words: set[str], *, is_sent: bool) -> None:
        (self.heard.sent if is_sent else self.heard.unsent).update(words)


class Rests(Rest):
    """Calls to whichever server runs; none does, none is made."""

    def __init__(self, wearer: Wearer) -> None:
        self._wearer = wearer

    async def ask(self, route: str, **more: Any) -> Any:
        """As the app's."""
        return await self._wearer.rest.ask(route, **more) if self._wearer._home.is_up else None
