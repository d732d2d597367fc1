"""Which stretches of speech are the same voice, when all of them are known.

The functions are generators: they pause after every few thousand multiplications, so that whoever runs them may do
something else in between, and return their result in the end.
"""

from array import array
from collections.abc import Generator, Iterable, Sequence
from itertools import groupby
from operator import mul

from msgspec import Struct

from domain.embedding import Embedding, normalized

BLOCK = 64
"""Samples that are compared each with each; a longer recording is clustered block by block."""
ROUNDS = 2
"""Looks at all samples again, once the voices are known."""
FOUNDING = 1.0
"""Weight that a sample needs to begin a voice; a lighter one only joins."""
JOINS_FROM = 0.15
"""How far below the threshold a light sample may lie and still join: some voice of the recording it must be."""
LIGHT_VOICE = 2.0
"""Weight of all samples up to which a voice is in doubt."""
LIGHT_JOINS_FROM = 0.1
"""How far below the threshold a voice in doubt may lie from another and still be the same."""

Work = Generator[None, None, list[int]]
"""Pauses now and then; returns for each sample the number of its voice, from 0; -1 where it is none of them."""


class VoiceSample(Struct, frozen=True, kw_only=True):
    """Speech of one voice."""

    window: int
    """Samples of one window are different voices. Windows come in order."""
    embedding: Embedding
    weight: float
    """How much it tells, in seconds of speech."""


class Cluster:
    """Samples that are taken for one voice."""

    def __init__(self) -> None:
        self.weight = 0.0
        self.windows: set[int] = set()
        self._sum: list[float] = []
        self._center: list[float] = []

    @property
    def center(self) -> list[float]:
        """The middle of the samples, unit length; zeros where they cancel each other out."""
        if not self._center:
            self._center = list(array("f", normalized(array("d", self._sum)))) if any(self._sum) else self._sum
        return self._center

    def add(self, values: Sequence[float], *, weight: float, windows: Iterable[int]) -> None:
        """Takes samples whose middle lies at `values`."""
        before = self._sum or [0.0] * len(values)
        self._sum = [s + weight * v for s, v in zip(before, values, strict=True)]
        self._center = []
        self.weight += weight
        self.windows.update(windows)


def clustered(samples: Sequence[VoiceSample], *, threshold: float) -> Work:
    """Finds the voices: takes the nearest pair for one, again and again, then gives each sample to the nearest voice.

    Takes time in proportion to samples and voices.

    Args:
        samples: in order of their windows.
        threshold: cosine from which on two voices are one.
    """
    values: list[list[float]] = []
    for sample in samples:
        values.append(list(array("f", sample.embedding)))
        yield
    clusters = yield from _founded(samples, values, threshold)
    given = [-1] * len(samples)
    for _ in range(ROUNDS):
        given = yield from _given(samples, values, clusters, threshold)
        clusters = yield from _centered(samples, values, given)
        clusters = yield from _agglomerated(clusters, threshold)
    return (yield from _given(samples, values, clusters, threshold))


def _founded(
    samples: Sequence[VoiceSample], values: list[list[float]], threshold: float
) -> Generator[None, None, list[Cluster]]:
    clusters: list[Cluster] = []
    fresh = 0
    for sample, at in zip(samples, values, strict=True):
        if sample.weight < FOUNDING:
            continue
        cluster = Cluster()
        cluster.add(at, weight=sample.weight, windows=(sample.window,))
        clusters.append(cluster)
        fresh += 1
        if fresh == BLOCK:
            clusters = yield from _agglomerated(clusters, threshold)
            fresh = 0
    return (yield from _agglomerated(clusters, threshold))


def _agglomerated(clusters: list[Cluster], threshold: float) -> Generator[None, None, list[Cluster]]:
    """Joins the two nearest as long as there are two that are near enough."""
    near: list[list[float]] = []
    for number, cluster in enumerate(clusters):
        near.append([_nearness(cluster, other, threshold) for other in clusters[:number]])
        yield
    while True:
        best = max((max(row, default=0.0), number) for number, row in enumerate(near)) if near else (0.0, 0)
        if best[0] <= 0:
            return clusters
        later = best[1]
        earlier = near[later].index(best[0])
        gone = clusters.pop(later)
        del near[later]
        for row in near[later:]:
            del row[later]
        clusters[earlier].add(gone.center, weight=gone.weight, windows=gone.windows)
        near[earlier] = [_nearness(clusters[earlier], other, threshold) for other in clusters[:earlier]]
        for number in range(earlier + 1, len(clusters)):
            near[number][earlier] = _nearness(clusters[number], clusters[earlier], threshold)
        yield


def _nearness(one: Cluster, other: Cluster, threshold: float) -> float:
    """More than 0 for two that may be joined, the more the nearer they are."""
    if not one.windows.isdisjoint(other.windows):
        return 0.0
    light = min(one.weight, other.weight) <= LIGHT_VOICE
    return max(0.0, _cosine(one.center, other.center) - threshold + (LIGHT_JOINS_FROM if light else 0.0))


def _given(
    samples: Sequence[VoiceSample], values: list[list[float]], clusters: Sequence[Cluster], threshold: float
) -> Work:
    """Each sample to the nearest voice; the nearest pair of a window first, no voice twice in a window."""
    given = [-1] * len(samples)
    for _, group in groupby(range(len(samples)), key=lambda k: samples[k].window):
        pairs = [
            (_cosine(values[sample], cluster.center), sample, voice)
            for sample in group
            for voice, cluster in enumerate(clusters)
        ]
        taken: set[int] = set()
        for near, sample, voice in sorted(pairs, reverse=True):
            too_far = samples[sample].weight < FOUNDING and near < threshold - JOINS_FROM
            if given[sample] < 0 and voice not in taken and not too_far:
                given[sample] = voice
                taken.add(voice)
        yield
    return given


def _centered(
    samples: Sequence[VoiceSample], values: list[list[float]], given: Sequence[int]
) -> Generator[None, None, list[Cluster]]:
    clusters: dict[int, Cluster] = {}
    for sample, at, voice in zip(samples, values, given, strict=True):
        if voice >= 0:
            cluster = clusters.setdefault(voice, Cluster())
            cluster.add(at, weight=sample.weight, windows=(sample.window,))
            yield
    return list(clusters.values())


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return float(sum(map(mul, one, other)))
