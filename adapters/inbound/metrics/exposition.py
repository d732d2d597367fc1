"""Numbers in the format that Prometheus reads."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import anyio
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from ports.errors import AdapterError
from ports.measures import Kind, Label, Measurable, Measure, Sample, Spread, standing

PREFIX = "omi_"
PATIENCE = 2.0
"""Seconds that all parts together have to tell their numbers. Who asks waits ten."""


async def gathered(sources: Sequence[Measurable]) -> list[Measure]:
    """The numbers of all parts; of those that cannot tell theirs now, how many they are."""
    found: dict[int, Sequence[Measure]] = {}

    async def ask(number: int, source: Measurable) -> None:
        try:
            found[number] = await source.measures()
        except AdapterError:
            return

    with anyio.move_on_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            for number, source in enumerate(sources):
                tasks.start_soon(ask, number, source)
    missing = Sample(len(sources) - len(found))
    told = [measure for number in sorted(found) for measure in found[number]]
    return [*told, standing("unmeasured_parts", "Parts that could not tell their numbers just now", [missing])]


class Exposition:
    """Encodes numbers as text, with those of the process itself: memory, processor time, open files."""

    def __init__(self) -> None:
        self._process = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._process)

    def encoded(self, measures: Iterable[Measure], *, accept: str = "") -> tuple[bytes, str]:
        """The text and its media type, as the one who asks wants it."""
        encode, media_type = choose_encoder(accept)
        registry = CollectorRegistry()
        registry.register(_Given(families(measures)))
        registry.register(_Given(self._process.collect()))
        return encode(registry), media_type


class _Given:
    """Hands on what is there."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def families(measures: Iterable[Measure]) -> list[Metric]:
    """One family for each name: several parts may tell the same number, each of its own share."""
    made: dict[str, Metric] = {}
    for measure in measures:
        name = PREFIX + measure.name
        labels = _label_names(measure)
        if name not in made:
            made[name] = _KINDS[measure.kind](name, measure.help, labels=labels)
        for sample in measure.samples:
            made[name].add_metric([sample.labels[label] for label in labels], sample.value)  # type: ignore[attr-defined]
        for one in measure.spreads:
            _add(made[name], one, [one.labels[label] for label in labels])
    return list(made.values())


_KINDS = {Kind.COUNTER: CounterMetricFamily, Kind.GAUGE: GaugeMetricFamily, Kind.HISTOGRAM: HistogramMetricFamily}


def _label_names(measure: Measure) -> list[Label]:
    labeled: Sequence[Sample | Spread] = measure.samples or measure.spreads
    return list(labeled[0].labels) if labeled else []


def _add(family: Metric, one: Spread, labels: Sequence[str]) -> None:
    bounds = (*map(str, one.distribution.bounds), "+Inf")
    below = accumulate(one.distribution.counts)
    family.add_metric(  # type: ignore[attr-defined]
        list(labels), buckets=list(zip(bounds, below, strict=True)), sum_value=one.distribution.total
    )
