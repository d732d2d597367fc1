"""Better transcripts from recordings."""

from dependency_injector import providers

from application.better_transcript import BetterTranscript
from application.hear_recording import HearRecording
from application.kept_transcripts import KeptTranscripts
from application.lent_recordings import LentRecordings
from application.post_process import PostProcess
from bootstrap.batch_recognizers import batch_recognizers as recognizers
from bootstrap.graph.listening import Listening


class PostProcessing(Listening):
    """Better transcripts."""

    batch_recognizers = providers.Singleton(recognizers, Listening.settings, Listening.clock)
    kept_transcripts = providers.Singleton(
        KeptTranscripts, objects=Listening.object_store, memories=Listening.memory_repository
    )
    lent_recordings = providers.Singleton(
        LentRecordings, objects=Listening.object_store, jobs=Listening.job_queue, clock=Listening.clock
    )
    post_process = providers.Singleton(
        PostProcess,
        memories=Listening.memory_repository,
        jobs=Listening.job_queue,
        recordings=Listening.recordings,
        lent=lent_recordings,
        decoder=Listening.recording_decoder,
        better=providers.Singleton(
            BetterTranscript,
            memories=Listening.memory_repository,
            hear=providers.Singleton(HearRecording, batch_recognizers),
            speech=Listening.recording_voice_activity_detector,
            diarize=Listening.diarize_recording,
            known_voices=Listening.speech_profiles,
            transcripts=kept_transcripts,
            understand=Listening.create_memory,
        ),
    )
