"""Live sessions: how they begin, what they hear, how they are restored."""

from collections.abc import Callable
from functools import partial

from dependency_injector import providers

from application.jobs.job_tally import JobTally
from application.listening.being_made import BeingMade
from application.listening.conversations import Conversations
from application.listening.conversations_in_progress import ConversationsInProgress
from application.listening.finish_conversation import FinishConversation
from application.listening.finished_audio import FinishedAudio
from application.listening.hand_over import HandOver
from application.listening.heard_names import HeardNames
from application.listening.known_streams import KnownStreams
from application.listening.listen import Listen
from application.listening.listening_session import ListeningSession
from application.listening.live_sessions import LiveSessions
from application.listening.onboarding import Onboarding
from application.listening.recover import Recover
from application.listening.restore import Restore
from application.memories.learn_answers import LearnAnswers
from application.memories.manage_memories import ManageMemories
from application.photos.keep_photos import KeepPhotos
from application.photos.live_photos import LivePhotos
from application.photos.see_photos import SeePhotos
from application.questions.ask_back import AskBack
from application.users.tell_costs import TellCosts
from application.voices.identify_speakers import IdentifySpeakers
from application.voices.manage_people import ManagePeople
from bootstrap.graph.memories import Memories
from bootstrap.settings import Settings
from domain.ids import UserId
from domain.session import SessionEvent, SessionRequest
from ports.clock import Clock
from ports.key_value_store import KeyValueStore
from ports.people import People


def _live(identification: IdentifySpeakers, settings: Settings) -> IdentifySpeakers | None:
    return identification if settings.identify_speakers else None


def live_photos(
    user: UserId, tell: Callable[[SessionEvent], None], *, see: SeePhotos, keep: KeepPhotos, clock: Clock
) -> LivePhotos:
    """Whoever looks at the photos of one session."""
    return LivePhotos(user, see=see, keep=keep, clock=clock, tell=tell)


def onboarding(
    request: SessionRequest, session: ListeningSession, *, values: KeyValueStore, learn: LearnAnswers, clock: Clock
) -> Onboarding | None:
    """Whoever asks the user of one session, where they want to be asked."""
    if not request.is_new:
        return None
    asking = session.onboarding = Onboarding(
        request.user, session=session, tell=session.tell, values=values, learn=learn.learn, clock=clock
    )
    return asking


def heard_names(
    request: SessionRequest, session: ListeningSession, *, people: People, manage: ManagePeople, clock: Clock
) -> HeardNames:
    """Whoever notices names in one session."""
    return HeardNames(request, people=people, create=manage.create, tell=session.tell, clock=clock)


class Listening(Memories):
    """Live sessions."""

    finished_audio = providers.Singleton(FinishedAudio)
    being_made = providers.Singleton(
        BeingMade,
        journal=Memories.capture_journal,
        memories=Memories.memory_repository,
        jobs=Memories.job_queue,
        speakers=providers.Callable(_live, Memories.identify_speakers, Memories.settings),
    )
    known_streams = providers.Singleton(
        KnownStreams, values=Memories.key_value_store, memories=Memories.memory_repository
    )
    finish_conversation = providers.Singleton(
        FinishConversation,
        jobs=Memories.job_queue,
        leases=Memories.conversation_leases,
        events=Memories.event_bus,
        clock=Memories.clock,
        rules=Memories.settings.provided.conversation,
        without_words=Memories.remember_photos.provided.remember,
        finished=finished_audio,
        handed_in=being_made.provided.add,
        streams=known_streams,
    )
    conversations = providers.Singleton(
        Conversations,
        journal=Memories.capture_journal,
        leases=Memories.conversation_leases,
        finish=finish_conversation,
        clock=Memories.clock,
        rules=Memories.settings.provided.conversation,
        streams=known_streams,
    )
    conversations_in_progress = providers.Singleton(
        ConversationsInProgress,
        conversations=conversations,
        leases=Memories.conversation_leases,
        memories=Memories.memory_repository,
        events=Memories.event_bus,
        clock=Memories.clock,
        being_made=being_made,
        deleted=Memories.deleted_memories,
    )
    manage_memories = providers.Singleton(
        ManageMemories,
        memories=Memories.memory_repository,
        recall=Memories.recall,
        make_memory=Memories.make_memory,
        reprocess=Memories.create_memory.provided.reprocess,
        accounts=Memories.accounts,
        forget=Memories.forget_memory,
        deleted=Memories.deleted_memories,
        see_photos=Memories.see_photos,
        clock=Memories.clock,
        in_progress=conversations_in_progress.provided.of,
    )
    ask_back = providers.Singleton(
        AskBack,
        memories=manage_memories,
        accounts=Memories.accounts,
        model=Memories.language_model,
        clock=Memories.clock,
    )
    heard_names = providers.Callable(
        partial, heard_names, people=Memories.people, manage=Memories.manage_people, clock=Memories.clock
    )
    live_sessions = providers.Singleton(LiveSessions)
    learn_answers = providers.Singleton(
        LearnAnswers,
        model=Memories.language_model,
        accounts=Memories.accounts,
        facts=Memories.remember_facts,
        clock=Memories.clock,
    )
    onboarding = providers.Callable(
        partial, onboarding, values=Memories.key_value_store, learn=learn_answers, clock=Memories.clock
    )
    listen = providers.Singleton(
        Listen,
        sessions=live_sessions,
        followers=providers.List(onboarding, heard_names, Memories.client_screens.provided.begin),
        prepare=Memories.vault.provided.keys,
        conversations=conversations,
        audio_decoder=Memories.audio_decoder,
        voice_activity_detector=Memories.voice_activity_detector,
        speech_to_text=Memories.speech_to_text,
        events=Memories.event_bus,
        clock=Memories.clock,
        gate=Memories.settings.provided.speech_gate,
        language_of=Memories.accounts.provided.translated_to,
        identify_speakers=providers.Callable(_live, Memories.identify_speakers, Memories.settings),
        live_plugins=Memories.live_plugins,
        translator=Memories.translator,
        live_photos=providers.Callable(
            partial, live_photos, see=Memories.see_photos, keep=Memories.keep_photos, clock=Memories.clock
        ),
    )
    restore = providers.Singleton(
        Restore,
        streams=known_streams,
        conversations=conversations,
        finish=finish_conversation,
        journal=Memories.capture_journal,
        leases=Memories.conversation_leases,
        audio_decoder=Memories.audio_decoder,
        clock=Memories.clock,
    )
    hand_over = providers.Singleton(
        HandOver,
        conversations=conversations,
        restore=restore,
        leases=Memories.conversation_leases,
        events=Memories.event_bus,
        clock=Memories.clock,
    )
    recover = providers.Singleton(
        Recover,
        conversations=conversations,
        journal=Memories.capture_journal,
        audio_decoder=Memories.audio_decoder,
        voice_activity_detector=Memories.voice_activity_detector,
        speech_to_text=Memories.speech_to_text,
        events=Memories.event_bus,
        clock=Memories.clock,
        gate=Memories.settings.provided.speech_gate,
        identify_speakers=providers.Callable(_live, Memories.identify_speakers, Memories.settings),
    )
    job_tally = providers.Singleton(JobTally, Memories.job_queue)
    tell_costs = providers.Singleton(TellCosts, ledger=Memories.usage_ledger, clock=Memories.clock)
