"""Memories: how they are made, found, asked, and forgotten."""

from functools import partial

from dependency_injector import providers

from application.accounts import Accounts
from application.answer_question import AnswerQuestion
from application.chat import Chat
from application.confirm_voices import ConfirmVoices
from application.conversations import CREATE_MEMORY
from application.create_memory import INDEX_MEMORY, REPAIR_GAPS, CreateMemory
from application.edit_memories import EditMemories
from application.follow_memory import REMEMBER_FACTS, UPGRADES, RememberLater, UpgradeMemories, ask_upgrade_of
from application.forget_citations import ForgetCitations
from application.forget_memory import ForgetDeliveries, ForgetJournal, ForgetMemory
from application.forget_samples import ForgetSamples
from application.hear_conversation import HearConversation
from application.keep_photos import KeepPhotos
from application.learn_voices import LearnVoices
from application.manage_facts import ManageFacts
from application.manage_memories import ManageMemories
from application.memory_voices import forget_voices
from application.recall import Recall
from application.reindex import AskReindex, Reindex
from application.remember_facts import RememberFacts
from application.repair_gaps import RepairGaps
from application.understand_memory import UnderstandMemory
from bootstrap.adapters import answer_model
from bootstrap.graph.plugins import Plugins


class Memories(Plugins):
    """Memories."""

    accounts = providers.Singleton(Accounts, store=Plugins.key_value_store)
    ask_reindex = providers.Singleton(
        AskReindex, jobs=Plugins.job_queue, embedder=Plugins.text_embedder, clock=Plugins.clock
    )
    recall = providers.Singleton(
        Recall,
        memories=Plugins.memory_repository,
        embedder=Plugins.text_embedder,
        texts=Plugins.text_index,
        vectors=Plugins.vector_index,
        people=Plugins.people,
        clock=Plugins.clock,
        on_other_space=ask_reindex,
    )
    reindex = providers.Singleton(
        Reindex,
        memories=Plugins.memory_repository,
        recall=recall,
        vectors=Plugins.vector_index,
        embedder=Plugins.text_embedder,
    )
    learn_voices = providers.Singleton(
        LearnVoices,
        memories=Plugins.memory_repository,
        people=Plugins.people,
        profiles=Plugins.speech_profiles,
        hear=Plugins.hear_segment,
        objects=Plugins.object_store,
        encoder=Plugins.speaker_encoder,
        clock=Plugins.clock,
        on_change=recall.provided.index,
    )
    confirm_voices = providers.Singleton(ConfirmVoices, objects=Plugins.object_store, learn=learn_voices)
    remember_facts = providers.Singleton(
        RememberFacts, facts=Plugins.facts, embedder=Plugins.text_embedder, clock=Plugins.clock
    )
    remember_later = providers.Singleton(
        RememberLater, jobs=Plugins.job_queue, memories=Plugins.memory_repository, facts=remember_facts
    )
    manage_facts = providers.Singleton(ManageFacts, facts=Plugins.facts, clock=Plugins.clock)
    hear_conversation = providers.Singleton(
        HearConversation,
        journal=Plugins.capture_journal,
        audio_decoder=Plugins.audio_decoder,
        identify_speakers=Plugins.identify_speakers,
        recordings=Plugins.recordings,
        objects=Plugins.object_store,
        clock=Plugins.clock,
    )
    understand_memory = providers.Singleton(
        UnderstandMemory, model=Plugins.language_model, accounts=accounts, people=Plugins.people, facts=remember_facts
    )
    create_memory = providers.Singleton(
        CreateMemory,
        journal=Plugins.capture_journal,
        memories=Plugins.memory_repository,
        jobs=Plugins.job_queue,
        hear=hear_conversation,
        understand=understand_memory,
        recall=recall,
        events=Plugins.event_bus,
        clock=Plugins.clock,
        plugins=Plugins.run_plugins,
        followers=providers.List(
            remember_later.provided.hand_in,
            confirm_voices.provided.follow,
            providers.Callable(partial, ask_upgrade_of, Plugins.job_queue, clock=Plugins.clock),
        ),
    )
    upgrade_memories = providers.Singleton(
        UpgradeMemories, memories=Plugins.memory_repository, create_memory=create_memory
    )
    repair_gaps = providers.Singleton(
        RepairGaps,
        journal=Plugins.capture_journal,
        audio_decoder=Plugins.audio_decoder,
        speech_to_text=Plugins.speech_to_text,
        memories=Plugins.memory_repository,
        create_memory=create_memory,
        events=Plugins.event_bus,
    )
    keep_photos = providers.Singleton(KeepPhotos, objects=Plugins.object_store)
    edit_memories = providers.Singleton(
        EditMemories, memories=Plugins.memory_repository, values=Plugins.key_value_store, recall=recall
    )
    forget_memory = providers.Singleton(
        ForgetMemory,
        jobs=Plugins.job_queue,
        stores=providers.Dict(
            journal=providers.Singleton(ForgetJournal, Plugins.capture_journal),
            index=recall.provided.forget,
            transcripts=Plugins.kept_transcripts.provided.forget,
            lent=Plugins.lent_recordings.provided.forget_all,
            sharing=edit_memories.provided.forget,
            recording=Plugins.recordings.provided.delete,
            voices=providers.Callable(partial, forget_voices, Plugins.object_store),
            photos=keep_photos.provided.forget,
            samples=providers.Singleton(ForgetSamples, profiles=Plugins.speech_profiles, objects=Plugins.object_store),
            facts=remember_facts.provided.forget_memory,
            citations=providers.Singleton(ForgetCitations, Plugins.chat_history),
            deliveries=providers.Singleton(
                ForgetDeliveries, deliveries=Plugins.deliver_memories, catalog=Plugins.plugin_catalog
            ),
        ),
        derived=(CREATE_MEMORY, REPAIR_GAPS, INDEX_MEMORY, REMEMBER_FACTS, *UPGRADES),
    )
    manage_memories = providers.Singleton(
        ManageMemories,
        memories=Plugins.memory_repository,
        recall=recall,
        create_memory=create_memory,
        forget=forget_memory,
        clock=Plugins.clock,
    )
    answer_question = providers.Singleton(
        AnswerQuestion,
        recall=recall,
        people=Plugins.people,
        model=providers.Callable(answer_model, Plugins.settings, Plugins.language_model),
    )
    chat = providers.Singleton(
        Chat,
        history=Plugins.chat_history,
        answers=answer_question,
        memories=Plugins.memory_repository,
        facts=Plugins.facts,
        accounts=accounts,
        clock=Plugins.clock,
        language_model=Plugins.language_model,
        plugins=Plugins.plugin_catalog,
    )
