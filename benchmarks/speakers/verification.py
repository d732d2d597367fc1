"""Are two recordings one voice? All pairs, through the port and with the bare model."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import anyio.to_thread
import numpy as np
from msgspec import Struct

from adapters.outbound import onnx_models
from adapters.outbound.speaker_encoder.fbank import MelFilters
from benchmarks.speakers.recorded_voices import RecordedVoice
from domain.embedding import Embedding, cosine
from ports.speaker_encoder import SpeakerEncoder

LENGTHS = (None, 3.0, 2.0, 1.0)
"""Seconds from the middle of each recording; None for all of it."""


class Verification(Struct, frozen=True, kw_only=True):
    """How often two recordings are taken for what they are not."""

    seconds: float | None
    same: int
    """Pairs of one voice."""
    different: int
    port: float
    """Equal error rate: at some threshold, that share of either kind of pair is mistaken."""
    bare: float


async def verifications(voices: Sequence[RecordedVoice], encoder: SpeakerEncoder) -> list[Verification]:
    """Figures for each length."""
    bare = _BareModel()
    found = []
    for duration in LENGTHS:
        cut = [(voice, pcm) for voice in voices if (pcm := _cut(voice, duration)) is not None]
        port = [await encoder.encode(pcm) for _, pcm in cut]
        alone = [await anyio.to_thread.run_sync(bare.encode, pcm) for _, pcm in cut]
        speakers = [voice.speaker for voice, _ in cut]
        same, different = scores(speakers, port)
        found.append(
            Verification(
                seconds=duration,
                same=len(same),
                different=len(different),
                port=equal_error_rate(same, different),
                bare=equal_error_rate(*scores(speakers, alone)),
            )
        )
    return found


def scores(speakers: Sequence[str], sounds: Sequence[Embedding]) -> tuple[list[float], list[float]]:
    """Cosines of the pairs of one voice, and of those of two."""
    same: list[float] = []
    different: list[float] = []
    for (speaker, sound), (other, another) in combinations(zip(speakers, sounds, strict=True), 2):
        (same if speaker == other else different).append(cosine(sound, another))
    return same, different


def equal_error_rate(same: Sequence[float], different: Sequence[float]) -> float:
    """Where as many pairs of one voice are refused as pairs of two are accepted; the mean where they never meet."""
    accepted, refused = np.sort(different), np.sort(same)
    thresholds = np.unique(np.concatenate([accepted, refused]))
    false_acceptance = 1 - np.searchsorted(accepted, thresholds, side="left") / len(accepted)
    false_rejection = np.searchsorted(refused, thresholds, side="left") / len(refused)
    nearest = int(np.abs(false_acceptance - false_rejection).argmin())
    return float(false_acceptance[nearest] + false_rejection[nearest]) / 2


def lines(found: Sequence[Verification]) -> Iterator[str]:
    """To be printed."""
    yield f"{'speaker verification':<30}{'pairs same / different':>24}{'EER port':>10}{'EER bare':>10}"
    for row in found:
        what = "whole recordings" if row.seconds is None else f"{row.seconds:.0f} s of each"
        yield f"  {what:<28}{f'{row.same} / {row.different}':>24}{row.port:>10.2%}{row.bare:>10.2%}"


def _cut(voice: RecordedVoice, duration: float | None) -> bytes | None:
    return voice.pcm if duration is None else voice.middle(duration)


class _BareModel:
    """The model without the adapter: all of the audio, no limits, no checks."""

    def __init__(self) -> None:
        self._session = onnx_models.session(onnx_models.SPEAKER_EMBEDDING)
        self._filters = MelFilters()

    def encode(self, pcm: bytes) -> Embedding:
        features = self._filters.features(np.frombuffer(pcm, "<i2"))
        inputs = {"fbank": features[None], "weights": np.ones((1, len(features)), np.float32)}
        vector = self._session.run(None, inputs)[0][0]
        return Embedding((vector / np.linalg.norm(vector)).astype("<f4").tobytes())
