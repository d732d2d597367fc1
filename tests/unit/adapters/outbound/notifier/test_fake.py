import pytest

from adapters.outbound.notifier.fake import FakeNotifier
from domain.ids import UserId
from ports.errors import TemporarilyUnavailable
from ports.notifier import Notification

NEWS = Notification(title="News", body="Something happened")


async def test_what_was_sent_can_be_looked_at() -> None:
    notifier = FakeNotifier()
    await notifier.notify(UserId("ann"), NEWS)
    assert notifier.sent == [("ann", NEWS)]


async def test_a_notifier_that_is_away_sends_nothing() -> None:
    notifier = FakeNotifier()
    notifier.is_away = True
    with pytest.raises(TemporarilyUnavailable):
        await notifier.notify(UserId("ann"), NEWS)
    assert notifier.sent == []
