"""What goes with memories: photos, feelings, days, programs of others."""

from dependency_injector import providers

from application.days.call_days import CallDays
from application.days.emotion_callbacks import EmotionCallbacks
from application.days.emotional_feedback import EmotionalFeedback
from application.days.feel_emotions import FeelEmotions
from application.days.send_day import SendDay
from application.days.tell_day import TellDay
from application.days.tell_trends import TellTrends
from application.photos.keep_photos import KeepPhotos
from application.photos.see_photos import SeePhotos
from application.plugins.app_keys import AppKeys
from application.plugins.hashed_keys import HashedKeys
from application.plugins.integration_keys import IntegrationKeys
from application.plugins.notice_limit import NoticeLimit
from application.plugins.tell_user import TellUser
from application.plugins.tool_keys import ToolKeys
from application.users.push_addresses import PushAddresses
from application.users.whereabouts import Whereabouts
from bootstrap.graph.plugins import Plugins
from bootstrap.reports import tell_missed_day


class Days(Plugins):
    """What needs no memory to be made."""

    push_addresses = providers.Singleton(PushAddresses, accounts=Plugins.accounts, values=Plugins.key_value_store)
    keep_photos = providers.Singleton(KeepPhotos, objects=Plugins.object_store)
    whereabouts = providers.Singleton(Whereabouts, values=Plugins.key_value_store, clock=Plugins.clock)
    see_photos = providers.Singleton(
        SeePhotos,
        reader=Plugins.image_reader,
        model=Plugins.language_model,
        keep=keep_photos,
        accounts=Plugins.accounts,
    )
    emotional_feedback = providers.Singleton(EmotionalFeedback, values=Plugins.key_value_store)
    feel_emotions = providers.Singleton(
        FeelEmotions,
        analyzer=Plugins.emotion_analyzer,
        feedback=emotional_feedback,
        memories=Plugins.memory_repository,
        recordings=Plugins.recordings,
        values=Plugins.key_value_store,
        chat=Plugins.chat_history,
        notifier=Plugins.notifier,
        model=Plugins.language_model,
        accounts=Plugins.accounts,
        jobs=Plugins.job_queue,
        clock=Plugins.clock,
    )
    emotion_callbacks = providers.Singleton(EmotionCallbacks, values=Plugins.key_value_store, feel=feel_emotions)
    integration_keys = providers.Singleton(
        IntegrationKeys, values=Plugins.key_value_store, shared=Plugins.settings.provided.integrations
    )
    hashed_keys = providers.Singleton(HashedKeys, values=Plugins.key_value_store, clock=Plugins.clock)
    app_keys = providers.Singleton(
        AppKeys, keys=hashed_keys, catalog=Plugins.plugin_catalog, enabled=Plugins.enabled_plugins
    )
    tool_keys = providers.Singleton(ToolKeys, keys=hashed_keys, values=Plugins.key_value_store)
    tell_user = providers.Singleton(
        TellUser,
        replies=Plugins.plugin_replies,
        limit=providers.Singleton(NoticeLimit, values=Plugins.key_value_store, clock=Plugins.clock),
    )
    tell_trends = providers.Singleton(TellTrends, memories=Plugins.memory_repository, clock=Plugins.clock)
    send_day = providers.Singleton(
        SendDay, webhooks=Plugins.developer_webhooks, gateway=Plugins.plugin_gateway, calls=Plugins.call_plugins
    )
    tell_day = providers.Singleton(
        TellDay,
        accounts=Plugins.accounts,
        memories=Plugins.memory_repository,
        chat=Plugins.chat_history,
        notifier=Plugins.notifier,
        model=Plugins.language_model,
        clock=Plugins.clock,
        send=send_day.provided.send,
    )
    call_days = providers.Singleton(
        CallDays,
        accounts=Plugins.accounts,
        jobs=Plugins.job_queue,
        clock=Plugins.clock,
        report=providers.Object(tell_missed_day),
    )
