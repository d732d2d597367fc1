"""What people see."""

import io
import json

import pytest
from rich.console import Console

from adapters.inbound.command_line.screen import JsonScreen, TextScreen, clock, segment_line

SEGMENT = {"speaker": "SPEAKER_01", "start": 65.2, "end": 67.0, "text": "a [bold] claim", "is_user": False}
MEMORY = {
    "id": "m1",
    "discarded": False,
    "structured": {
        "title": "Plans",
        "overview": "What to do.",
        "emoji": "🧠",
        "category": "work",
        "action_items": [{"description": "call [Ann]", "completed": False}],
    },
}


def shown(*messages: object) -> str:
    output = io.StringIO()
    screen = TextScreen(Console(file=output, width=200))
    with screen.recording("talk [1].wav", length=70):
        screen.sent(35)
        for message in messages:
            screen.message(message)
    return output.getvalue()


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (65.9, "1:05"), (3_725, "1:02:05")])
def test_times_are_for_people(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_what_was_said_is_shown_as_it_was_said() -> None:
    assert "  1:05  speaker 1  a [bold] claim\n" in shown([SEGMENT])


def test_the_owner_is_called_you() -> None:
    assert "you" in segment_line({**SEGMENT, "is_user": True})


def test_a_memory_is_shown_in_a_few_lines() -> None:
    text = shown({"type": "new_memory_created", "memory": MEMORY})
    assert "🧠 Plans  work\nWhat to do.\n  • call [Ann]\nmemory m1\n" in text


def test_without_a_terminal_there_are_neither_colors_nor_bars() -> None:
    text = shown({"type": "interim", "segments": [SEGMENT]})
    assert text == "talk [1].wav  1:10\n"


def test_trouble_is_told() -> None:
    assert "storage_full: no space" in shown(
        {"type": "service_status", "status": "storage_full", "status_text": "no space"}
    )


def test_programs_get_a_line_for_each_event(capsys: pytest.CaptureFixture[str]) -> None:
    screen = JsonScreen()
    with screen.recording("talk.wav", length=1):
        screen.sent(0.5)
        screen.message([SEGMENT])
        screen.message({"type": "new_memory_creating"})
    types = [json.loads(line)["type"] for line in capsys.readouterr().out.splitlines()]
    assert types == ["recording", "segments", "new_memory_creating"]
