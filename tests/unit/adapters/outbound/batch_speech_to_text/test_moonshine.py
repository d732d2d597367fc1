import pytest

from adapters.outbound.batch_speech_to_text import moonshine
from adapters.outbound.batch_speech_to_text.moonshine import (
    MoonshineBatchSpeechToText,
    MoonshineBatchSpeechToTextSettings,
)
from domain.audio import AudioFrame
from ports.errors import Rejected
from ports.speech_to_text import TranscriptionRequest


def not_installed() -> None:
    raise Rejected("the models are not installed")


async def test_no_model_is_loaded_before_a_recording_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moonshine, "MoonshineModel", not_installed)
    async with MoonshineBatchSpeechToText(MoonshineBatchSpeechToTextSettings()) as recognizer:
        with pytest.raises(Rejected):
            await recognizer.transcribe(AudioFrame(0, bytes(2)), TranscriptionRequest())


async def test_a_model_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[object] = []
    monkeypatch.setattr(moonshine, "MoonshineModel", lambda: loaded.append(object()) or loaded[-1])
    async with MoonshineBatchSpeechToText(MoonshineBatchSpeechToTextSettings()) as recognizer:
        for _ in range(2):
            await recognizer.transcribe(AudioFrame(0, bytes(2)), TranscriptionRequest())
    assert len(loaded) == 1
