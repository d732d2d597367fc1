"""How often apps may disturb users."""

import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.plugins.notice_limit import MOST, NoticeLimit
from domain.errors import AskedTooOften
from domain.ids import PluginId, UserId

ANNA, BERT = UserId("anna"), UserId("bert")
APP, OTHER = PluginId("app"), PluginId("other")


async def test_places_are_free_again_one_by_one_after_an_hour() -> None:
    clock = ManualClock()
    limit = NoticeLimit(values=InMemoryKeyValueStore(clock=clock), clock=clock)
    for _ in range(MOST):
        await limit.take(APP, ANNA)
        await clock.advance(60)
    with pytest.raises(AskedTooOften) as refused:
        await limit.take(APP, ANNA)
    assert refused.value.seconds == pytest.approx(3_600 - MOST * 60)
    await limit.take(OTHER, ANNA)
    await limit.take(APP, BERT)
    await clock.advance(refused.value.seconds + 1)
    await limit.take(APP, ANNA)
    with pytest.raises(AskedTooOften):
        await limit.take(APP, ANNA)
