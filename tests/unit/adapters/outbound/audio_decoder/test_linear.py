"""Plain samples: whole, at the right rate, and exactly as many as were spoken."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
from adapters.outbound.audio_decoder.supported import LINEAR_RATES
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat, Codec
from ports.audio_decoder import AudioDecoderStream

OTHER_RATES = [rate for rate in LINEAR_RATES if rate != SAMPLE_RATE]


def opened(rate: int, codec: Codec = Codec.PCM16) -> AudioDecoderStream:
    return LibopusAudioDecoder().open_stream(AudioFormat(codec=codec, sample_rate=rate))


def tone(*, rate: int, frequency: float, seconds: float) -> bytes:
    time = np.arange(int(rate * seconds)) / rate
    return (8_000 * np.sin(2 * np.pi * frequency * time)).astype("<i2").tobytes()


def heard(stream: AudioDecoderStream, pcm: bytes, *, piece: int) -> bytes:
    pieces = (pcm[at : at + piece] for at in range(0, len(pcm), piece))
    return b"".join(stream.decode(p) for p in pieces) + stream.flush()


@given(some.binary(max_size=400), some.integers(1, 60))
def test_at_16_khz_any_cut_gives_the_same_samples(pcm: bytes, piece: int) -> None:
    assert heard(opened(SAMPLE_RATE), pcm, piece=piece) == pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES]


@given(some.sampled_from(OTHER_RATES), some.integers(0, 9_000), some.integers(1, 2_500))
@settings(max_examples=150, deadline=None)
def test_the_duration_is_exact_to_the_sample(rate: int, count: int, piece: int) -> None:
    pcm = heard(opened(rate), bytes(count * SAMPLE_BYTES), piece=piece)
    assert len(pcm) == round(count * SAMPLE_RATE / rate) * SAMPLE_BYTES


@pytest.mark.parametrize("rate", LINEAR_RATES)
def test_every_packet_comes_out_as_whole_samples(rate: int) -> None:
    stream = opened(rate)
    sizes = [len(stream.decode(bytes(size))) for size in (251, 69, 1, 1, 7, 4_001)]
    assert all(size % SAMPLE_BYTES == 0 for size in sizes)


@pytest.mark.parametrize("rate", LINEAR_RATES)
def test_a_tone_stays_a_tone_in_its_place(rate: int) -> None:
    pcm = heard(opened(rate), tone(rate=rate, frequency=440, seconds=1), piece=251)
    expected = np.frombuffer(tone(rate=SAMPLE_RATE, frequency=440, seconds=1), "<i2").astype(float)
    difference = np.frombuffer(pcm, "<i2") - expected
    assert np.abs(difference[400:-400]).max() < 20


def test_what_lies_above_the_new_rate_does_not_fold_down() -> None:
    pcm = heard(opened(48_000), tone(rate=48_000, frequency=11_000, seconds=1), piece=1_920)
    assert np.abs(np.frombuffer(pcm, "<i2")[400:-400]).max() < 20


def test_the_first_devices_are_heard_through_their_cut_packets() -> None:
    spoken = tone(rate=8_000, frequency=440, seconds=1)
    whole = heard(opened(8_000, Codec.PCM8), spoken, piece=len(spoken))
    stream = opened(8_000, Codec.PCM8)
    cut = b"".join(
        stream.decode(part)
        for at in range(0, len(spoken), 320)
        for part in (spoken[at : at + 251], spoken[at + 251 : at + 320])
    )
    difference = np.frombuffer(cut + stream.flush(), "<i2").astype(int) - np.frombuffer(whole, "<i2")
    assert np.abs(difference).max() <= 2  # soxr dithers its rounding to 16 bits


@pytest.mark.parametrize(("rate", "longest"), [(8_000, 0.120), (24_000, 0.06), (44_100, 0.06), (48_000, 0.06)])
def test_samples_wait_no_longer_than_the_filter_looks_ahead(rate: int, longest: float) -> None:
    stream = opened(rate)
    packet = bytes(rate // 50 * SAMPLE_BYTES)
    sent = got = 0.0
    for _ in range(100):
        got += len(stream.decode(packet)) / SAMPLE_BYTES / SAMPLE_RATE
        sent += 0.02
        assert sent - got <= longest
