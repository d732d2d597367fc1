"""Numbers in the format that Prometheus reads."""

from collections.abc import Sequence

import anyio
from prometheus_client.parser import text_string_to_metric_families

from adapters.inbound.metrics import exposition
from adapters.inbound.metrics.exposition import Exposition, gathered
from ports.errors import TemporarilyUnavailable
from ports.measures import Distribution, Label, Measure, Sample, Spread, by, counted, spread, standing


class Part:
    """Tells what it was given."""

    def __init__(self, *measures: Measure) -> None:
        self._measures = measures

    async def measures(self) -> Sequence[Measure]:
        return self._measures


class Broken:
    async def measures(self) -> Sequence[Measure]:
        raise TemporarilyUnavailable("not now")


class Slow:
    async def measures(self) -> Sequence[Measure]:
        await anyio.sleep_forever()
        return ()


def read(*measures: Measure) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text, _ = Exposition().encoded(measures)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_counters_and_gauges_are_told_with_their_labels() -> None:
    found = read(
        counted("packets", "Packets", [Sample(5)]),
        standing("conversations_open", "Open", by(Label.STATE, {"connected": 2, "waiting": 1})),
    )
    assert found["omi_packets_total", ()] == 5
    assert found["omi_conversations_open", (("state", "waiting"),)] == 1


def test_a_distribution_is_told_as_sums_up_to_each_bound() -> None:
    lag = Distribution((0.1, 1.0))
    for duration in (0.05, 0.1, 0.5, 7.0):
        lag.note(duration)
    found = read(spread("lag_seconds", "Lag", [Spread(lag)]))
    assert found["omi_lag_seconds_bucket", (("le", "0.1"),)] == 2
    assert found["omi_lag_seconds_bucket", (("le", "1.0"),)] == 3
    assert found["omi_lag_seconds_bucket", (("le", "+Inf"),)] == 4
    assert found["omi_lag_seconds_count", ()] == 4
    assert found["omi_lag_seconds_sum", ()] == 7.65


def test_several_parts_may_tell_the_same_number() -> None:
    found = read(
        counted("words", "Words", by(Label.RECOGNIZER, {"one": 1})),
        counted("words", "Words", by(Label.RECOGNIZER, {"two": 2})),
    )
    assert found["omi_words_total", (("recognizer", "two"),)] == 2


def test_the_process_tells_its_memory() -> None:
    assert read()["process_resident_memory_bytes", ()] > 1_000_000


def test_the_newer_format_is_spoken_to_who_asks_for_it() -> None:
    text, media_type = Exposition().encoded([], accept="application/openmetrics-text; version=1.0.0")
    assert media_type.startswith("application/openmetrics-text")
    assert text.endswith(b"# EOF\n")


async def test_a_part_that_cannot_tell_is_counted_and_costs_nobody_else_anything() -> None:
    found = await gathered([Broken(), Part(counted("packets", "Packets", [Sample(1)]))])
    assert [(measure.name, measure.samples[0].value) for measure in found] == [("packets", 1), ("unmeasured_parts", 1)]


async def test_a_part_that_hangs_is_not_waited_for(monkeypatch) -> None:
    monkeypatch.setattr(exposition, "PATIENCE", 0.02)
    with anyio.fail_after(2):
        found = await gathered([Slow(), Part()])
    assert found[-1].samples[0].value == 1
