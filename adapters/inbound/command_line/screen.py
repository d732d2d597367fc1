"""What people see while audio is heard: text as it comes, a bar with the time, the memory in the end."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn

GUESS_WIDTH = 60
"""Characters of a guess that are shown: its end, where the news is."""


class Screen(Protocol):
    """Where a session is shown. A message is one that the server sends, decoded."""

    @contextmanager
    def recording(self, name: str, *, length: float) -> Iterator[None]:
        """The time in which a recording of so many seconds is sent and heard."""
        ...

    def sent(self, position: float) -> None:
        """So many seconds of the recording are on their way."""
        ...

    def message(self, message: Any) -> None:  # noqa: ANN401 - JSON
        """Something happened."""
        ...


class JsonScreen:
    """One line of JSON for each event."""

    @contextmanager
    def recording(self, name: str, *, length: float) -> Iterator[None]:
        """Says which recording the events that follow belong to."""
        self._line({"type": "recording", "file": name, "seconds": round(length, 3)})
        yield

    def sent(self, position: float) -> None:
        """Not an event."""

    def message(self, message: Any) -> None:  # noqa: ANN401 - JSON
        """Prints it; a bare array of segments gets a type, as all others have."""
        self._line({"type": "segments", "segments": message} if isinstance(message, list) else message)

    def _line(self, value: Mapping[str, Any]) -> None:
        click.echo(msgspec.json.encode(value).decode())


class TextScreen:
    """Lines of text; on a terminal with colors, a bar and guesses."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("[cyan]{task.fields[name]}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[time]}"),
            TextColumn("[dim italic]{task.fields[guess]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self._length = 0.0

    @contextmanager
    def recording(self, name: str, *, length: float) -> Iterator[None]:
        """Shows the bar below the text."""
        self._length = length
        self._print(f"[bold]{escape(name)}[/]  [dim]{clock(length)}[/]")
        with self._progress:
            time = f"0:00 / {clock(length)}"
            self._task = self._progress.add_task("", total=length, name=escape(name), time=time, guess="")
            try:
                yield
            finally:
                self._progress.remove_task(self._task)

    def sent(self, position: float) -> None:
        """Moves the bar."""
        if self._task is not None:
            time = f"{clock(position)} / {clock(self._length)}"
            self._progress.update(self._task, completed=position, time=time)

    def message(self, message: Any) -> None:  # noqa: ANN401 - JSON
        """Prints what is of interest to people."""
        if isinstance(message, list):
            self._lines(map(segment_line, message))
            return
        match message.get("type"):
            case "interim":
                self._guess(" ".join(segment["text"] for segment in message["segments"]))
            case "new_memory_creating":
                self._guess("the memory is being made")
            case "new_memory_created":
                self._lines(memory_lines(message["memory"]))
            case "service_status":
                self._lines([f"[yellow]{escape(message['status'])}: {escape(message['status_text'])}[/]"])

    def _guess(self, text: str) -> None:
        if self._task is not None:
            self._progress.update(self._task, guess=escape(text[-GUESS_WIDTH:]))

    def _lines(self, lines: Iterable[str]) -> None:
        """Prints what is certain; a guess has had its time."""
        self._guess("")
        for line in lines:
            self._print(line)

    def _print(self, line: str) -> None:
        self._console.print(line, soft_wrap=True, highlight=False)


def screen_for(console: Console, *, form: str) -> Screen:
    """The screen for a form of output: `text` or `json`."""
    return JsonScreen() if form == "json" else TextScreen(console)


def clock(seconds: float) -> str:
    """A time for people: `1:05`, `1:02:05`."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def segment_line(segment: Mapping[str, Any]) -> str:
    """A segment on a line of its own, with its time and its voice."""
    voice = "you" if segment["is_user"] else f"speaker {int(segment['speaker'].rpartition('_')[2])}"
    return f"[cyan]{clock(segment['start']):>6}[/]  [green]{voice}[/]  {escape(segment['text'])}"


def memory_lines(memory: Mapping[str, Any]) -> Iterator[str]:
    """A memory in a few lines."""
    about = memory["structured"]
    yield ""
    title = f"{about['emoji']} [bold]{escape(about['title'] or 'Untitled')}[/]  [magenta]{about['category']}[/]"
    yield title + ("  [yellow]nothing worth keeping[/]" if memory["discarded"] else "")
    if about["overview"]:
        yield escape(about["overview"])
    for item in about["action_items"]:
        yield f"  {'✓' if item['completed'] else '•'} {escape(item['description'])}"
    yield f"[dim]memory {escape(memory['id'])}[/]"
