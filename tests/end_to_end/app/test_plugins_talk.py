"""What plugins say while somebody speaks, and to the memory of it, as the app shows it."""

from pathlib import Path

import anyio

from adapters.outbound.notifier.fake import FakeNotifier
from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from adapters.outbound.plugin_gateway.fake import FakePluginGateway
from domain.plugin import PluginReply, Trigger
from ports.plugin_gateway import PluginCall
from tests.end_to_end.app.conftest import Owner
from tests.end_to_end.app.test_live import say
from tests.support.omi_app.assembled import assembled
from tests.support.omi_app.eras import NOW
from tests.support.omi_app.lines import in_process
from tests.support.plugins import a_plugin

COACH = a_plugin("coach", trigger=Trigger.TRANSCRIPT_PROCESSED)
NOTARY = a_plugin("notary", trigger=Trigger.MEMORY_CREATION)
SAID = {COACH.id: "Speak more slowly", NOTARY.id: "This is noted"}


async def answer(call: PluginCall) -> PluginReply:
    return PluginReply(message=SAID[call.plugin])


async def test_who_looks_at_the_app_reads_what_plugins_say_without_a_push(tmp_path: Path) -> None:
    gateway, catalog, notifier = FakePluginGateway(), InMemoryPluginCatalog(), FakeNotifier()
    gateway.answer, catalog.content = answer, (COACH, NOTARY)
    adapters = {"plugin_gateway": gateway, "plugin_catalog": catalog, "notifier": notifier}
    with anyio.fail_after(20):
        async with assembled(tmp_path, **adapters) as server, in_process(server.application) as network:
            app = server.app_of("anna")
            for plugin in (COACH, NOTARY):
                await app.ask("POST /v1/plugins/enable", query={"plugin_id": plugin.id})
            async with Owner(server, "anna", network).phone(NOW).attached() as phone:
                await say(phone, 0, 4)
                await phone.until(lambda: "proactive_message" in phone.screen.kinds())
                memory = (await phone.process_now())["conversation"]
                await phone.until(lambda: bool(phone.screen.memories))
    [told] = [event for event in phone.screen.events if event["type"] == "proactive_message"]
    assert (told["app_id"], told["title"], told["message"]) == ("coach", "Coach says", "Speak more slowly")
    assert told["conversation_id"] == memory["id"]
    assert notifier.sent == []
    [created] = [event for event in phone.screen.events if event["type"] == "memory_created"]
    assert [(one["app_id"], one["text"]) for one in created["messages"]] == [("notary", "This is noted")]
