"""Loud is speech."""

from array import array

from adapters.outbound.voice_activity_detector.fake import (
    FakeVoiceActivityDetector,
    FakeVoiceActivityDetectorSettings,
)


async def test_a_window_is_speech_when_it_is_louder_than_set():
    detector = FakeVoiceActivityDetector(FakeVoiceActivityDetectorSettings(loudness=100))
    loud, soft = array("h", [101, -101] * 256).tobytes(), array("h", [100, -100] * 256).tobytes()

    async with detector.open_stream() as stream:
        stream.push(loud + soft + loud)

        assert await stream.judge() == (1.0, 0.0, 1.0)
