"""FAL for the contract suites: the vendor's own SDK against the simulated vendor, over TLS."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import trustme

from adapters.inbound.simulators.fal import SimulatedFal, serve_fal
from adapters.inbound.simulators.fal_faults import FalFault, FalFaultKind, FalScript
from adapters.outbound.batch_speech_to_text.fal import FalBatchSpeechToText, FalBatchSpeechToTextSettings
from tests.contract.batch_speech_to_text_bench import Bench

KEY = "a-key-that-must-not-show"


@cache
def authority() -> trustme.CA:
    return trustme.CA()


@asynccontextmanager
async def served_over_tls(folder: Path, *faults: FalFault) -> AsyncIterator[tuple[SimulatedFal, str]]:
    """The vendor, and the file of the authority that vouches for it."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority().issue_cert("127.0.0.1").configure_cert(tls)
    trusted = folder / "authority.pem"
    authority().cert_pem.write_to_path(str(trusted))
    async with serve_fal(key=KEY, script=FalScript(faults=faults), tls=tls) as vendor:
        yield vendor, str(trusted)


@asynccontextmanager
async def fal_batch(folder: Path) -> AsyncIterator[Bench]:
    """Recognition of recordings. `break_down` makes the vendor break every connection."""
    async with served_over_tls(folder) as (vendor, certificates):
        settings = FalBatchSpeechToTextSettings(
            api_key=KEY, url=vendor.url, certificates=certificates, poll_seconds=0.01
        )

        async def break_down() -> None:
            vendor.play(FalScript(faults=(FalFault(kind=FalFaultKind.REFUSE),)))

        async with FalBatchSpeechToText(settings) as recognizer:
            yield Bench(recognizer=recognizer, break_down=break_down)
