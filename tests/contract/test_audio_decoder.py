"""What every decoder does with the packets of a connection."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from adapters.inbound.command_line.opus_encoder import OpusEncoder
from adapters.outbound.audio_decoder.fake import FakeAudioDecoder
from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
from domain.audio import SAMPLE_BYTES, AudioFormat, Codec
from domain.errors import UnsupportedAudio
from ports.audio_decoder import AudioDecoder
from tests.contract.harness import over

OPUS = AudioFormat(codec=Codec.OPUS, sample_rate=16_000)
PACKET = 160
"""Samples."""


class Bench:
    """A decoder, packets that it understands and one that it does not."""

    def __init__(self, decoder: AudioDecoder, packets: list[bytes], corrupt: bytes) -> None:
        self.decoder = decoder
        self.packets = packets
        self.corrupt = corrupt


def sound(packet: int) -> bytes:
    return b"".join(((packet * 37 + i * 211) % 6_000 - 3_000).to_bytes(2, "little", signed=True) for i in range(PACKET))


@asynccontextmanager
async def libopus(_folder: Path) -> AsyncIterator[Bench]:
    encoder = OpusEncoder(PACKET)
    yield Bench(LibopusAudioDecoder(), [encoder.encode(sound(n)) for n in range(50)], b"\xff" * 40)


@asynccontextmanager
async def fake(_folder: Path) -> AsyncIterator[Bench]:
    yield Bench(FakeAudioDecoder(), [sound(n) for n in range(50)], b"corrupt!")


@pytest.fixture(params=over("audio_decoder", {"libopus": libopus, "fake": fake}))
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    opened: AbstractAsyncContextManager[Bench] = request.param(tmp_path)
    async with opened as ready:
        yield ready


async def test_every_packet_yields_its_samples_at_once(bench: Bench) -> None:
    stream = bench.decoder.open_stream(OPUS)
    assert [len(stream.decode(packet)) for packet in bench.packets] == [PACKET * SAMPLE_BYTES] * len(bench.packets)
    assert stream.flush() == b""
    assert (stream.corrupt_packets, stream.concealed) == (0, 0)


async def test_a_corrupt_packet_costs_no_time(bench: Bench) -> None:
    stream = bench.decoder.open_stream(OPUS)
    sent = [*bench.packets[:10], bench.corrupt, *bench.packets[11:20]]
    heard = b"".join(stream.decode(packet) for packet in sent) + stream.flush()
    assert len(heard) == len(sent) * PACKET * SAMPLE_BYTES
    assert (stream.corrupt_packets, stream.concealed) == (1, PACKET)


async def test_what_a_corrupt_packet_owes_comes_with_the_next(bench: Bench) -> None:
    stream = bench.decoder.open_stream(OPUS)
    stream.decode(bench.packets[0])
    assert stream.decode(bench.corrupt) == b""
    assert len(stream.decode(bench.packets[2])) == 2 * PACKET * SAMPLE_BYTES


async def test_what_a_corrupt_last_packet_owes_comes_with_the_flush(bench: Bench) -> None:
    stream = bench.decoder.open_stream(OPUS)
    stream.decode(bench.packets[0])
    stream.decode(bench.corrupt)
    assert len(stream.flush()) == PACKET * SAMPLE_BYTES
    assert stream.concealed == PACKET


async def test_nothing_but_corrupt_packets_lasts_ten_milliseconds_each(bench: Bench) -> None:
    stream = bench.decoder.open_stream(OPUS)
    heard = b"".join(stream.decode(bench.corrupt) for _ in range(7)) + stream.flush()
    assert len(heard) == 7 * PACKET * SAMPLE_BYTES
    assert (stream.corrupt_packets, stream.concealed) == (7, 7 * PACKET)


async def test_two_connections_do_not_mix(bench: Bench) -> None:
    alone = bench.decoder.open_stream(OPUS)
    expected = [alone.decode(packet) for packet in bench.packets]
    one, other = bench.decoder.open_stream(OPUS), bench.decoder.open_stream(OPUS)
    heard = []
    for packet, foreign in zip(bench.packets, reversed(bench.packets), strict=True):
        heard.append(one.decode(packet))
        other.decode(foreign)
        other.decode(bench.corrupt)
    assert heard == expected
    assert one.corrupt_packets == 0


async def test_no_packets_are_no_samples(bench: Bench) -> None:
    stream = bench.decoder.open_stream(OPUS)
    assert stream.decode(b"") + stream.flush() == b""


@pytest.mark.parametrize("codec", list(Codec))
async def test_a_rate_that_cannot_be_decoded_is_refused_with_those_that_can(bench: Bench, codec: Codec) -> None:
    with pytest.raises(UnsupportedAudio, match=r"11025 Hz .* 8000, .*16000"):
        bench.decoder.open_stream(AudioFormat(codec=codec, sample_rate=11_025))


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
async def test_every_codec_is_taken_at_the_common_rates(bench: Bench, codec: Codec, rate: int) -> None:
    assert bench.decoder.open_stream(AudioFormat(codec=codec, sample_rate=rate)).flush() == b""
