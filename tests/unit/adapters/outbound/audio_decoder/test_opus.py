"""Opus: sound, time, and what a hostile or lossy radio makes of packets."""

import random
from pathlib import Path

import numpy as np
import opuslib_next
import pytest

from adapters.inbound.command_line.audio_files import read_audio
from adapters.inbound.command_line.packets import packets
from adapters.outbound.audio_decoder.opus import OpusStream
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, Codec

DELAY = 40
"""Samples by which the low-delay codec lags."""
GARBAGE = b"\xff" * 40


@pytest.fixture(scope="module")
def speech(audio_folder: Path) -> bytes:
    return read_audio(audio_folder / "LJ001-0001.wav")


def encoded(pcm: bytes, *, duration: int, application: int, loss: int = 0) -> list[bytes]:
    """Packets as a phone would make them: the speech codec, with redundancy when loss is expected."""
    encoder = opuslib_next.Encoder(SAMPLE_RATE, 1, application)
    encoder.bitrate = 24_000
    if loss:
        encoder.inband_fec = True
        encoder.packet_loss_perc = loss
    size = duration * SAMPLE_BYTES
    return [encoder.encode(pcm[at : at + size], duration) for at in range(0, len(pcm) - size, size)]


def decoded(stream: OpusStream, sent: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(map(stream.decode, sent)) + stream.flush(), "<i2").astype(float)


def likeness(heard: np.ndarray, source: bytes, *, delay: int) -> float:
    spoken = np.frombuffer(source, "<i2").astype(float)
    length = min(len(heard) - delay, len(spoken))
    return float(np.corrcoef(heard[delay : delay + length], spoken[:length])[0, 1])


@pytest.mark.parametrize("codec", [Codec.OPUS, Codec.OPUS_FS320])
def test_a_device_is_heard_as_it_spoke(speech: bytes, codec: Codec) -> None:
    stream = OpusStream()
    heard = decoded(stream, list(packets(speech, codec)))
    assert likeness(heard, speech, delay=DELAY) > 0.9
    assert stream.corrupt_packets == 0


@pytest.mark.parametrize("duration", [160, 320, 640, 960])
def test_a_packet_lasts_as_long_as_it_says(speech: bytes, duration: int) -> None:
    stream = OpusStream()
    sent = encoded(speech, duration=duration, application=opuslib_next.APPLICATION_VOIP)
    assert {len(stream.decode(packet)) for packet in sent} == {duration * SAMPLE_BYTES}


def test_durations_may_be_mixed(speech: bytes) -> None:
    short, long = list(packets(speech, Codec.OPUS)), list(packets(speech, Codec.OPUS_FS320))
    sent = [short[0], long[1], short[2], long[3], long[4]]
    assert len(decoded(OpusStream(), sent)) == 2 * 160 + 3 * 320


def test_a_corrupt_packet_lasts_as_long_as_the_last_good_one(speech: bytes) -> None:
    stream = OpusStream()
    good = encoded(speech, duration=640, application=opuslib_next.APPLICATION_VOIP)
    heard = decoded(stream, [good[0], GARBAGE, good[2], GARBAGE])
    assert len(heard) == 4 * 640
    assert (stream.corrupt_packets, stream.concealed) == (2, 2 * 640)


@pytest.mark.parametrize("ping", [b"", b"\x8a", b"\x8a\x00"])
def test_a_ping_is_no_sound(ping: bytes) -> None:
    stream = OpusStream()
    assert stream.decode(ping) == b""
    assert (stream.corrupt_packets, stream.flush()) == (0, b"")


def test_a_giant_packet_is_corrupt(speech: bytes) -> None:
    stream = OpusStream()
    good = next(packets(speech, Codec.OPUS))
    stream.decode(good)
    assert stream.decode(good + bytes(1_500)) == b""
    assert stream.corrupt_packets == 1


def test_a_packet_that_claims_more_than_120_milliseconds_is_corrupt() -> None:
    stream = OpusStream()
    three_of_sixty = bytes([(3 << 3) | 3, 3]) + bytes(30)
    assert stream.decode(three_of_sixty) == b""
    assert stream.corrupt_packets == 1


def test_redundancy_restores_better_than_extrapolation(speech: bytes) -> None:
    protected = encoded(speech, duration=320, application=opuslib_next.APPLICATION_VOIP, loss=20)
    plain = decoded(OpusStream(), protected)
    lost = [n for n in range(10, len(protected) - 1) if random.Random(n).random() < 0.15]
    damaged = [GARBAGE if n in lost else packet for n, packet in enumerate(protected)]
    restoring = OpusStream()
    restored = decoded(restoring, damaged)

    extrapolated = []
    blind = OpusStream()
    for n, packet in enumerate(protected):
        extrapolated.append(blind.decode(GARBAGE) + blind.flush() if n in lost else blind.decode(packet))
    guessed = np.frombuffer(b"".join(extrapolated), "<i2").astype(float)

    assert len(restored) == len(plain) == len(guessed)
    assert restoring.corrupt_packets == len(lost) > 10
    assert np.std(restored - plain) < 0.75 * np.std(guessed - plain)


def test_without_redundancy_the_gap_is_extrapolated(speech: bytes) -> None:
    sent = list(packets(speech, Codec.OPUS))
    stream, reference = OpusStream(), OpusStream()
    for packet in sent[:60]:
        stream.decode(packet)
        reference.decode(packet)
    stream.decode(GARBAGE)
    heard = np.frombuffer(stream.decode(sent[61])[:320], "<i2")
    assert np.abs(heard).max() > 0
    assert heard.tobytes() == reference.decode(GARBAGE) + reference.flush()


def test_a_decoder_recovers_after_a_lost_packet(speech: bytes) -> None:
    sent = list(packets(speech, Codec.OPUS))
    damaged = [GARBAGE if n % 20 == 10 else packet for n, packet in enumerate(sent)]
    assert likeness(decoded(OpusStream(), damaged), speech, delay=DELAY) > 0.85


def test_mutated_packets_never_raise_and_their_time_is_accounted_for(speech: bytes) -> None:
    chance = random.Random(7)
    sound = [*packets(speech, Codec.OPUS), *packets(speech, Codec.OPUS_FS320)]
    sound += encoded(speech, duration=320, application=opuslib_next.APPLICATION_VOIP, loss=20)
    stream, duration, owed = OpusStream(), 160, 0
    for _ in range(20_000):
        corrupt_before = stream.corrupt_packets
        packet = mutated(chance.choice(sound), chance)
        count = len(stream.decode(packet)) // SAMPLE_BYTES
        if len(packet) <= 2:
            assert count == 0
        elif stream.corrupt_packets > corrupt_before:
            assert count == owed
            owed = duration
        else:
            duration, owed = count - owed, 0
            assert 0 < duration <= 1_920
    assert len(stream.flush()) == owed * SAMPLE_BYTES
    assert 1_000 < stream.corrupt_packets < 10_000


def mutated(packet: bytes, chance: random.Random) -> bytes:
    match chance.randrange(4):
        case 0:
            return chance.randbytes(chance.randrange(3, 200))
        case 1:
            return packet[: chance.randrange(len(packet) + 1)]
        case 2:
            return packet + chance.randbytes(chance.randrange(1, 40))
    changed = bytearray(packet)
    for _ in range(chance.randrange(1, 6)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)
