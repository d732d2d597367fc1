"""`omi ask`: an answer from what was said, while it is written, and where it comes from."""

from datetime import datetime

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from adapters.inbound.command_line.screen import clock
from application.questions.answer_question import Answered, AnswerQuestion, Asked
from domain.audio import seconds
from domain.ids import UserId
from domain.material import Background


async def ask(answers: AnswerQuestion, question: str, *, user: UserId, now: datetime, form: str) -> None:
    """Answers one question on the terminal: pieces as they come, then the places; or all of it as JSON.

    Args:
        answers: what finds and writes.
        question: what is asked.
        user: whose memories.
        now: aware, in the zone of the person who asks.
        form: `text` or `json`.
    """
    asked = Asked(question=question, background=Background(now=now))
    if form == "json":
        answered = await answers.answer(user, asked)
        click.echo(msgspec.json.format(msgspec.json.encode(answered)).decode())
        return

    async def say(piece: str) -> None:
        click.echo(piece, nl=False)

    answered = await answers.answer(user, asked, say=say)
    click.echo()
    show_places(answered, Console(highlight=False))


def show_places(answered: Answered, console: Console) -> None:
    """Prints what the numbers of an answer stand for."""
    for citation in answered.citations:
        when = clock(seconds(citation.start)) if citation.segment_id else ""
        where = f"[cyan]{when:>6}[/]  [dim]{escape(citation.memory_id or '')}[/]"
        text = "" if answered.is_quoted else f"  {escape(citation.text)}"
        console.print(f"  \\[{citation.number}] {where}{text}", soft_wrap=True)
