"""The object graph: adapters into use-cases. Synchronous: nothing is opened here (see lifespan.py)."""

from dependency_injector import containers, providers

from application.conversations import Conversations
from application.create_memory import CreateMemory
from application.listen import Listen
from application.manage_memories import ManageMemories
from application.recall import Recall
from application.recover import Recover
from application.repair_gaps import RepairGaps
from application.restore import Restore
from application.tell_costs import TellCosts
from bootstrap.adapters import chosen, language_model_chain, recognizer_chain
from bootstrap.settings import Settings


class Container(containers.DeclarativeContainer):
    """Everything once a process."""

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)

    clock = providers.Singleton(chosen, "clock", settings)
    usage_ledger = providers.Singleton(chosen, "usage_ledger", settings, clock)
    audio_decoder = providers.Singleton(chosen, "audio_decoder", settings, clock)
    voice_activity_detector = providers.Singleton(chosen, "voice_activity_detector", settings, clock)
    speech_to_text = providers.Singleton(recognizer_chain, settings, clock, usage_ledger)
    text_embedder = providers.Singleton(chosen, "text_embedder", settings, clock)
    language_model = providers.Singleton(language_model_chain, settings, clock)
    memory_repository = providers.Singleton(chosen, "memory_repository", settings, clock)
    text_index = providers.Singleton(chosen, "text_index", settings, clock)
    vector_index = providers.Singleton(chosen, "vector_index", settings, clock)
    capture_journal = providers.Singleton(chosen, "capture_journal", settings, clock)
    job_queue = providers.Singleton(chosen, "job_queue", settings, clock)
    event_bus = providers.Singleton(chosen, "event_bus", settings, clock)
    authenticator = providers.Singleton(chosen, "authenticator", settings, clock)

    conversations = providers.Singleton(
        Conversations,
        journal=capture_journal,
        jobs=job_queue,
        events=event_bus,
        clock=clock,
        rules=settings.provided.conversation,
    )
    listen = providers.Singleton(
        Listen,
        conversations=conversations,
        audio_decoder=audio_decoder,
        voice_activity_detector=voice_activity_detector,
        speech_to_text=speech_to_text,
        events=event_bus,
        clock=clock,
        gate=settings.provided.speech_gate,
    )
    restore = providers.Singleton(
        Restore, conversations=conversations, journal=capture_journal, audio_decoder=audio_decoder, clock=clock
    )
    recover = providers.Singleton(
        Recover,
        conversations=conversations,
        journal=capture_journal,
        audio_decoder=audio_decoder,
        voice_activity_detector=voice_activity_detector,
        speech_to_text=speech_to_text,
        events=event_bus,
        clock=clock,
        gate=settings.provided.speech_gate,
    )
    tell_costs = providers.Singleton(TellCosts, ledger=usage_ledger, clock=clock)
    recall = providers.Singleton(
        Recall, memories=memory_repository, embedder=text_embedder, texts=text_index, vectors=vector_index
    )
    create_memory = providers.Singleton(
        CreateMemory,
        journal=capture_journal,
        memories=memory_repository,
        jobs=job_queue,
        recall=recall,
        language_model=language_model,
        events=event_bus,
        clock=clock,
    )
    repair_gaps = providers.Singleton(
        RepairGaps,
        journal=capture_journal,
        audio_decoder=audio_decoder,
        speech_to_text=speech_to_text,
        memories=memory_repository,
        create_memory=create_memory,
        events=event_bus,
    )
    manage_memories = providers.Singleton(
        ManageMemories,
        memories=memory_repository,
        recall=recall,
        create_memory=create_memory,
        journal=capture_journal,
        jobs=job_queue,
        clock=clock,
    )


OPENED = (
    "clock",
    "usage_ledger",
    "audio_decoder",
    "voice_activity_detector",
    "speech_to_text",
    "text_embedder",
    "language_model",
    "memory_repository",
    "text_index",
    "vector_index",
    "capture_journal",
    "job_queue",
    "event_bus",
    "authenticator",
)
"""Adapters of a running program, in the order they are opened."""
