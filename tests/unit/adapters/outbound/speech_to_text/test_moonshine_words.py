from functools import cache
from pathlib import Path

from adapters.outbound.speech_to_text.moonshine_model import MoonshineModel
from adapters.outbound.speech_to_text.moonshine_words import Continuation, words_of
from domain.audio import SAMPLE_BYTES, AudioFrame, samples
from tests.support.recordings import read

PAUSE, END = samples(3.0), samples(4.6)
"""Where in the recording the speaker pauses: after the Americans, and after `ask not`."""


@cache
def model() -> MoonshineModel:
    return MoonshineModel()


def heard(utterance: AudioFrame) -> str:
    return " ".join(word.text for word in words_of(utterance, model=model()))


def going_on(audio_folder: Path, *, said: str) -> Continuation:
    pcm = read(audio_folder / "jfk.wav")
    earlier = AudioFrame(0, pcm[: PAUSE * SAMPLE_BYTES])
    return Continuation(PAUSE, pcm[PAUSE * SAMPLE_BYTES : END * SAMPLE_BYTES], earlier, said)


def test_what_goes_on_from_earlier_words_is_understood_by_them(audio_folder: Path) -> None:
    utterance = going_on(audio_folder, said="And so my fellow Americans.")
    assert heard(AudioFrame(utterance.start, utterance.pcm)) != "ask not."
    assert heard(utterance) == "ask not."


def test_its_words_lie_behind_the_earlier_ones(audio_folder: Path) -> None:
    utterance = going_on(audio_folder, said="And so my fellow Americans.")
    assert all(PAUSE <= word.start < word.end <= END for word in words_of(utterance, model=model()))


def test_where_the_earlier_words_cannot_be_found_again_it_is_heard_alone(audio_folder: Path) -> None:
    utterance = going_on(audio_folder, said="Something else entirely.")
    assert heard(utterance) == heard(AudioFrame(utterance.start, utterance.pcm))


def test_silence_after_words_holds_no_words(audio_folder: Path) -> None:
    utterance = going_on(audio_folder, said="And so my fellow Americans.")
    for pcm in (bytes(PAUSE), b"\x01\x00\xff\xff" * (PAUSE // 2)):
        assert words_of(Continuation(utterance.start, pcm, utterance.earlier, utterance.said), model=model()) == ()
