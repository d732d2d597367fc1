"""A simulated vendor with a recognizer behind it says what that recognizer understood, and when it did."""

from collections.abc import AsyncIterator
from functools import partial

import anyio
import pytest

from adapters.inbound.simulators.deepgram import serve_deepgram
from adapters.inbound.simulators.faults import Fault, FaultScript
from adapters.inbound.simulators.http_upload import HttpRequest
from adapters.inbound.simulators.soniox import serve_soniox
from adapters.inbound.simulators.speech_hearing import SpeechHearing, listening_to_speech
from adapters.inbound.simulators.speechmatics import serve_speechmatics
from adapters.outbound.speech_to_text.deepgram import DeepgramSpeechToText, DeepgramSpeechToTextSettings
from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from adapters.outbound.speech_to_text.soniox import SonioxSpeechToText, SonioxSpeechToTextSettings
from adapters.outbound.speech_to_text.speechmatics import SpeechmaticsSpeechToText, SpeechmaticsSpeechToTextSettings
from domain.audio import SAMPLE_BYTES, AudioFrame
from domain.recognition import FinalWords
from domain.transcript import Word
from domain.watermark import WORD_SAMPLES, speech, text_of
from ports.speech_to_text import SpeechToText, TranscriptionRequest

KEY = "simulated"
PAUSE = 1_600
LISTENING = partial(listening_to_speech, FakeSpeechToText())


@pytest.fixture(params=["deepgram", "soniox", "speechmatics"])
async def recognizer(request: pytest.FixtureRequest) -> AsyncIterator[SpeechToText]:
    """The adapter of a vendor that has another recognizer behind it."""
    if request.param == "deepgram":
        async with (
            serve_deepgram(key=KEY, hearing=LISTENING) as vendor,
            DeepgramSpeechToText(DeepgramSpeechToTextSettings(api_key=KEY, url=vendor.url)) as adapter,
        ):
            yield adapter
    elif request.param == "soniox":
        async with serve_soniox(key=KEY, hearing=LISTENING) as vendor:
            yield SonioxSpeechToText(SonioxSpeechToTextSettings(api_key=KEY, url=vendor.url))
    else:
        async with (
            serve_speechmatics(key=KEY, hearing=LISTENING) as vendor,
            SpeechmaticsSpeechToText(SpeechmaticsSpeechToTextSettings(api_key=KEY, url=vendor.url)) as adapter,
        ):
            yield adapter


async def test_what_the_recognizer_understood_is_said_at_a_pause_and_at_the_end(recognizer: SpeechToText) -> None:
    pcm = speech(0, 9, pause=PAUSE)
    half = len(pcm) // 2 & ~1
    words: list[Word] = []
    with anyio.fail_after(10):
        async with recognizer.open_stream(TranscriptionRequest()) as stream:
            await stream.send(AudioFrame(0, pcm[:half]))
            await stream.finalize()
            await stream.send(AudioFrame(half // SAMPLE_BYTES, pcm[half:]))
            await stream.send_eof()
            async for event in stream:
                assert isinstance(event, FinalWords)
                words += event.words
    spoken = [word for word in words if word.text != "."]
    assert [word.text.rstrip(".") for word in spoken] == [text_of(number) for number in range(9)]
    for number, word in enumerate(spoken):
        assert abs(word.start - number * (WORD_SAMPLES + PAUSE)) <= 16


async def test_nothing_counts_as_understood_before_the_recognizer_says_so() -> None:
    heard = SpeechHearing(lambda _: None)
    assert [*heard.steps(bytes(6_400))] == [()] * 10
    assert (heard.position, heard.understood, heard.speaking) == (3_200, 0, True)
    heard.understand(FinalWords((Word("hello", 100, 900, 1.0, 0),), 1_000, "a recognizer"))
    assert not heard.speaking
    assert heard.quiet == 2_300
    assert [word.text for word in heard.flush()] == ["hello"]
    words, through = heard.take()
    assert ([word.text for word in words], through) == (["hello"], 1_000)
    assert heard.speaking


async def test_recordings_of_people_are_refused_not_misheard() -> None:
    async with serve_deepgram(key=KEY, hearing=LISTENING, script=FaultScript()) as vendor:
        request = HttpRequest(
            method="POST", path="/v1/listen", options={}, headers={"authorization": f"Token {KEY}"}, body=b""
        )
        assert vendor.answer(request, None).status == 501
        assert vendor.answer(request, Fault(kind="http_status", status=503)).status == 503
