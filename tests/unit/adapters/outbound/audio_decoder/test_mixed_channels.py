"""Two microphones, one hearing."""

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
from adapters.outbound.audio_decoder.mixed_channels import LONGEST_WAIT
from domain.audio import SAMPLE_BYTES, AudioFormat, Codec
from ports.audio_decoder import AudioDecoderStream

PACKET = 320
MINE, THEIRS = b"\x01", b"\x02"


def opened(channels: int = 2) -> AudioDecoderStream:
    return LibopusAudioDecoder().open_stream(AudioFormat(codec=Codec.PCM16, sample_rate=16_000, channels=channels))


def level(value: int, packets: int = 1) -> bytes:
    return np.full(PACKET * packets, value, "<i2").tobytes()


def samples(pcm: bytes) -> list[int]:
    return [int(value) for value in np.frombuffer(pcm, "<i2")]


def test_both_sides_are_heard_where_they_belong() -> None:
    stream = opened()
    assert stream.decode(MINE + level(100)) == b""
    assert stream.decode(THEIRS + level(20)) == level(120)


def test_what_is_too_loud_together_is_cut_and_does_not_turn_over() -> None:
    stream = opened()
    stream.decode(MINE + level(30_000))
    assert set(samples(stream.decode(THEIRS + level(30_000)))) == {32_767}


def test_a_side_that_sends_nothing_holds_nobody_up_for_long() -> None:
    stream = opened()
    got = b"".join(stream.decode(MINE + level(7)) for _ in range(50))
    assert len(got) == (50 * PACKET - LONGEST_WAIT) * SAMPLE_BYTES
    assert len(got + stream.flush()) == 50 * PACKET * SAMPLE_BYTES


def test_what_comes_late_is_heard_late_and_not_lost() -> None:
    stream = opened()
    got = [stream.decode(MINE + level(7)) for _ in range(20)]
    got += [stream.decode(THEIRS + level(1_000)) for _ in range(20)]
    heard = samples(b"".join(got) + stream.flush())
    assert sum(value >= 1_000 for value in heard) == 20 * PACKET
    assert sum(value % 1_000 == 7 for value in heard) == 20 * PACKET


def test_more_channels_than_were_declared_are_corrupt_packets() -> None:
    stream = opened()
    for channel in (b"\x01", b"\x02", b"\x03"):
        stream.decode(channel + level(1))
    assert stream.corrupt_packets == 1


@given(some.lists(some.tuples(some.sampled_from([MINE, THEIRS]), some.integers(1, 4)), max_size=60))
def test_no_sample_of_any_side_is_left_out(sent: list[tuple[bytes, int]]) -> None:
    stream = opened()
    got = b"".join(stream.decode(side + level(1 if side == MINE else 256, count)) for side, count in sent)
    heard = samples(got + stream.flush())
    assert sum(value & 1 for value in heard) == PACKET * sum(count for side, count in sent if side == MINE)
    assert sum(value >> 8 for value in heard) == PACKET * sum(count for side, count in sent if side == THEIRS)
    assert len(heard) <= PACKET * sum(chain((count for _, count in sent), [0]))
