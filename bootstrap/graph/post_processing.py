"""Better transcripts from recordings."""

from dependency_injector import providers

from application.recordings.better_transcript import BetterTranscript
from application.recordings.hear_recording import HearRecording
from application.recordings.post_process import PostProcess
from bootstrap.graph.listening import Listening


class PostProcessing(Listening):
    """Better transcripts."""

    post_process = providers.Singleton(
        PostProcess,
        memories=Listening.memory_repository,
        jobs=Listening.job_queue,
        recordings=Listening.recordings,
        lent=Listening.lent_recordings,
        decoder=Listening.recording_decoder,
        better=providers.Singleton(
            BetterTranscript,
            memories=Listening.memory_repository,
            hear=providers.Singleton(HearRecording, Listening.batch_recognizers),
            speech=Listening.recording_voice_activity_detector,
            diarize=Listening.diarize_recording,
            known_voices=Listening.speech_profiles,
            transcripts=Listening.kept_transcripts,
            understand=Listening.create_memory,
        ),
    )
