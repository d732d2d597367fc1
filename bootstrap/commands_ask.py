"""`omi ask`."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

import anyio
import click

from bootstrap.commands_memories import STORES
from bootstrap.commands_server import ME, create_data_folder
from bootstrap.settings import load
from domain.ids import UserId


@click.command()
@click.argument("question")
@click.option("--user", default=ME, show_default=True, help="Whose memories.")
@click.option("--json", "form", flag_value="json", default="text", help="For programs.")
def ask(*, question: str, user: str, form: str) -> None:
    """Answer a question from what was said, and say where that is."""
    from adapters.inbound.command_line.ask import ask as answer
    from application.questions.answer_question import AnswerQuestion
    from bootstrap.adapters import answer_model
    from bootstrap.container import Container
    from bootstrap.lifespan import opened

    settings = load()
    create_data_folder(settings)
    container = Container(settings=settings)

    async def run() -> None:
        async with opened(container, (*STORES, "language_model")):
            model = answer_model(settings, container.language_model())
            answers = AnswerQuestion(recall=container.recall(), model=model)
            now = container.clock().now().astimezone()
            await answer(answers, question, user=UserId(user), now=now, form=form)

    anyio.run(run)
