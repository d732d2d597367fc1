"""A user's day, sent to the address that the user gave for it."""

from application.plugins.call_plugins import CallPlugins
from application.plugins.developer_webhooks import DeveloperWebhooks, WebhookKind, own_plugin
from domain.chat import Message
from domain.ids import UserId
from ports.plugin_gateway import PluginCall, PluginGateway


class SendDay:
    """Calls the developer's webhook `day_summary`."""

    def __init__(self, *, webhooks: DeveloperWebhooks, gateway: PluginGateway, calls: CallPlugins) -> None:
        self._webhooks = webhooks
        self._gateway = gateway
        self._calls = calls

    async def send(self, user: UserId, summary: Message) -> None:
        """Sends a summary once; nothing happens where the user gave no address, or switched it off.

        Raises:
            Rejected: the address refuses, or may not be called.
            TemporarilyUnavailable: to be tried again; it then bears the same id.
        """
        kind = WebhookKind.DAY_SUMMARY
        if not await self._webhooks.is_enabled(user, kind):
            return
        plugin = own_plugin(user, kind.value)
        address = await self._webhooks.target(user, kind)
        call = PluginCall(plugin=plugin, user=user, address=address, id=f"day-{summary.id}")
        await self._calls.call(plugin, user, lambda: self._gateway.tell_day(call, summary))
