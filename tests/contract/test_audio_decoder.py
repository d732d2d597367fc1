"""What every decoder does with the packets of a connection."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from adapters.inbound.command_line.aac_encoder import aac_frames
from adapters.inbound.command_line.lc3_encoder import lc3_frames
from adapters.inbound.command_line.opus_encoder import OpusEncoder
from adapters.outbound.audio_decoder.fake import FakeAudioDecoder
from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
from adapters.outbound.audio_decoder.supported import SUPPORTED
from domain.audio import SAMPLE_BYTES, AudioFormat, Codec
from domain.errors import UnsupportedAudio
from ports.audio_decoder import AudioDecoder
from tests.contract.harness import over

OPUS = AudioFormat(codec=Codec.OPUS, sample_rate=16_000)
PACKET = 160
"""Samples."""


class Bench:
    """A decoder, packets that it understands and one that it does not."""

    def __init__(
        self,
        decoder: AudioDecoder,
        packets: list[bytes],
        corrupt: bytes,
        *,
        audio: AudioFormat = OPUS,
        samples: int = PACKET,
    ) -> None:
        self.decoder = decoder
        self.packets = packets
        self.corrupt = corrupt
        self.audio = audio
        self.samples = samples

    @property
    def size(self) -> int:
        """Bytes that a packet becomes."""
        return self.samples * SAMPLE_BYTES


def sound(packet: int) -> bytes:
    return b"".join(((packet * 37 + i * 211) % 6_000 - 3_000).to_bytes(2, "little", signed=True) for i in range(PACKET))


SOUND = b"".join(map(sound, range(400)))


@asynccontextmanager
async def libopus(_folder: Path) -> AsyncIterator[Bench]:
    encoder = OpusEncoder(PACKET)
    yield Bench(LibopusAudioDecoder(), [encoder.encode(sound(n)) for n in range(50)], b"\xff" * 40)


@asynccontextmanager
async def lc3(_folder: Path, *, codec: Codec, size: int, corrupt: bytes) -> AsyncIterator[Bench]:
    audio = AudioFormat(codec=codec, sample_rate=16_000)
    yield Bench(LibopusAudioDecoder(), list(lc3_frames(SOUND, size=size))[:50], corrupt, audio=audio)


@asynccontextmanager
async def aac(_folder: Path) -> AsyncIterator[Bench]:
    audio = AudioFormat(codec=Codec.AAC, sample_rate=16_000)
    yield Bench(LibopusAudioDecoder(), list(aac_frames(SOUND))[:50], b"\xff" * 40, audio=audio, samples=1_024)


@asynccontextmanager
async def fake(_folder: Path) -> AsyncIterator[Bench]:
    yield Bench(FakeAudioDecoder(), [sound(n) for n in range(50)], b"corrupt!")


HARNESSES = {
    "libopus": libopus,
    "lc3": partial(lc3, codec=Codec.LC3, size=40, corrupt=b"\xff" * 19),
    "lc3_fs1030": partial(lc3, codec=Codec.LC3_FS1030, size=30, corrupt=b"\xff" * 29),
    "aac": aac,
    "fake": fake,
}


@pytest.fixture(params=over("audio_decoder", HARNESSES))
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    opened: AbstractAsyncContextManager[Bench] = request.param(tmp_path)
    async with opened as ready:
        yield ready


async def test_every_packet_yields_its_samples_at_once(bench: Bench) -> None:
    stream = bench.decoder.open_stream(bench.audio)
    assert [len(stream.decode(packet)) for packet in bench.packets] == [bench.size] * len(bench.packets)
    assert stream.flush() == b""
    assert (stream.corrupt_packets, stream.concealed) == (0, 0)


async def test_a_corrupt_packet_costs_no_time(bench: Bench) -> None:
    stream = bench.decoder.open_stream(bench.audio)
    sent = [*bench.packets[:10], bench.corrupt, *bench.packets[11:20]]
    heard = b"".join(stream.decode(packet) for packet in sent) + stream.flush()
    assert len(heard) == len(sent) * bench.size
    assert (stream.corrupt_packets, stream.concealed) == (1, bench.samples)


async def test_what_a_corrupt_packet_owes_comes_with_the_next_at_the_latest(bench: Bench) -> None:
    stream = bench.decoder.open_stream(bench.audio)
    stream.decode(bench.packets[0])
    at_once = len(stream.decode(bench.corrupt))
    assert at_once in {0, bench.size}
    assert at_once + len(stream.decode(bench.packets[2])) == 2 * bench.size


async def test_what_a_corrupt_last_packet_owes_comes_with_the_flush_at_the_latest(bench: Bench) -> None:
    stream = bench.decoder.open_stream(bench.audio)
    stream.decode(bench.packets[0])
    assert len(stream.decode(bench.corrupt) + stream.flush()) == bench.size
    assert stream.concealed == bench.samples


async def test_nothing_but_corrupt_packets_lasts_a_packet_each(bench: Bench) -> None:
    stream = bench.decoder.open_stream(bench.audio)
    heard = b"".join(stream.decode(bench.corrupt) for _ in range(7)) + stream.flush()
    assert len(heard) == 7 * bench.size
    assert (stream.corrupt_packets, stream.concealed) == (7, 7 * bench.samples)


async def test_two_connections_do_not_mix(bench: Bench) -> None:
    alone = bench.decoder.open_stream(bench.audio)
    expected = [alone.decode(packet) for packet in bench.packets]
    one, other = bench.decoder.open_stream(bench.audio), bench.decoder.open_stream(bench.audio)
    heard = []
    for packet, foreign in zip(bench.packets, reversed(bench.packets), strict=True):
        heard.append(one.decode(packet))
        other.decode(foreign)
        other.decode(bench.corrupt)
    assert heard == expected
    assert one.corrupt_packets == 0


async def test_two_channels_are_heard_as_one_of_the_same_length(bench: Bench) -> None:
    stream = bench.decoder.open_stream(AudioFormat(codec=bench.audio.codec, sample_rate=16_000, channels=2))
    heard = b"".join(stream.decode(bytes([channel]) + packet) for packet in bench.packets[:20] for channel in (1, 2))
    assert len(heard + stream.flush()) == 20 * bench.size
    assert stream.corrupt_packets == 0


async def test_corrupt_packets_of_a_channel_cost_no_time(bench: Bench) -> None:
    stream = bench.decoder.open_stream(AudioFormat(codec=bench.audio.codec, sample_rate=16_000, channels=2))
    sent = [*bench.packets[:10], bench.corrupt, *bench.packets[11:20]]
    heard = b"".join(stream.decode(bytes([channel]) + packet) for packet in sent for channel in (1, 2))
    assert len(heard + stream.flush()) == 20 * bench.size
    assert (stream.corrupt_packets, stream.concealed) == (2, 2 * bench.samples)


async def test_no_packets_are_no_samples(bench: Bench) -> None:
    stream = bench.decoder.open_stream(bench.audio)
    assert stream.decode(b"") + stream.flush() == b""


@pytest.mark.parametrize("codec", list(Codec))
async def test_a_rate_that_cannot_be_decoded_is_refused_with_those_that_can(bench: Bench, codec: Codec) -> None:
    with pytest.raises(UnsupportedAudio, match=r"11025 Hz .* 8000, .*16000"):
        bench.decoder.open_stream(AudioFormat(codec=codec, sample_rate=11_025))


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
async def test_every_codec_is_taken_at_the_common_rates(bench: Bench, codec: Codec, rate: int) -> None:
    assert bench.decoder.open_stream(AudioFormat(codec=codec, sample_rate=rate)).flush() == b""


@pytest.mark.parametrize("channels", [-1, 0, 9])
async def test_a_number_of_channels_that_cannot_be_is_refused(bench: Bench, channels: int) -> None:
    with pytest.raises(UnsupportedAudio, match=f"{channels} channels are not supported"):
        bench.decoder.open_stream(AudioFormat(codec=bench.audio.codec, sample_rate=16_000, channels=channels))


FORMATS = some.builds(
    lambda codec, rate, channels: AudioFormat(codec=codec, sample_rate=rate, channels=channels),
    some.sampled_from(list(Codec)),
    some.sampled_from([8_000, 16_000, 48_000]),
    some.sampled_from([1, 1, 2]),
)
HOSTILE = some.one_of(
    some.binary(max_size=60),
    some.binary(min_size=30, max_size=30),
    some.binary(max_size=60).map(lambda rest: b"\xff\xf1\x60\x40\x08\x7f\xfc" + rest),
    some.binary(min_size=1_000, max_size=5_000),
)


@pytest.mark.parametrize("decoder", [LibopusAudioDecoder(), FakeAudioDecoder()], ids=["libopus", "fake"])
@given(audio=FORMATS, packets=some.lists(HOSTILE, max_size=12))
@settings(max_examples=120, deadline=None)
def test_nothing_that_a_client_sends_raises(decoder: AudioDecoder, audio: AudioFormat, packets: list[bytes]) -> None:
    stream = decoder.open_stream(audio)
    heard = b"".join(map(stream.decode, packets)) + stream.flush()
    assert len(heard) % SAMPLE_BYTES == 0
    assert stream.corrupt_packets >= 0
    assert stream.concealed >= 0


def test_every_codec_can_be_decoded() -> None:
    assert set(SUPPORTED) == set(Codec)
