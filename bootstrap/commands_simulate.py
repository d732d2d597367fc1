"""`omi simulate`: a vendor that needs no key and fails on demand."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

import inspect
import shlex
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from bootstrap.found_settings import variable
from bootstrap.settings import WrongSetting

if TYPE_CHECKING:
    from adapters.inbound.simulators.fal_faults import FalScript
    from adapters.inbound.simulators.faults import FaultScript
    from adapters.inbound.simulators.firestore_faults import FirestoreScript
    from adapters.inbound.simulators.hearing import Listening
    from adapters.inbound.simulators.openai_faults import OpenAIScript

RECOGNIZERS = ("deepgram", "soniox", "speechmatics")
WITHOUT_FAULTS = ("fcm", "hume", "pinecone")
"""They follow no script."""
VENDORS = (*RECOGNIZERS, "openai", "fal", "firestore", *WITHOUT_FAULTS)
LONGEST_UTTERANCE = 5.0
"""Seconds until final words come, whoever speaks on: vendors do not wait for the end of a long sentence."""


@click.command()
@click.argument("vendor", type=click.Choice(VENDORS))
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: a free one.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What goes wrong; TOML.")
@click.option("--key", default="simulated", show_default=True, help="The key that is accepted.")
@click.option(
    "--hear",
    type=click.Choice(["watermark", "speech"]),
    default="watermark",
    show_default=True,
    help="Recognizers: understand numbered test audio, or English by the embedded recognizer.",
)
def simulate(*, vendor: str, port: int, host: str, script: Path | None, key: str, hear: str) -> None:
    """Pretend to be VENDOR until Ctrl-C. No key, no account, no cost; faults by script."""

    async def run() -> None:
        faults = _script(vendor, script)
        async with _serving(vendor, hear, host=host, port=port, key=key, script=faults) as simulation:
            shown = getattr(simulation, "service_account", key)
            for line in announcement(vendor, url=simulation.url, key=shown):
                click.echo(line)
            await anyio.sleep_forever()

    anyio.run(run)


def announcement(vendor: str, *, url: str, key: str) -> list[str]:
    """Where the simulation is, and the settings that point a server at it."""
    return [
        f"{vendor}, simulated, listens on {url}",
        *(f"{name}={value}" for name, value in _settings(vendor, url, key)),
    ]


def _settings(vendor: str, url: str, key: str) -> Iterator[tuple[str, str]]:
    if vendor in RECOGNIZERS:
        yield variable(("speech_to_text", "chain")), f"{vendor},moonshine"
        yield variable(("speech_to_text", vendor, "url")), url
        yield variable(("speech_to_text", vendor, "api_key")), key
        return
    if vendor == "firestore":
        for port in _STORES:
            yield variable((port, "name")), vendor
            yield variable((port, vendor, "host")), url
            yield variable((port, vendor, "insecure")), "true"
        yield variable(("vault", "name")), "local"
        return
    if vendor in _PORTS:
        port, secret = _PORTS[vendor]
        yield variable((port, "name")), vendor
        yield variable((port, vendor, "url")), url
        yield variable((port, vendor, secret)), shlex.quote(key)
        return
    yield variable(("language_model", "chain")), f"{vendor},extractive"
    yield variable(("language_model", vendor, "base_url")), url
    yield variable(("language_model", vendor, "api_key")), key


_PORTS = {
    "fal": ("batch_speech_to_text", "api_key"),
    "fcm": ("notifier", "service_account"),
    "hume": ("emotion_analyzer", "api_key"),
    "pinecone": ("vector_index", "api_key"),
}
"""Vendor -> the port it serves, and what its key is called there."""


_STORES = ("memory_repository", "people", "facts", "chat_history")
"""Ports that Firestore serves."""


def _script(vendor: str, path: Path | None) -> "FaultScript | OpenAIScript | FalScript | FirestoreScript | None":
    import msgspec

    from adapters.inbound.simulators.fal_faults import read_fal_script
    from adapters.inbound.simulators.faults import read_script
    from adapters.inbound.simulators.firestore_faults import read_firestore_script
    from adapters.inbound.simulators.openai_faults import read_openai_script

    if path is None:
        return None
    if vendor in WITHOUT_FAULTS:
        raise WrongSetting(f"--script: the simulation of {vendor} follows none")
    try:
        readers: dict[str, Callable[[Path], FaultScript | OpenAIScript | FalScript | FirestoreScript]] = {
            "fal": read_fal_script,
            "firestore": read_firestore_script,
            "openai": read_openai_script,
        }
        return readers.get(vendor, read_script)(path)
    except (OSError, msgspec.DecodeError) as error:
        raise WrongSetting(f"{path} is not a script of faults: {error}") from error


@asynccontextmanager
async def _serving(vendor: str, hear: str, *, host: str, port: int, **options: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - handed through
    """A simulation that runs until the context is left."""
    async with AsyncExitStack() as stack:
        if vendor in RECOGNIZERS:
            options["hearing"] = await _hearing(hear, stack)
        serve = _simulator(vendor)
        wanted = inspect.signature(serve).parameters
        serving = serve(host=host, port=port, **{name: value for name, value in options.items() if name in wanted})
        try:
            simulation = await stack.enter_async_context(serving)
        except OSError as error:
            raise WrongSetting(f"{host}:{port} cannot be listened on: {error.strerror}") from error
        yield simulation


def _simulator(vendor: str) -> Any:  # noqa: ANN401 - functions that agree in what is used here
    if vendor == "fcm":  # this one and the next need libraries of their own
        from adapters.inbound.simulators.fcm import serve_fcm

        return serve_fcm
    if vendor == "pinecone":
        from adapters.inbound.simulators.pinecone import serve_pinecone

        return serve_pinecone
    if vendor == "firestore":
        from adapters.inbound.simulators.firestore import serve_firestore

        return serve_firestore
    from adapters.inbound.simulators.deepgram import serve_deepgram
    from adapters.inbound.simulators.fal import serve_fal
    from adapters.inbound.simulators.hume import serve_hume
    from adapters.inbound.simulators.openai import serve_openai
    from adapters.inbound.simulators.soniox import serve_soniox
    from adapters.inbound.simulators.speechmatics import serve_speechmatics

    return {
        "deepgram": serve_deepgram,
        "fal": serve_fal,
        "hume": serve_hume,
        "openai": serve_openai,
        "soniox": serve_soniox,
        "speechmatics": serve_speechmatics,
    }[vendor]


async def _hearing(hear: str, stack: AsyncExitStack) -> "Listening":
    from adapters.inbound.simulators.hearing import listening_for_watermarks

    if hear == "watermark":
        return listening_for_watermarks
    from adapters.inbound.simulators.speech_hearing import listening_to_speech
    from adapters.outbound.speech_to_text.moonshine import MoonshineSpeechToText, MoonshineSpeechToTextSettings

    settings = MoonshineSpeechToTextSettings(longest_utterance=LONGEST_UTTERANCE)
    recognizer = await stack.enter_async_context(MoonshineSpeechToText(settings))
    return partial(listening_to_speech, recognizer)
