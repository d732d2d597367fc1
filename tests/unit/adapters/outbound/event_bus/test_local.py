from adapters.outbound.event_bus.local import LocalEventBus
from domain.ids import UserId
from domain.session import StatusChanged

ANN = UserId("ann")


async def test_who_is_too_far_behind_misses_what_comes_and_goes_on_later() -> None:
    bus = LocalEventBus(capacity=2)
    async with bus.subscribe(ANN) as events:
        for number in range(5):
            await bus.publish(ANN, StatusChanged("ready", str(number)))
        assert [await anext(events) for _ in range(2)] == [StatusChanged("ready", "0"), StatusChanged("ready", "1")]
        await bus.publish(ANN, StatusChanged("ready", "later"))
        assert await anext(events) == StatusChanged("ready", "later")


async def test_users_who_left_leave_nothing_behind() -> None:
    bus = LocalEventBus()
    async with bus.subscribe(ANN), bus.subscribe(ANN):
        pass
    assert bus._subscribers == {}
