from structlog.testing import capture_logs

from adapters.outbound.notifier.log import LogNotifier
from domain.ids import UserId
from ports.notifier import Notification


async def test_the_log_tells_who_was_notified_and_not_of_what() -> None:
    with capture_logs() as lines:
        notification = Notification(title="secret title", body="secret body", data={"key": "secret value"})
        await LogNotifier().notify(UserId("ann"), notification)
    assert lines == [{"event": "user_notified", "user": "ann", "log_level": "info"}]
