from benchmarks.accuracy_report import Accuracy, FileAccuracy, table
from benchmarks.word_error_rate import WordErrors


def errors(count: int) -> WordErrors:
    return WordErrors(errors=count, words=100)


FILE = FileAccuracy(
    name="one.wav",
    bare=errors(4),
    coded=errors(5),
    gated=errors(6),
    open=errors(5),
    lost=("cat", "dog"),
    captured=10.0,
    speech=8.0,
    latency=0.7,
    turn_deviations=(0.1, -0.3),
)
SILENT = FileAccuracy(name="two.wav", bare=errors(0), coded=errors(0), gated=errors(100), open=errors(0))


def figures(*files: FileAccuracy) -> dict[str, str]:
    lines = list(table(Accuracy(files=files)))
    return {line[:36].strip(): line[36:] for line in lines[lines.index("") + 1 :]}


def test_the_cost_of_the_path_is_told_in_points() -> None:
    assert figures(FILE)["the path costs"] == "+2.00 points, the codec alone +1.00"


def test_rates_are_over_all_words_not_over_files() -> None:
    assert figures(FILE, SILENT)["through the socket"] == "53.00%  (106)"


def test_lost_words_are_counted_and_named() -> None:
    assert figures(FILE)["words lost by gating"] == "2"
    assert "cat dog" in next(line for line in table(Accuracy(files=(FILE,))) if line.startswith("one.wav"))


def test_the_share_that_was_sent_is_of_what_was_captured() -> None:
    assert figures(FILE)["audio sent to the recognizer"] == "8.0 s of 10.0 s, 80.0%"


def test_turns_are_off_in_both_directions() -> None:
    assert figures(FILE)["start of a turn, off by"] == "median 0.20 s, largest 0.30 s, of 2"


def test_a_recording_without_a_memory_is_told() -> None:
    shown = figures(SILENT)
    assert shown["recordings without a memory"] == "1"
    assert "end of speech to last text" not in shown
