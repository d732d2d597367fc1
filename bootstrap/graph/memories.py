"""Memories: how they are made, found, asked, and forgotten."""

from functools import partial

from dependency_injector import providers

from application.listening.finish_conversation import CREATE_MEMORY
from application.listening.repair_gaps import RepairGaps
from application.memories.create_memory import INDEX_MEMORY, REPAIR_GAPS, CreateMemory
from application.memories.deleted_memories import DeletedMemories
from application.memories.edit_memories import EditMemories
from application.memories.follow_memory import REMEMBER_FACTS, UPGRADES, RememberLater, UpgradeMemories, ask_upgrade_of
from application.memories.forget_citations import ForgetCitations
from application.memories.forget_memory import ForgetDeliveries, ForgetJournal, ForgetMemory
from application.memories.learn_facts import LearnFacts
from application.memories.make_memory import FOLLOW_UP, MakeMemory
from application.memories.manage_facts import ManageFacts
from application.memories.remember_external import RememberExternal
from application.memories.remember_facts import RememberFacts
from application.memories.show_facts import ShowFacts
from application.memories.understand_memory import UnderstandMemory
from application.photos.remember_photos import RememberPhotos
from application.questions.answer_question import AnswerQuestion
from application.questions.chat import Chat
from application.questions.chat_files import ChatFiles
from application.questions.chat_sessions import ChatSessions
from application.questions.hear_message import HearMessage
from application.questions.recall import Recall
from application.questions.reindex import AskReindex, Reindex
from application.recordings.hear_conversation import HearConversation
from application.voices.confirm_voices import ConfirmVoices
from application.voices.forget_samples import ForgetSamples
from application.voices.learn_voices import LearnVoices
from application.voices.memory_voices import forget_voices
from bootstrap.adapters import answer_model
from bootstrap.graph.days import Days


class Memories(Days):
    """Memories."""

    ask_reindex = providers.Singleton(AskReindex, jobs=Days.job_queue, embedder=Days.text_embedder, clock=Days.clock)
    recall = providers.Singleton(
        Recall,
        memories=Days.memory_repository,
        embedder=Days.text_embedder,
        texts=Days.text_index,
        vectors=Days.vector_index,
        people=Days.people,
        clock=Days.clock,
        on_other_space=ask_reindex,
    )
    reindex = providers.Singleton(
        Reindex,
        memories=Days.memory_repository,
        recall=recall,
        vectors=Days.vector_index,
        embedder=Days.text_embedder,
    )
    learn_voices = providers.Singleton(
        LearnVoices,
        memories=Days.memory_repository,
        people=Days.people,
        profiles=Days.speech_profiles,
        hear=Days.hear_segment,
        objects=Days.object_store,
        encoder=Days.speaker_encoder,
        clock=Days.clock,
        on_change=recall.provided.index,
    )
    confirm_voices = providers.Singleton(ConfirmVoices, objects=Days.object_store, learn=learn_voices)
    remember_facts = providers.Singleton(RememberFacts, facts=Days.facts, embedder=Days.text_embedder, clock=Days.clock)
    remember_later = providers.Singleton(
        RememberLater,
        jobs=Days.job_queue,
        memories=Days.memory_repository,
        facts=remember_facts,
        values=Days.key_value_store,
        clock=Days.clock,
    )
    manage_facts = providers.Singleton(ManageFacts, facts=Days.facts, clock=Days.clock)
    show_facts = providers.Singleton(ShowFacts, facts=Days.facts, values=Days.key_value_store)
    hear_conversation = providers.Singleton(
        HearConversation,
        journal=Days.capture_journal,
        audio_decoder=Days.audio_decoder,
        identify_speakers=Days.identify_speakers,
        recordings=Days.recordings,
        objects=Days.object_store,
        photos=Days.keep_photos,
        clock=Days.clock,
        whereabouts=Days.whereabouts,
    )
    understand_memory = providers.Singleton(
        UnderstandMemory, model=Days.language_model, accounts=Days.accounts, people=Days.people, facts=remember_facts
    )
    learn_facts = providers.Singleton(LearnFacts, understand=understand_memory, facts=remember_facts, clock=Days.clock)
    deleted_memories = providers.Singleton(DeletedMemories, Days.key_value_store)
    create_memory = providers.Singleton(
        CreateMemory,
        journal=Days.capture_journal,
        memories=Days.memory_repository,
        jobs=Days.job_queue,
        hear=hear_conversation,
        understand=understand_memory,
        recall=recall,
        events=Days.event_bus,
        clock=Days.clock,
        plugins=Days.run_plugins,
        deleted=deleted_memories,
        followers=providers.List(
            remember_later.provided.hand_in,
            confirm_voices.provided.follow,
            Days.feel_emotions.provided.hand_in,
            providers.Callable(partial, ask_upgrade_of, Days.job_queue, clock=Days.clock),
        ),
    )
    make_memory = providers.Singleton(
        MakeMemory,
        create_memory=create_memory,
        memories=Days.memory_repository,
        jobs=Days.job_queue,
        plugins=Days.run_plugins,
        clock=Days.clock,
    )
    upgrade_memories = providers.Singleton(
        UpgradeMemories, memories=Days.memory_repository, create_memory=create_memory
    )
    repair_gaps = providers.Singleton(
        RepairGaps,
        journal=Days.capture_journal,
        audio_decoder=Days.audio_decoder,
        speech_to_text=Days.speech_to_text,
        memories=Days.memory_repository,
        create_memory=create_memory,
        events=Days.event_bus,
    )
    edit_memories = providers.Singleton(
        EditMemories, memories=Days.memory_repository, values=Days.key_value_store, recall=recall
    )
    forget_memory = providers.Singleton(
        ForgetMemory,
        jobs=Days.job_queue,
        clock=Days.clock,
        stores=providers.Dict(
            memory=Days.memory_repository.provided.delete,
            late=deleted_memories.provided.note,
            journal=providers.Singleton(ForgetJournal, Days.capture_journal),
            index=recall.provided.forget,
            transcripts=Days.kept_transcripts.provided.forget,
            lent=Days.lent_recordings.provided.forget_all,
            sharing=edit_memories.provided.forget,
            recording=Days.recordings.provided.delete,
            photos=Days.keep_photos.provided.forget,
            voices=providers.Callable(partial, forget_voices, Days.object_store),
            samples=providers.Singleton(ForgetSamples, profiles=Days.speech_profiles, objects=Days.object_store),
            facts=remember_facts.provided.forget_memory,
            citations=providers.Singleton(ForgetCitations, Days.chat_history),
            deliveries=providers.Singleton(
                ForgetDeliveries, deliveries=Days.deliver_memories, catalog=Days.plugin_catalog
            ),
        ),
        derived=(CREATE_MEMORY, FOLLOW_UP, REPAIR_GAPS, INDEX_MEMORY, REMEMBER_FACTS, *UPGRADES),
    )
    remember_photos = providers.Singleton(
        RememberPhotos,
        deleted=deleted_memories,
        keep=Days.keep_photos,
        make_memory=make_memory,
        memories=Days.memory_repository,
        clock=Days.clock,
    )
    remember_external = providers.Singleton(
        RememberExternal, make_memory=make_memory, memories=Days.memory_repository, clock=Days.clock
    )
    answer_question = providers.Singleton(
        AnswerQuestion,
        recall=recall,
        people=Days.people,
        model=providers.Callable(answer_model, Days.settings, Days.language_model),
    )
    chat_files = providers.Singleton(
        ChatFiles,
        objects=Days.object_store,
        images=Days.image_reader,
        language_model=Days.language_model,
        accounts=Days.accounts,
        clock=Days.clock,
    )
    hear_message = providers.Singleton(
        HearMessage,
        files=Days.recording_decoder,
        packets=Days.audio_decoder,
        speech=Days.recording_voice_activity_detector,
        recognizers=Days.batch_recognizers,
        accounts=Days.accounts,
    )
    chat = providers.Singleton(
        Chat,
        history=Days.chat_history,
        answers=answer_question,
        memories=Days.memory_repository,
        facts=Days.facts,
        accounts=Days.accounts,
        files=chat_files,
        sessions=providers.Singleton(ChatSessions, values=Days.key_value_store),
        clock=Days.clock,
        language_model=Days.language_model,
        plugins=Days.plugin_catalog,
        uses=Days.count_uses,
    )
