"""Packets that a client gathered and sent in one go."""

import os
from pathlib import Path

import pytest

from adapters.inbound.command_line.opus_encoder import OpusEncoder
from adapters.outbound.audio_decoder.libopus import LibopusAudioDecoder
from application.listening.uploaded_packets import decoded_packets
from domain.embedding import cosine
from domain.speaker import OWNER
from domain.voice_errors import NotARecording, ProfileTooLong
from tests.support.recordings import read
from tests.support.voices import ANNA, VoiceWorld, real_voices, tone


def packets_of(pcm: bytes, *, duration: int = 160) -> list[bytes]:
    encoder, size = OpusEncoder(duration), 2 * duration
    return [encoder.encode(pcm[at : at + size]) for at in range(0, len(pcm), size)]


async def test_opus_packets_become_as_much_sound_as_they_last() -> None:
    decoded = await decoded_packets(packets_of(tone(2)), LibopusAudioDecoder(), longest=60)
    assert len(decoded) == len(tone(2))


async def test_a_few_damaged_packets_cost_their_own_time_alone() -> None:
    packets = packets_of(tone(2))
    packets[20:23] = [b"\xff" * 40] * 3
    assert len(await decoded_packets(packets, LibopusAudioDecoder(), longest=60)) == len(tone(2))


@pytest.mark.parametrize("packets", [[b"\xff" * 40] * 100, [b"x" * 3_000] * 50, [os.urandom(0)] * 9, []])
async def test_what_are_no_opus_packets_gives_no_sound_or_is_refused(packets: list[bytes]) -> None:
    try:
        assert await decoded_packets(packets, LibopusAudioDecoder(), longest=60) == b""
    except NotARecording:
        return


async def test_packets_that_unfold_to_more_than_is_wanted_are_refused() -> None:
    with pytest.raises(ProfileTooLong):
        await decoded_packets(packets_of(tone(3)), LibopusAudioDecoder(), longest=2)


async def test_a_real_voice_is_known_from_what_a_device_sent(audio_folder: Path) -> None:
    async with real_voices() as world:
        katie = read(audio_folder / "enroll_katie.wav")
        enroll = VoiceWorld(world, encoder=world.encoder, speech=world.speech, packets=LibopusAudioDecoder()).enroll
        made = await enroll.from_packets(ANNA, packets_of(katie[: 32_000 * 11]), duration=11)
        assert (made.speakers, made.exemplars > 2) == (1, True)
        known = await world.profiles.known(ANNA)
        assert cosine(known[OWNER], await world.encoder.encode(katie[32_000 * 12 : 32_000 * 15])) > 0.5
