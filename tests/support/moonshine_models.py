"""The embedded recognizer's model for tests: loaded once, or failing."""

from functools import cache

from adapters.outbound.speech_to_text.moonshine_model import MoonshineModel
from ports.errors import TemporarilyUnavailable

shared_model = cache(MoonshineModel)
"""Loading takes a second; a model keeps nothing between two utterances."""


class ChokingModel:
    """A model that fails."""

    def decode(self, pcm: bytes) -> str:
        raise TemporarilyUnavailable(f"the model failed on {len(pcm)} bytes")
