"""What devices recorded while nobody listened."""

from dependency_injector import providers

from adapters.outbound.capture_journal.left_behind import FileLeftJournals
from application.offline.accept_card import AcceptCard
from application.offline.accept_files import AcceptFiles
from application.offline.going_on import GoingOn
from application.offline.hear_card import HearCard
from application.offline.hear_late import HearLate
from application.offline.left_behind import SHORTEST_SECONDS, HandInLeftBehind
from application.offline.place_speech import PlaceSpeech
from application.offline.sync_files import SyncFiles
from application.recordings.hear_recording import HearRecording
from application.users.erased_users import ErasedUsers
from bootstrap.graph.post_processing import PostProcessing


class Offline(PostProcessing):
    """Files that come late."""

    accept_files = providers.Singleton(
        AcceptFiles,
        objects=PostProcessing.object_store,
        jobs=PostProcessing.job_queue,
        decoder=PostProcessing.audio_decoder,
        clock=PostProcessing.clock,
    )
    erased_users = providers.Singleton(ErasedUsers, PostProcessing.key_value_store, clock=PostProcessing.clock)
    hand_in_left_behind = providers.Singleton(
        HandInLeftBehind,
        left=providers.Singleton(
            FileLeftJournals, data_dir=PostProcessing.settings.provided.data_dir, vault=PostProcessing.vault
        ),
        accept=providers.Singleton(
            AcceptFiles,
            objects=PostProcessing.object_store,
            jobs=PostProcessing.job_queue,
            decoder=PostProcessing.audio_decoder,
            clock=PostProcessing.clock,
            patience=0.0,
            shortest=SHORTEST_SECONDS,
        ),
        audio_decoder=PostProcessing.audio_decoder,
        erased=erased_users,
        deleted=PostProcessing.deleted_memories,
        clock=PostProcessing.clock,
    )
    hear_late = providers.Singleton(
        HearLate,
        hear=providers.Singleton(HearRecording, PostProcessing.batch_recognizers),
        diarize=PostProcessing.diarize_recording,
        known_voices=PostProcessing.speech_profiles,
        accounts=PostProcessing.accounts,
    )
    place_speech = providers.Singleton(
        PlaceSpeech,
        memories=PostProcessing.memory_repository,
        make_memory=PostProcessing.make_memory,
        understand=PostProcessing.create_memory,
        recordings=PostProcessing.recordings,
        going_on=providers.Singleton(
            GoingOn,
            conversations=PostProcessing.conversations,
            journal=PostProcessing.capture_journal,
            memories=PostProcessing.memory_repository,
            clock=PostProcessing.clock,
        ),
        values=PostProcessing.key_value_store,
        clock=PostProcessing.clock,
        rules=PostProcessing.settings.provided.conversation,
    )
    sync_files = providers.Singleton(
        SyncFiles,
        objects=PostProcessing.object_store,
        memories=PostProcessing.memory_repository,
        decoder=PostProcessing.audio_decoder,
        speech=PostProcessing.recording_voice_activity_detector,
        hear=hear_late,
        place=place_speech,
        deleted=PostProcessing.deleted_memories,
        events=PostProcessing.event_bus,
    )
    accept_card = providers.Singleton(
        AcceptCard,
        objects=PostProcessing.object_store,
        jobs=PostProcessing.job_queue,
        memories=PostProcessing.memory_repository,
        decoder=PostProcessing.recording_decoder,
        clock=PostProcessing.clock,
    )
    hear_card = providers.Singleton(
        HearCard,
        objects=PostProcessing.object_store,
        decoder=PostProcessing.recording_decoder,
        speech=PostProcessing.recording_voice_activity_detector,
        hear=hear_late,
        place=place_speech,
    )
