"""Plugins: who is enabled, what they are told, and what they say."""

from dependency_injector import providers

from application.firmware.tell_firmware import TellFirmware
from application.listening.client_screens import ClientScreens
from application.memories.deliver_memories import DeliverMemories
from application.plugins.call_plugins import CallPlugins
from application.plugins.count_uses import CountUses
from application.plugins.developer_webhooks import DeveloperWebhooks
from application.plugins.enabled_plugins import EnabledPlugins
from application.plugins.failed_deliveries import FailedDeliveries
from application.plugins.last_report import LastReport
from application.plugins.live_plugins import LivePlugins
from application.plugins.manage_plugins import ManagePlugins
from application.plugins.plugin_replies import PluginReplies
from application.plugins.plugin_reviews import PluginReviews
from application.plugins.prompt_plugins import PromptPlugins
from application.plugins.run_plugins import RunPlugins
from application.plugins.tell_uses import TellUses
from application.plugins.try_prompt import TryPrompt
from application.users.accounts import Accounts
from bootstrap.graph.voices import Voices
from bootstrap.reports import tell_plugin_failure


class Plugins(Voices):
    """Plugins."""

    call_plugins = providers.Singleton(CallPlugins, clock=Voices.clock)
    developer_webhooks = providers.Singleton(DeveloperWebhooks, values=Voices.key_value_store)
    enabled_plugins = providers.Singleton(
        EnabledPlugins,
        store=Voices.key_value_store,
        catalog=Voices.plugin_catalog,
        own=developer_webhooks.provided.triggered,
    )
    client_screens = providers.Singleton(ClientScreens, clock=Voices.clock)
    plugin_replies = providers.Singleton(
        PluginReplies,
        chat=Voices.chat_history,
        notifier=Voices.notifier,
        clock=Voices.clock,
        show=client_screens.provided.show,
    )
    count_uses = providers.Singleton(CountUses, store=Voices.key_value_store, catalog=Voices.plugin_catalog)
    deliver_memories = providers.Singleton(
        DeliverMemories,
        enabled=enabled_plugins,
        memories=Voices.memory_repository,
        jobs=Voices.job_queue,
        gateway=Voices.plugin_gateway,
        calls=call_plugins,
        replies=plugin_replies,
        uses=count_uses,
    )
    prompt_plugins = providers.Singleton(PromptPlugins, model=Voices.language_model)
    try_prompt = providers.Singleton(TryPrompt, prompt=prompt_plugins)
    accounts = providers.Singleton(Accounts, store=Voices.key_value_store)
    run_plugins = providers.Singleton(
        RunPlugins,
        enabled=enabled_plugins,
        deliveries=deliver_memories,
        prompt=prompt_plugins,
        uses=count_uses,
        preferred=accounts.provided.preferred_app,
        report=providers.Object(tell_plugin_failure),
    )
    live_plugins = providers.Singleton(
        LivePlugins,
        enabled=enabled_plugins,
        gateway=Voices.plugin_gateway,
        calls=call_plugins,
        replies=plugin_replies,
        clock=Voices.clock,
        report=providers.Object(tell_plugin_failure),
    )
    plugin_reviews = providers.Singleton(PluginReviews, store=Voices.key_value_store, clock=Voices.clock)
    manage_plugins = providers.Singleton(
        ManagePlugins,
        catalog=Voices.plugin_catalog,
        enabled=enabled_plugins,
        reviews=plugin_reviews,
        gateway=Voices.plugin_gateway,
        calls=call_plugins,
        clock=Voices.clock,
    )
    tell_uses = providers.Singleton(
        TellUses, catalog=Voices.plugin_catalog, uses=count_uses, rates=Voices.settings.provided.plugin_rates
    )
    tell_firmware = providers.Singleton(TellFirmware, catalog=Voices.firmware_catalog)
    last_report = providers.Singleton(LastReport, values=Voices.key_value_store, clock=Voices.clock)
    failed_deliveries = providers.Singleton(FailedDeliveries, jobs=Voices.job_queue)
