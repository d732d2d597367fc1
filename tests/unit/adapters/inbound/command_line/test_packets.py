"""Messages like those of the devices."""

import numpy as np
import pytest

from adapters.inbound.command_line.opus_encoder import OpusEncoder
from adapters.inbound.command_line.packets import SAMPLE_RATES, duration, packets
from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
from domain.audio import AudioFormat, Codec

SECOND = (8_000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype("<i2").tobytes()


CUT_EXACTLY = [codec for codec in Codec if codec is not Codec.AAC]


@pytest.mark.parametrize("codec", CUT_EXACTLY)
def test_the_messages_last_as_long_as_the_recording(codec: Codec) -> None:
    assert sum(duration(packet, codec) for packet in packets(SECOND, codec)) == pytest.approx(1)


def test_aac_lasts_a_frame_longer_than_the_recording_and_up_to_one_more() -> None:
    assert len(list(packets(SECOND, Codec.AAC))) == 17
    stream = LibopusAudioDecoder().open_stream(AudioFormat(codec=Codec.AAC, sample_rate=16_000))
    heard = np.frombuffer(b"".join(map(stream.decode, packets(SECOND, Codec.AAC))), "<i2")
    assert len(heard) == 17 * 1_024
    assert np.argmax(np.abs(np.fft.rfft(heard[1_024:17_024]))) == 440


def test_lc3_frames_are_as_long_as_the_firmware_makes_them() -> None:
    assert {len(packet) for packet in packets(SECOND, Codec.LC3_FS1030)} == {30}


@pytest.mark.parametrize("codec", CUT_EXACTLY)
def test_what_is_sent_is_what_the_decoder_hears(codec: Codec) -> None:
    stream = LibopusAudioDecoder().open_stream(AudioFormat(codec=codec, sample_rate=SAMPLE_RATES[codec]))
    heard = b"".join(map(stream.decode, packets(SECOND, codec))) + stream.flush()
    assert len(heard) == len(SECOND)
    spectrum = np.abs(np.fft.rfft(np.frombuffer(heard, "<i2")))
    assert np.argmax(spectrum) == 440


@pytest.mark.parametrize(("codec", "configuration", "count"), [(Codec.OPUS, 22, 100), (Codec.OPUS_FS320, 23, 50)])
def test_opus_is_what_the_firmware_makes(codec: Codec, configuration: int, count: int) -> None:
    sent = list(packets(SECOND, codec))
    assert {packet[0] >> 3 for packet in sent} == {configuration}
    assert len(sent) == count


def test_a_phone_sends_its_microphone_buffer() -> None:
    assert [len(packet) for packet in packets(SECOND, Codec.PCM16)] == [8_192, 8_192, 8_192, 7_424]


def test_the_first_devices_send_what_the_radio_cut() -> None:
    sent = list(packets(SECOND, Codec.PCM8))
    assert [len(packet) for packet in sent[:4]] == [251, 69, 251, 69]
    assert sum(map(len, sent)) == 16_000


@pytest.mark.parametrize("codec", list(Codec))
def test_silence_that_lasts_no_time_is_no_message(codec: Codec) -> None:
    assert list(packets(b"", codec)) == []


def test_the_last_packet_is_filled_with_silence() -> None:
    assert len(list(packets(SECOND[:500], Codec.OPUS))) == 2


def test_more_than_a_packet_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        OpusEncoder(160).encode(bytes(322))
