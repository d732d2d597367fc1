"""Leases within a process: what only they do."""

import anyio

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.conversation_leases.local import LeaseTable, LocalConversationLeases
from domain.ids import ConversationId, UserId

ANN, TALK = UserId("ann"), ConversationId("talk")


async def test_a_server_that_is_cut_off_lets_go() -> None:
    table, clock = LeaseTable(), ManualClock()
    with anyio.CancelScope() as scope:
        async with LocalConversationLeases(clock=clock, table=table) as cut_off:
            cut_off.begin(ANN, TALK)
            scope.cancel()
            await anyio.sleep_forever()
    async with LocalConversationLeases(clock=clock, table=table) as other:
        assert await other.claim(ANN, TALK) == other.server
