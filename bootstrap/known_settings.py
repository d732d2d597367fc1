"""What can be set, and what holds where nothing is said."""

import msgspec
from msgspec import Struct

from adapters.inbound.metrics.access import MetricsSettings
from bootstrap.found_settings import Path_, variable
from bootstrap.registry import REGISTRY
from bootstrap.shared_settings import SHARED
from domain.conversation import ConversationRules
from domain.integration import SharedKeys
from domain.plugin_use import UseRates
from domain.rate import RateLimits
from domain.speech_gate import GateSettings

DEFAULTS: dict[str, str] = {
    "audio_decoder": "libopus",
    "voice_activity_detector": "silero",
    "recording_voice_activity_detector": "segmentation",
    "speech_to_text": "moonshine",
    "batch_speech_to_text": "moonshine",
    "speaker_encoder": "wespeaker",
    "speaker_segmenter": "segmentation",
    "text_embedder": "minilm",
    "translator": "none",
    "language_model": "extractive",
    "memory_repository": "sqlite",
    "people": "sqlite",
    "facts": "sqlite",
    "chat_history": "sqlite",
    "vault": "local",
    "key_value_store": "sqlite",
    "object_store": "files",
    "recording_decoder": "soundfile",
    "recording_encoder": "soundfile",
    "emotion_analyzer": "embedded",
    "image_reader": "pillow",
    "text_index": "sqlite",
    "vector_index": "sqlite",
    "usage_ledger": "sqlite",
    "archive": "zip",
    "capture_journal": "files",
    "conversation_leases": "local",
    "job_queue": "sqlite",
    "event_bus": "local",
    "authenticator": "local",
    "plugin_catalog": "file",
    "firmware_catalog": "none",
    "rate_limiter": "local",
    "plugin_gateway": "http",
    "notifier": "log",
    "tracer": "none",
    "clock": "system",
}
"""Port -> the adapter that is used when nothing is said: everything on this machine."""

CHAINED = frozenset({"language_model", "speech_to_text"})
"""Ports that take several adapters, in order of preference: `OMI_SPEECH_TO_TEXT__CHAIN`."""

SHARED_STORES = frozenset({"redis", "firestore", "gcs"})
"""Technologies that several servers use together, and others than them may reach."""
TELLING = (
    "capture_journal",
    "memory_repository",
    "people",
    "facts",
    "chat_history",
    "object_store",
    "key_value_store",
)
"""Ports whose stores hold what users said, or who they are."""
SHARED_VAULT = ("shared",)
UNSEALED = ("none",)

PRICES = {"deepgram": 0.288, "soniox": 0.12, "speechmatics": 0.24}
"""Dollars an hour, as published in the middle of 2026; `OMI_PRICES__DEEPGRAM=...` says otherwise."""

SECTIONS: dict[str, type[Struct]] = {
    "conversation": ConversationRules,
    "integrations": SharedKeys,
    "metrics": MetricsSettings,
    "plugin_rates": UseRates,
    "rate_limits": RateLimits,
    "speech_gate": GateSettings,
}
"""Section -> what can be set there, beside what belongs to adapters."""

PLAIN: dict[Path_, str] = {
    ("host",): "host",
    ("port",): "port",
    ("data_dir",): "data_dir",
    ("shared_data_dir",): "shared_data_dir",
    ("log_level",): "log_level",
    ("longest_socket",): "longest_socket",
    ("identify_speakers",): "identify_speakers",
    ("authenticator", "trust_uid"): "trust_uid",
    ("authenticator", "trust_uid_anywhere"): "trust_uid_anywhere",
    ("speech_to_text", "primed"): "primed",
}
"""Path -> field of Settings."""


def known_variables() -> list[str]:
    """All that can be set, but for what belongs to one adapter alone."""
    return [
        *(variable(path) for path in PLAIN),
        *(variable((port, "chain" if port in CHAINED else "name")) for port in REGISTRY),
        *(variable((s, f.name)) for s, kind in (SECTIONS | SHARED).items() for f in msgspec.structs.fields(kind)),
    ]
