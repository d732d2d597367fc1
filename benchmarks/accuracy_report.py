"""The figures of a run, and how they are printed."""

import statistics
from collections.abc import Iterator

from msgspec import Struct

from benchmarks.word_error_rate import WordErrors, total


class FileAccuracy(Struct, frozen=True, kw_only=True):
    """One recording."""

    name: str
    bare: WordErrors
    """The model alone, on the recording as it is."""
    coded: WordErrors
    """The model alone, on the recording after Opus."""
    gated: WordErrors
    """Through the socket."""
    open: WordErrors
    """Through the socket, with a gate that lets everything through."""
    lost: tuple[str, ...] = ()
    """Words that the open gate's transcript has and the other one has nothing for."""
    captured: float = 0.0
    """Seconds; 0 when no memory was made."""
    speech: float = 0.0
    """Seconds that were sent to the recognizer."""
    latency: float | None = None
    """Seconds from the end of speech to the last text."""
    turn_deviations: tuple[float, ...] = ()
    """Seconds by which the start of a turn is placed too late."""
    text: str = ""
    """What was heard through the socket."""


class Accuracy(Struct, frozen=True, kw_only=True):
    """All recordings."""

    files: tuple[FileAccuracy, ...]

    def sum_of(self, way: str) -> WordErrors:
        """Over all recordings: of `bare`, `coded`, `gated` or `open`."""
        return total(getattr(file, way) for file in self.files)


def table(accuracy: Accuracy) -> Iterator[str]:
    """Lines to print: a row for each recording, then the sums."""
    yield f"{'recording':<28}{'words':>6}{'bare':>6}{'opus':>6}{'socket':>8}{'open':>6}{'sent':>7}{'latency':>9}  lost"
    for file in accuracy.files:
        sent = f"{file.speech / file.captured:.0%}" if file.captured else "?"
        latency = f"{file.latency:.2f} s" if file.latency is not None else "?"
        yield (
            f"{file.name[:27]:<28}{file.gated.words:>6}{file.bare.errors:>6}{file.coded.errors:>6}"
            f"{file.gated.errors:>8}{file.open.errors:>6}{sent:>7}{latency:>9}  {' '.join(file.lost)}"
        )
    yield ""
    yield from _sums(accuracy)


def _sums(accuracy: Accuracy) -> Iterator[str]:
    bare, gated = accuracy.sum_of("bare"), accuracy.sum_of("gated")
    yield _row("word error rate, bare recordings", f"{bare.rate:.2%}  ({bare.errors} of {bare.words} words)")
    coded = accuracy.sum_of("coded")
    yield _row("  after Opus", f"{coded.rate:.2%}  ({coded.errors})")
    yield _row("  through the socket", f"{gated.rate:.2%}  ({gated.errors})")
    codec = f"{100 * (coded.rate - bare.rate):+.2f}"
    yield _row("  the path costs", f"{100 * (gated.rate - bare.rate):+.2f} points, the codec alone {codec}")
    open_ = accuracy.sum_of("open")
    yield _row("  through the socket, gate open", f"{open_.rate:.2%}  ({open_.errors})")
    yield _row("words lost by gating", str(sum(len(file.lost) for file in accuracy.files)))
    captured, speech = (sum(getattr(file, name) for file in accuracy.files) for name in ("captured", "speech"))
    yield _row("audio sent to the recognizer", f"{speech:.1f} s of {captured:.1f} s, {speech / (captured or 1):.1%}")
    missing = sum(not file.captured for file in accuracy.files)
    if missing:
        yield _row("recordings without a memory", str(missing))
    latencies = [file.latency for file in accuracy.files if file.latency is not None]
    if latencies:
        shown = f"median {statistics.median(latencies):.2f} s, longest {max(latencies):.2f} s"
        yield _row("end of speech to last text", shown)
    turns = [abs(deviation) for file in accuracy.files for deviation in file.turn_deviations]
    if turns:
        shown = f"median {statistics.median(turns):.2f} s, largest {max(turns):.2f} s, of {len(turns)}"
        yield _row("start of a turn, off by", shown)


def _row(what: str, figures: str) -> str:
    return f"{what:<36}{figures}"
