"""The adapters that the settings choose, and the order in which they are opened."""

from dependency_injector import containers, providers

from adapters.outbound.usage_ledger.counted import CountedUsageLedger
from application.questions.kept_passages import PassagesOfMemories
from application.users.accounts import Accounts
from application.users.push_addresses import PushAddresses
from application.voices.owners_voice import OwnersVoice
from bootstrap import sealed_stores
from bootstrap.adapters import build, chosen, language_model_chain, recognizer_chain
from bootstrap.batch_recognizers import batch_recognizers
from bootstrap.settings import Settings


class Adapters(containers.DeclarativeContainer):
    """Everything once a process."""

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)

    clock = providers.Singleton(chosen, "clock", settings)
    tracer = providers.Singleton(chosen, "tracer", settings, clock)
    vault = providers.Singleton(
        chosen, "vault", settings, clock, store=providers.Singleton(chosen, "key_value_store", settings, clock)
    )
    usage_ledger = providers.Singleton(chosen, "usage_ledger", settings, clock)
    audio_decoder = providers.Singleton(chosen, "audio_decoder", settings, clock)
    voice_activity_detector = providers.Singleton(chosen, "voice_activity_detector", settings, clock)
    recording_voice_activity_detector = providers.Singleton(
        chosen, "recording_voice_activity_detector", settings, clock
    )
    recording_decoder = providers.Singleton(chosen, "recording_decoder", settings, clock)
    recording_encoder = providers.Singleton(chosen, "recording_encoder", settings, clock)
    speaker_encoder = providers.Singleton(chosen, "speaker_encoder", settings, clock)
    speaker_segmenter = providers.Singleton(chosen, "speaker_segmenter", settings, clock)
    text_embedder = providers.Singleton(chosen, "text_embedder", settings, clock)
    language_model = providers.Singleton(language_model_chain, settings, clock)
    translator = providers.Singleton(chosen, "translator", settings, clock, language_model=language_model)
    memory_repository = providers.Singleton(sealed_stores.memory_repository, settings, clock, vault=vault)
    people = providers.Singleton(sealed_stores.people, settings, clock, vault=vault)
    facts = providers.Singleton(sealed_stores.facts, settings, clock, vault=vault)
    chat_history = providers.Singleton(sealed_stores.chat_history, settings, clock, vault=vault)
    key_value_store = providers.Singleton(sealed_stores.key_value_store, settings, clock, vault=vault)
    object_store = providers.Singleton(sealed_stores.object_store, settings, clock, vault=vault)
    batch_recognizers = providers.Singleton(batch_recognizers, settings, clock)
    counted_usage = providers.Singleton(CountedUsageLedger, usage_ledger)
    speech_to_text = providers.Singleton(
        recognizer_chain,
        settings,
        clock,
        counted_usage,
        profile=providers.Singleton(OwnersVoice, objects=object_store, decoder=recording_decoder),
        objects=object_store,
        tracer=tracer,
        values=key_value_store,
    )
    text_index = providers.Singleton(
        chosen,
        "text_index",
        settings,
        clock,
        vault=vault,
        kept=providers.Singleton(PassagesOfMemories, memory_repository),
        local=providers.Singleton(build, "text_index", "sqlite", settings=settings, clock=clock, vault=vault),
    )
    vector_index = providers.Singleton(chosen, "vector_index", settings, clock, vault=vault)
    conversation_leases = providers.Singleton(chosen, "conversation_leases", settings, clock)
    capture_journal = providers.Singleton(
        sealed_stores.capture_journal, settings, clock, vault=vault, leases=conversation_leases
    )
    job_queue = providers.Singleton(chosen, "job_queue", settings, clock)
    event_bus = providers.Singleton(chosen, "event_bus", settings, clock)
    authenticator = providers.Singleton(chosen, "authenticator", settings, clock)
    image_reader = providers.Singleton(chosen, "image_reader", settings, clock)
    emotion_analyzer = providers.Singleton(chosen, "emotion_analyzer", settings, clock)
    notifier = providers.Singleton(
        chosen,
        "notifier",
        settings,
        clock,
        addresses=providers.Singleton(
            PushAddresses, accounts=providers.Singleton(Accounts, store=key_value_store), values=key_value_store
        ),
    )
    plugin_catalog = providers.Singleton(chosen, "plugin_catalog", settings, clock)
    rate_limiter = providers.Singleton(chosen, "rate_limiter", settings, clock)
    firmware_catalog = providers.Singleton(chosen, "firmware_catalog", settings, clock)
    plugin_gateway = providers.Singleton(chosen, "plugin_gateway", settings, clock)


OPENED = tuple(name for name in vars(Adapters) if name in Adapters.providers and name != "settings")
"""Adapters of a running program, in the order they are opened."""


def dependencies(container: Adapters, port: str) -> dict[str, object]:
    """What the adapters of a port may ask for besides settings and clock, by name; constructed and not opened yet."""
    provider = getattr(container, port, None)
    return {} if provider is None else {name: given() for name, given in provider.kwargs.items()}
