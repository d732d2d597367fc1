"""The day, told once to each user in their own evening."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import anyio
import pytest
from msgspec import structs

from adapters.outbound.chat_history.memory import InMemoryChatHistory
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.language_model.extractive import ExtractiveLanguageModel
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.notifier.fake import FakeNotifier
from adapters.outbound.plugin_gateway.fake import FakePluginGateway
from application.days.call_days import CallDays, MissedDay
from application.days.send_day import SendDay
from application.days.tell_day import REMIND, TELL_DAY, TellDay
from application.jobs.run_jobs import RunJobs
from application.plugins.call_plugins import CallPlugins
from application.plugins.developer_webhooks import DeveloperWebhooks, WebhookKind
from application.users.accounts import Accounts
from domain.chat import MessageKind, Sender
from domain.ids import MemoryId, UserId
from domain.memory import ActionItem, Memory, Structure
from domain.plugin import PluginReply
from ports.errors import AdapterError, TemporarilyUnavailable
from ports.notifier import Notification
from ports.plugin_gateway import PluginCall
from tests.support.jobs import attempt, attempt_and_crash

ANNA, BERT, CARL = UserId("anna"), UserId("bert"), UserId("carl")
EVENING = datetime(2026, 1, 1, 21, 55, tzinfo=UTC)
"""Five minutes before it is time in UTC."""


class OneFails(FakeNotifier):
    """Cannot reach one user."""

    async def notify(self, user: UserId, notification: Notification) -> None:
        if user == BERT:
            raise TemporarilyUnavailable("no way to Bert")
        await super().notify(user, notification)


class Scene:
    def __init__(self, start: datetime = EVENING, notifier: FakeNotifier | None = None, model: Any = None) -> None:
        self.clock = ManualClock(start)
        self.values, self.queue = InMemoryKeyValueStore(clock=self.clock), InMemoryJobQueue(clock=self.clock)
        self.accounts = Accounts(store=self.values)
        self.memories, self.chat = InMemoryMemoryRepository(), InMemoryChatHistory()
        self.model, self.notifier = model or FakeLanguageModel(), notifier or FakeNotifier()
        self.webhooks, self.gateway = DeveloperWebhooks(values=self.values), FakePluginGateway()
        self.missed: list[MissedDay] = []
        self.failures: list[Any] = []
        self.tell = TellDay(
            accounts=self.accounts,
            memories=self.memories,
            chat=self.chat,
            notifier=self.notifier,
            model=self.model,
            clock=self.clock,
            send=SendDay(webhooks=self.webhooks, gateway=self.gateway, calls=CallPlugins(clock=self.clock)).send,
        )
        self.days = CallDays(accounts=self.accounts, jobs=self.queue, clock=self.clock, report=self.missed.append)
        self.jobs = RunJobs(
            queue=self.queue,
            clock=self.clock,
            handlers={TELL_DAY: self.tell.tell, REMIND: self.tell.remind},
            report=self.failures.append,
        )

    async def user(self, user: UserId, zone: str = "UTC", token: str = "") -> None:
        await self.accounts.update(user, lambda a: structs.replace(a, time_zone=zone, push_token=token))

    async def remember(self, user: UserId, title: str, *, ago: timedelta = timedelta(hours=1), **more: Any) -> None:
        structure = Structure(title=title, action_items=tuple(more.pop("items", ())))
        memory = Memory(id=MemoryId(title), created_at=self.clock.now() - ago, structure=structure, **more)
        await self.memories.save(user, memory)

    async def run(self, duration: timedelta) -> None:
        """Lets everything run for a while."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.days.run)
            tasks.start_soon(self.jobs.run)
            await self.clock.advance(duration.total_seconds())
            tasks.cancel_scope.cancel()

    async def pass_time(self, duration: timedelta) -> None:
        """As `run`, in steps of ten minutes, for long times."""
        for _ in range(duration // timedelta(minutes=10)):
            await self.days.look()
            await self.clock.advance(600)
            while await attempt(self.queue, TELL_DAY, self.tell.tell):
                pass
            while await attempt(self.queue, REMIND, self.tell.remind):
                pass

    def told(self) -> list[UserId]:
        return [user for user, note in self.notifier.sent if note.title.startswith("Here is")]


async def test_in_the_evening_the_day_is_told() -> None:
    scene = Scene()
    await scene.user(ANNA)
    await scene.remember(ANNA, "The roof")
    await scene.run(timedelta(minutes=4))
    assert scene.notifier.sent == []
    await scene.run(timedelta(minutes=10))
    ((user, note),) = scene.notifier.sent
    (message,) = await scene.chat.recent(ANNA)
    assert (user, note.title) == (ANNA, "Here is your action plan for tomorrow")
    assert message.text == "Today you talked about: The roof."
    assert (message.kind, message.sender, message.memory_ids) == (MessageKind.DAY_SUMMARY, Sender.AI, ("The roof",))
    assert (note.data["text"], note.data["type"], note.data["notification_type"]) == (
        message.text,
        "day_summary",
        "daily_summary",
    )


async def test_the_users_own_address_is_told_once_even_after_failures() -> None:
    scene = Scene()
    await scene.user(ANNA)
    await scene.webhooks.set_address(ANNA, WebhookKind.DAY_SUMMARY, "https://ann.example/day")
    await scene.remember(ANNA, "The roof")
    answers = [TemporarilyUnavailable("not now")]

    async def answer(_: PluginCall) -> PluginReply:
        if answers:
            raise answers.pop()
        return PluginReply()

    scene.gateway.answer = answer
    for _ in range(6):
        await scene.run(timedelta(minutes=10))
    (first, _), (again, summary) = scene.gateway.days
    assert (again.address, again.id) == ("https://ann.example/day", first.id)
    assert (summary.text, len(scene.told())) == ("Today you talked about: The roof.", 1)


async def test_an_address_that_is_switched_off_is_not_told() -> None:
    scene = Scene()
    await scene.user(ANNA)
    await scene.webhooks.set_address(ANNA, WebhookKind.DAY_SUMMARY, "https://ann.example/day")
    await scene.webhooks.disable(ANNA, WebhookKind.DAY_SUMMARY)
    await scene.remember(ANNA, "The roof")
    await scene.run(timedelta(minutes=10))
    assert (scene.gateway.days, len(scene.told())) == ([], 1)


async def test_a_model_tells_it_in_its_own_words() -> None:
    scene = Scene()
    await scene.user(ANNA)
    await scene.remember(ANNA, "The roof")
    scene.model.answers.append("You settled the roof.")
    await scene.run(timedelta(minutes=10))
    assert scene.notifier.sent[0][1].body == "You settled the roof."


async def test_without_a_model_titles_and_open_items_are_listed() -> None:
    scene = Scene(model=ExtractiveLanguageModel())
    await scene.user(ANNA)
    done = ActionItem(description="Measure the roof", completed=True)
    await scene.remember(ANNA, "The roof", items=[ActionItem(description="Call the roofer"), done])
    await scene.run(timedelta(minutes=10))
    (text,) = [note.body for _, note in scene.notifier.sent]
    assert "The roof" in text
    assert "Call the roofer" in text
    assert "Measure" not in text


async def test_a_model_that_fails_costs_the_words_only() -> None:
    scene = Scene()
    await scene.user(ANNA)
    await scene.remember(ANNA, "The roof")
    scene.model.answers.append(TemporarilyUnavailable("busy"))
    await scene.run(timedelta(minutes=10))
    assert scene.notifier.sent[0][1].body == "Today you talked about: The roof."


async def test_everybody_has_an_evening_of_their_own() -> None:
    scene = Scene(datetime(2026, 1, 1, 12, 55, tzinfo=UTC))
    for user, zone in ((ANNA, "UTC"), (BERT, "Asia/Tokyo"), (CARL, "Europe/Berlin")):
        await scene.user(user, zone)
        await scene.remember(user, f"of {user}")
    await scene.run(timedelta(minutes=10))
    assert scene.told() == [BERT]
    await scene.pass_time(timedelta(hours=8))
    assert scene.told() == [BERT, CARL]
    await scene.pass_time(timedelta(hours=2))
    assert scene.told() == [BERT, CARL, ANNA]


async def test_a_week_with_a_change_of_clocks_has_seven_evenings() -> None:
    scene = Scene(datetime(2026, 3, 26, 12, tzinfo=UTC))
    await scene.user(ANNA, "Europe/Berlin")
    for day in range(7):
        await scene.remember(ANNA, f"day {day}", ago=-timedelta(days=day, hours=1))
    await scene.pass_time(timedelta(days=7))
    assert len(scene.told()) == 7
    told = [message.text for message in reversed(await scene.chat.recent(ANNA))]
    assert told == [f"Today you talked about: day {day}." for day in range(7)]


async def test_what_was_made_after_the_summary_is_told_the_next_day() -> None:
    scene = Scene()
    await scene.user(ANNA)
    await scene.remember(ANNA, "before", ago=timedelta(hours=2))
    await scene.remember(ANNA, "after", ago=-timedelta(minutes=20))
    await scene.remember(ANNA, "long ago", ago=timedelta(hours=30))
    await scene.remember(ANNA, "nothing", discarded=True)
    await scene.pass_time(timedelta(days=1, minutes=10))
    assert [note.body for _, note in scene.notifier.sent] == [
        "Today you talked about: before.",
        "Today you talked about: after.",
    ]


async def test_a_day_without_memories_is_passed_over() -> None:
    scene = Scene()
    await scene.user(ANNA)
    await scene.run(timedelta(minutes=20))
    assert scene.notifier.sent == []
    assert await scene.chat.recent(ANNA) == ()
    assert scene.failures == []


async def test_a_user_who_cannot_be_told_holds_up_nobody() -> None:
    scene = Scene(notifier=OneFails())
    for user in (ANNA, BERT, CARL):
        await scene.user(user)
        await scene.remember(user, f"of {user}")
    await scene.run(timedelta(minutes=30))
    assert scene.told() == [ANNA, CARL]
    assert {failure["user"] for failure in scene.failures} == {BERT}
    assert len(await scene.chat.recent(BERT)) == 1


async def test_an_account_that_is_damaged_holds_up_nobody() -> None:
    scene = Scene()
    for user in (ANNA, BERT, CARL):
        await scene.user(user)
        await scene.remember(user, f"of {user}")
    await scene.values.put(f"users:{BERT}:account", b"damaged")
    await scene.run(timedelta(minutes=20))
    assert scene.told() == [ANNA, CARL]
    assert {missed.user for missed in scene.missed} == {BERT}


async def test_a_store_that_is_away_is_looked_at_again() -> None:
    scene = Scene()
    await scene.user(ANNA)
    await scene.remember(ANNA, "The roof")
    members = scene.values.members

    async def away(_: str) -> frozenset[str]:
        raise TemporarilyUnavailable("away")

    scene.values.members = away  # type: ignore[method-assign]
    await scene.days.look()
    assert [missed.user for missed in scene.missed] == [""]
    scene.values.members = members  # type: ignore[method-assign]
    await scene.run(timedelta(minutes=20))
    assert scene.told() == [ANNA]


async def test_handing_in_again_and_again_tells_once() -> None:
    scene = Scene()
    await scene.user(ANNA)
    await scene.remember(ANNA, "The roof")
    for _ in range(5):
        await scene.days.look()
    for _ in range(3):
        await scene.run(timedelta(minutes=30))
    assert scene.told() == [ANNA]


async def due(scene: Scene) -> None:
    await scene.user(ANNA)
    await scene.remember(ANNA, "The roof")
    await scene.days.look()
    await scene.clock.advance(600)


async def test_a_crash_at_the_end_tells_nothing_twice() -> None:
    scene = Scene()
    await due(scene)
    await attempt_and_crash(scene.queue, TELL_DAY, scene.tell.tell)
    await scene.clock.advance(3_600)
    assert await attempt(scene.queue, TELL_DAY, scene.tell.tell)
    assert (scene.told(), len(await scene.chat.recent(ANNA)), len(scene.model.tasks)) == ([ANNA], 1, 1)


@pytest.mark.parametrize("broken", ["notifier", "chat"])
async def test_a_failure_on_the_way_is_made_up_for_with_the_same_message(broken: str) -> None:
    scene = Scene()
    await due(scene)
    append = scene.chat.append

    async def away(*_: object) -> None:
        raise TemporarilyUnavailable("away")

    scene.notifier.is_away = broken == "notifier"
    if broken == "chat":
        scene.chat.append = away  # type: ignore[method-assign]
    with pytest.raises(AdapterError):
        await attempt_and_crash(scene.queue, TELL_DAY, scene.tell.tell)
    scene.notifier.is_away = False
    scene.chat.append = append  # type: ignore[method-assign]
    await scene.clock.advance(3_600)
    await attempt(scene.queue, TELL_DAY, scene.tell.tell)
    (message,) = await scene.chat.recent(ANNA)
    assert [note.data["id"] for _, note in scene.notifier.sent] == [message.id]


async def test_a_summary_that_is_missed_by_an_hour_is_told_when_the_server_is_back() -> None:
    scene = Scene(EVENING + timedelta(hours=1))
    await scene.user(ANNA)
    await scene.remember(ANNA, "The roof", ago=timedelta(hours=2))
    await scene.run(timedelta(minutes=5))
    assert scene.told() == [ANNA]


async def test_nobody_is_woken_by_what_was_left_undone() -> None:
    scene = Scene()
    await due(scene)
    await scene.clock.advance(timedelta(hours=5).total_seconds())
    await attempt(scene.queue, TELL_DAY, scene.tell.tell)
    assert scene.notifier.sent == []
    assert len(await scene.chat.recent(ANNA)) == 1


async def test_in_the_morning_those_with_a_device_are_reminded_once() -> None:
    scene = Scene(datetime(2026, 1, 1, 6, 50, tzinfo=UTC))
    await scene.user(ANNA, "Europe/Berlin", token="phone")  # noqa: S106 - of a device
    await scene.user(BERT, "Europe/Berlin")
    await scene.pass_time(timedelta(hours=6))
    ((user, note),) = scene.notifier.sent
    assert (user, note.body) == (ANNA, "Don't forget to wear your Omi today")


async def test_the_job_bears_user_and_day() -> None:
    scene = Scene()
    await scene.user(ANNA, "Pacific/Auckland")
    await scene.clock.advance(timedelta(hours=11).total_seconds())
    await scene.days.look()
    claim = await scene.queue.claim([TELL_DAY], lease=timedelta(minutes=1))
    assert claim is None
    await scene.clock.advance(900)
    claim = await scene.queue.claim([TELL_DAY], lease=timedelta(minutes=1))
    assert claim is not None
    assert claim.job.id == f"tell_day:anna:{date(2026, 1, 2)}"
