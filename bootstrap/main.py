"""The `omi` command."""

import os
import time

STARTED = time.monotonic()
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: its idle threads spin, at 50 ms of CPU a product

import sys  # noqa: E402

import click  # noqa: E402

from bootstrap.commands_ask import ask  # noqa: E402
from bootstrap.commands_audio import stream, transcribe  # noqa: E402
from bootstrap.commands_costs import costs  # noqa: E402
from bootstrap.commands_data import erase, export, import_  # noqa: E402
from bootstrap.commands_identify import identify  # noqa: E402
from bootstrap.commands_integrations import app_key, integration_key  # noqa: E402
from bootstrap.commands_keys import keys  # noqa: E402
from bootstrap.commands_memories import memories, search  # noqa: E402
from bootstrap.commands_migrate import migrate  # noqa: E402
from bootstrap.commands_people import people  # noqa: E402
from bootstrap.commands_postprocess import postprocess  # noqa: E402
from bootstrap.commands_profile import profile  # noqa: E402
from bootstrap.commands_server import serve, token  # noqa: E402
from bootstrap.commands_simulate import simulate  # noqa: E402
from bootstrap.commands_state import config, doctor  # noqa: E402
from bootstrap.settings import WrongSetting  # noqa: E402
from domain.errors import BusinessError  # noqa: E402
from ports.errors import AdapterError  # noqa: E402

FOR_USERS = (WrongSetting, AdapterError, BusinessError)
"""Errors whose message is all that a user needs."""

INTERRUPTED = 130
"""Exit code that shells expect after Ctrl-C."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.pass_context
def omi(context: click.Context) -> None:
    """Omi: live transcription and memory, on your own machine."""
    context.obj = STARTED


COMMANDS = (
    *(serve, stream, transcribe, identify),
    *(search, ask, memories, postprocess, profile, people),
    *(export, import_, migrate, erase),
    *(token, integration_key, app_key, keys, costs, simulate, doctor, config),
)
for command in COMMANDS:
    omi.add_command(command)


def main() -> None:
    """Runs a command; what can go wrong for a user is one line, and an exit code other than 0."""
    try:
        sys.exit(omi.main(prog_name="omi", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (*FOR_USERS, BaseExceptionGroup) as error:
        reason = _first(error)
        if not isinstance(reason, FOR_USERS):
            raise
        click.echo(f"omi: {reason}", err=True)
        sys.exit(1)


def _first(error: BaseException) -> BaseException:
    """The error itself, or the first one of a group: tasks fail in groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    main()
