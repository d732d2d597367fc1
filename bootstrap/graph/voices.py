"""Whose voice it is: profiles, people, recordings, identification."""

from dependency_injector import providers

from application.recordings.diarize_recording import DiarizeRecording
from application.recordings.keep_recordings import KeepRecordings
from application.recordings.kept_transcripts import KeptTranscripts
from application.recordings.lent_recordings import LentRecordings
from application.recordings.share_objects import ShareObjects
from application.voices.enroll_speaker import EnrollSpeaker
from application.voices.hear_segment import HearSegment
from application.voices.identify_speakers import IdentifySpeakers
from application.voices.join_people import JoinPeople
from application.voices.load_voices import LoadVoices
from application.voices.manage_people import ManagePeople
from application.voices.relabel_segments import RelabelSegments
from application.voices.speech_profiles import SpeechProfiles
from bootstrap.graph.adapters import Adapters
from bootstrap.reports import tell_identification_failure


class Voices(Adapters):
    """What is known of voices, and how more is learned."""

    recordings = providers.Singleton(
        KeepRecordings,
        objects=Adapters.object_store,
        values=Adapters.key_value_store,
        memories=Adapters.memory_repository,
        files=Adapters.recording_encoder,
        decoder=Adapters.recording_decoder,
    )
    share_objects = providers.Singleton(ShareObjects, objects=Adapters.object_store)
    kept_transcripts = providers.Singleton(
        KeptTranscripts, objects=Adapters.object_store, memories=Adapters.memory_repository
    )
    lent_recordings = providers.Singleton(
        LentRecordings, objects=Adapters.object_store, jobs=Adapters.job_queue, clock=Adapters.clock
    )
    load_voices = providers.Singleton(
        LoadVoices,
        objects=Adapters.object_store,
        decoder=Adapters.recording_decoder,
        encoder=Adapters.speaker_encoder,
        speech=Adapters.recording_voice_activity_detector,
        clock=Adapters.clock,
    )
    speech_profiles = providers.Singleton(
        SpeechProfiles,
        objects=Adapters.object_store,
        people=Adapters.people,
        values=Adapters.key_value_store,
        encoder=Adapters.speaker_encoder,
        load=load_voices,
        clock=Adapters.clock,
    )
    enroll_speaker = providers.Singleton(
        EnrollSpeaker,
        profiles=speech_profiles,
        load=load_voices,
        objects=Adapters.object_store,
        recordings=Adapters.recording_decoder,
        packets=Adapters.audio_decoder,
        files=Adapters.recording_encoder,
        encoder=Adapters.speaker_encoder,
        speech=Adapters.recording_voice_activity_detector,
        clock=Adapters.clock,
    )
    hear_segment = providers.Singleton(
        HearSegment,
        recordings=recordings,
        objects=Adapters.object_store,
        encoder=Adapters.speaker_encoder,
        speech=Adapters.recording_voice_activity_detector,
        files=Adapters.recording_encoder,
    )
    relabel_segments = providers.Singleton(
        RelabelSegments,
        memories=Adapters.memory_repository,
        people=Adapters.people,
        profiles=speech_profiles,
        jobs=Adapters.job_queue,
    )
    manage_people = providers.Singleton(
        ManagePeople, people=Adapters.people, profiles=speech_profiles, relabel=relabel_segments, clock=Adapters.clock
    )
    join_people = providers.Singleton(
        JoinPeople,
        people=manage_people,
        profiles=speech_profiles,
        relabel=relabel_segments,
        memories=Adapters.memory_repository,
        objects=Adapters.object_store,
    )
    diarize_recording = providers.Singleton(
        DiarizeRecording,
        segmenter=Adapters.speaker_segmenter,
        encoder=Adapters.speaker_encoder,
        calibration=speech_profiles.provided.calibration,
    )
    identify_speakers = providers.Singleton(
        IdentifySpeakers,
        encoder=Adapters.speaker_encoder,
        known_voices=speech_profiles,
        people=Adapters.people,
        journal=Adapters.capture_journal,
        audio_decoder=Adapters.audio_decoder,
        diarize=diarize_recording,
        clock=Adapters.clock,
        report=providers.Object(tell_identification_failure),
    )
