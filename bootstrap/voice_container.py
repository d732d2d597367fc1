"""The object graph of voices and people, on top of all else."""

from dependency_injector import providers

from application.enroll_speaker import EnrollSpeaker
from application.hear_segment import HearSegment
from application.join_people import JoinPeople
from application.keep_recordings import KeepRecordings
from application.learn_voices import LearnVoices
from application.load_voices import LoadVoices
from application.manage_people import ManagePeople
from application.relabel_segments import RelabelSegments
from application.share_objects import ShareObjects
from application.speech_profiles import SpeechProfiles
from bootstrap.adapters import chosen
from bootstrap.container import Container

VOICE_ADAPTERS = (
    "recording_voice_activity_detector",
    "speaker_encoder",
    "people",
    "key_value_store",
    "object_store",
    "recording_decoder",
    "recording_encoder",
)
"""In the order they are opened, behind those that everything needs."""


class VoiceContainer(Container):
    """Everything that has to do with voices, once a process."""

    recording_voice_activity_detector = providers.Singleton(
        chosen, "recording_voice_activity_detector", Container.settings, Container.clock
    )
    speaker_encoder = providers.Singleton(chosen, "speaker_encoder", Container.settings, Container.clock)
    people = providers.Singleton(chosen, "people", Container.settings, Container.clock)
    key_value_store = providers.Singleton(chosen, "key_value_store", Container.settings, Container.clock)
    object_store = providers.Singleton(chosen, "object_store", Container.settings, Container.clock)
    recording_decoder = providers.Singleton(chosen, "recording_decoder", Container.settings, Container.clock)
    recording_encoder = providers.Singleton(chosen, "recording_encoder", Container.settings, Container.clock)

    share_objects = providers.Singleton(ShareObjects, objects=object_store)
    load_voices = providers.Singleton(
        LoadVoices,
        objects=object_store,
        decoder=recording_decoder,
        encoder=speaker_encoder,
        speech=recording_voice_activity_detector,
        clock=Container.clock,
    )
    speech_profiles = providers.Singleton(
        SpeechProfiles,
        objects=object_store,
        people=people,
        values=key_value_store,
        encoder=speaker_encoder,
        load=load_voices,
        clock=Container.clock,
    )
    enroll_speaker = providers.Singleton(
        EnrollSpeaker,
        profiles=speech_profiles,
        load=load_voices,
        objects=object_store,
        recordings=recording_decoder,
        packets=Container.audio_decoder,
        files=recording_encoder,
        encoder=speaker_encoder,
        speech=recording_voice_activity_detector,
        clock=Container.clock,
    )
    keep_recordings = providers.Singleton(
        KeepRecordings,
        objects=object_store,
        values=key_value_store,
        memories=Container.memory_repository,
        files=recording_encoder,
        decoder=recording_decoder,
    )
    hear_segment = providers.Singleton(
        HearSegment,
        recordings=keep_recordings,
        objects=object_store,
        encoder=speaker_encoder,
        speech=recording_voice_activity_detector,
        files=recording_encoder,
    )
    learn_voices = providers.Singleton(
        LearnVoices,
        memories=Container.memory_repository,
        people=people,
        profiles=speech_profiles,
        hear=hear_segment,
        objects=object_store,
        encoder=speaker_encoder,
        clock=Container.clock,
    )
    relabel_segments = providers.Singleton(
        RelabelSegments,
        memories=Container.memory_repository,
        people=people,
        profiles=speech_profiles,
        jobs=Container.job_queue,
    )
    manage_people = providers.Singleton(
        ManagePeople, people=people, profiles=speech_profiles, relabel=relabel_segments, clock=Container.clock
    )
    join_people = providers.Singleton(
        JoinPeople,
        people=manage_people,
        profiles=speech_profiles,
        relabel=relabel_segments,
        memories=Container.memory_repository,
        objects=object_store,
    )
