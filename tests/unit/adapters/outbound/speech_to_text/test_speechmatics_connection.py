"""What a session settles, and when: against a server that says what it is told, a recorded session too."""

import json
from typing import Any

import anyio
import pytest

from domain.audio import SAMPLE_RATE, AudioFrame
from domain.recognition import FinalWords
from domain.transcript import segments_of
from ports.errors import TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest
from tests.support.speaking import frames, heard, listened
from tests.support.vendor_data import vendor_data
from tests.unit.adapters.outbound.speech_to_text.speechmatics_bench import Told, facing


def transcript(kind: str, *words: str, end: float) -> dict[str, Any]:
    """A message with words of 0.2 s that come before its end without a pause."""
    first = end - 0.2 * len(words)
    results = [
        {
            "type": "word",
            "start_time": first + 0.2 * at,
            "end_time": first + 0.2 * (at + 1),
            "alternatives": [{"content": word, "confidence": 1}],
        }
        for at, word in enumerate(words)
    ]
    return {"message": kind, "metadata": {"start_time": 0.0, "end_time": end, "transcript": ""}, "results": results}


def answer(*, at: float) -> dict[str, Any]:
    return {"message": "EndOfUtterance", "metadata": {"start_time": at, "end_time": at}, "forced": True}


async def first_after_a_pause(server: Told, *, interim: bool = False) -> FinalWords | None:
    """The first final event behind a pause after one second; None when there is none for a while."""
    request = TranscriptionRequest(interim=interim)
    async with facing(server, answer_timeout=60.0) as recognizer, recognizer.open_stream(request) as stream:
        for frame in frames(bytes(2 * SAMPLE_RATE)):
            await stream.send(frame)
        await stream.finalize()
        with anyio.move_on_after(0.2):
            async for event in stream:
                if isinstance(event, FinalWords):
                    return event
    return None


async def test_an_answer_settles_everything_up_to_the_pause() -> None:
    event = await first_after_a_pause(Told(at_pause=[answer(at=1.0)]))
    assert event is not None
    assert (event.words, event.through) == ((), SAMPLE_RATE)


async def test_an_answer_that_misses_the_pause_by_a_frame_settles_it() -> None:
    event = await first_after_a_pause(Told(at_pause=[answer(at=0.96)]))
    assert event is not None
    assert event.through == SAMPLE_RATE


async def test_an_answer_settles_no_more_than_the_position_it_names() -> None:
    assert await first_after_a_pause(Told(at_pause=[answer(at=0.5)])) is None


async def test_an_answer_settles_nothing_while_guesses_are_left_without_final_words() -> None:
    said = [transcript("AddPartialTranscript", "lost", end=0.6), answer(at=1.0)]
    assert await first_after_a_pause(Told(at_pause=said), interim=True) is None


async def test_silence_between_words_leaves_room_for_a_word_that_began_in_it() -> None:
    said = [transcript("AddTranscript", end=0.6)]
    event = await first_after_a_pause(Told(at_pause=said))
    assert event is not None
    assert event.through == round(0.52 * SAMPLE_RATE)


async def test_a_pause_is_asked_about_only_when_the_audio_before_was_read() -> None:
    server = Told(confirms=False)
    async with facing(server, send_timeout=0.2) as stt, stt.open_stream(TranscriptionRequest()) as stream:
        await stream.send(AudioFrame(0, bytes(1600)))
        await stream.finalize()
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match="took no data"):
            await anext(aiter(stream))
    assert [type(received) for received in server.received] == [bytes]


async def test_no_more_audio_is_on_its_way_than_allowed() -> None:
    server = Told(confirms=False)
    async with facing(server, send_timeout=0.2, most_in_flight=0.5) as recognizer:
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match="took no data"):
            await listened(recognizer)
    assert sum(len(received) for received in server.received) == pytest.approx(SAMPLE_RATE, abs=3200)


async def test_the_end_names_the_number_of_messages_sent() -> None:
    server = Told()
    async with facing(server) as recognizer:
        await heard(recognizer, frames(bytes(2 * 8_000)))
    last = server.received[-1]
    assert isinstance(last, str)
    sent = sum(isinstance(received, bytes) for received in server.received)
    assert json.loads(last) == {"message": "EndOfStream", "last_seq_no": sent}


def recorded_session() -> list[dict[str, Any]]:
    path = vendor_data() / "speechmatics" / "session_audio_01_16kHz.jsonl"
    return [json.loads(line)["payload"] for line in path.read_text().splitlines()]


def spoken_in(session: list[dict[str, Any]]) -> list[tuple[str, float, int]]:
    """Text, start and voice of each word of a session, by hand."""
    words: list[tuple[str, float, int]] = []
    for message in session:
        fresh = True
        for result in message["results"] if message["message"] == "AddTranscript" else ():
            best = result["alternatives"][0]
            if result["type"] == "punctuation" and not fresh:
                text, *rest = words[-1]
                words[-1] = (text + best["content"], *rest)  # type: ignore[assignment]
            else:
                words.append((best["content"], result["start_time"], int(best["speaker"][1:]) - 1))
            fresh = False
    return words


async def test_a_recorded_session_comes_through_word_for_word_and_voice_for_voice() -> None:
    session = recorded_session()
    async with facing(Told(*session)) as stt:
        words, watermarks = await heard(stt, frames(bytes(2 * int(27.9 * SAMPLE_RATE)), start=1_000))
    expected = spoken_in(session)
    assert [(word.text, word.speaker) for word in words] == [(text, voice) for text, _, voice in expected]
    starts = [1_000 + round(start * SAMPLE_RATE) for _, start, _ in expected]
    assert [word.start for word in words] == pytest.approx(starts, abs=1)
    assert len(words) == 58 + 1  # a full stop comes behind the message of its word
    assert {word.speaker for word in words} == {0, 1}
    assert watermarks == sorted(watermarks)


async def test_a_recorded_session_reads_well() -> None:
    session = recorded_session()
    async with facing(Told(*session)) as stt:
        words, _ = await heard(stt, frames(bytes(2 * int(27.9 * SAMPLE_RATE))))
    text = " ".join(segment.text for segment in segments_of(words))
    assert text.startswith("Welcome to speech. We're delighted that you've decided to try our speech to text software.")
