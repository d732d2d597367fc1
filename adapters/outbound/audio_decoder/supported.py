"""Which audio can be decoded at all: the same for every decoder, so that a format is refused everywhere alike."""

from domain.audio import AudioFormat, Codec
from domain.errors import UnsupportedAudio

OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
LINEAR_RATES = (8_000, 16_000, 24_000, 32_000, 44_100, 48_000)
LC3_RATES = (8_000, 16_000, 24_000, 32_000, 48_000)
OPUS_CODECS = frozenset({Codec.OPUS, Codec.OPUS_FS320})
MOST_CHANNELS = 8

SUPPORTED: dict[Codec, tuple[int, ...]] = {
    Codec.OPUS: OPUS_RATES,
    Codec.OPUS_FS320: OPUS_RATES,
    Codec.PCM16: LINEAR_RATES,
    Codec.PCM8: LINEAR_RATES,
    Codec.AAC: LINEAR_RATES,
    Codec.LC3: LC3_RATES,
    Codec.LC3_FS1030: LC3_RATES,
}
"""Codec -> sample rates in Hz."""


def require_supported(audio: AudioFormat) -> None:
    """Lets a format pass that can be decoded.

    Raises:
        UnsupportedAudio: it cannot; names what can.
    """
    rates = SUPPORTED.get(audio.codec)
    if rates is None:
        raise UnsupportedAudio(f"codec {audio.codec} is not supported; supported: {', '.join(SUPPORTED)}")
    if audio.sample_rate not in rates:
        supported = ", ".join(map(str, rates))
        raise UnsupportedAudio(f"{audio.codec} at {audio.sample_rate} Hz is not supported; supported: {supported} Hz")
    if not 1 <= audio.channels <= MOST_CHANNELS:
        raise UnsupportedAudio(f"{audio.channels} channels are not supported; send 1 to {MOST_CHANNELS}")
