"""Live sessions: how they begin, what they hear, how they are restored."""

from dependency_injector import providers

from application.conversations import Conversations
from application.identify_speakers import IdentifySpeakers
from application.listen import Listen
from application.recover import Recover
from application.restore import Restore
from application.tell_costs import TellCosts
from bootstrap.graph.memories import Memories
from bootstrap.settings import Settings


def _live(identification: IdentifySpeakers, settings: Settings) -> IdentifySpeakers | None:
    return identification if settings.identify_speakers else None


class Listening(Memories):
    """Live sessions."""

    conversations = providers.Singleton(
        Conversations,
        journal=Memories.capture_journal,
        jobs=Memories.job_queue,
        events=Memories.event_bus,
        clock=Memories.clock,
        rules=Memories.settings.provided.conversation,
    )
    listen = providers.Singleton(
        Listen,
        conversations=conversations,
        audio_decoder=Memories.audio_decoder,
        voice_activity_detector=Memories.voice_activity_detector,
        speech_to_text=Memories.speech_to_text,
        events=Memories.event_bus,
        clock=Memories.clock,
        gate=Memories.settings.provided.speech_gate,
        identify_speakers=providers.Callable(_live, Memories.identify_speakers, Memories.settings),
        live_plugins=Memories.live_plugins,
    )
    restore = providers.Singleton(
        Restore,
        conversations=conversations,
        journal=Memories.capture_journal,
        audio_decoder=Memories.audio_decoder,
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
    )
    tell_costs = providers.Singleton(TellCosts, ledger=Memories.usage_ledger, clock=Memories.clock)
