"""Real speech in the packets of a device, over real sockets, to the real models: from the first word to the list."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest
from msgspec import structs

from adapters.inbound.command_line.audio_files import read_audio
from adapters.inbound.command_line.packets import packets
from adapters.outbound.clock.system import SystemClock
from benchmarks.server_process import ServerProcess
from benchmarks.word_error_rate import word_errors
from domain.audio import Codec
from domain.ids import new_id
from tests.end_to_end.app.test_live import words_of
from tests.support.omi_app.eras import NOW, OCTOBER_2024, SEPTEMBER_2024, Era
from tests.support.omi_app.lines import Network
from tests.support.omi_app.phone import Audio, Phone
from tests.support.omi_app.rest import ForGood, Rest

pytestmark = pytest.mark.alone

SAID = "And so, my fellow Americans, ask not"
PCM = read_audio(Path(__file__).parents[2] / "examples" / "sample.wav")[: int(4.7 * 32_000)] + bytes(4 * 32_000)
SILENCE = {"OMI_CONVERSATION__SILENCE_SECONDS": "3"}
TRUST = {"OMI_AUTHENTICATOR__TRUST_UID": "true"}


def impatient(era: Era) -> Era:
    """An app that leaves it to the server when a conversation has ended: the present one asks for two minutes."""
    parameters = {name: value for name, value in era.parameters.items() if name != "conversation_timeout"}
    return structs.replace(era, parameters=parameters)


@pytest.fixture
def user() -> str:
    return f"user-{new_id()}"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    settings = {"OMI_TEXT_EMBEDDER__NAME": "fake"} | SILENCE | TRUST
    machine = ServerProcess(tmp_path_factory.mktemp("machine"), settings=settings)
    anyio.run(machine.start)
    yield machine
    anyio.run(machine.stop)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("era", "codec"),
    [(SEPTEMBER_2024, Codec.OPUS), (OCTOBER_2024, Codec.OPUS), (NOW, Codec.OPUS_FS320)],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_real_speech_becomes_a_memory_that_the_app_lists(
    machine: ServerProcess, user: str, era: Era, codec: Codec
) -> None:
    tokens = ForGood(machine.token(user))
    async with httpx.AsyncClient(base_url=machine.address, timeout=30) as client:
        rest = Rest(client, tokens)
        phone = Phone(
            impatient(era),
            user=user,
            rest=rest,
            tokens=tokens,
            network=Network(machine.address),
            clock=SystemClock(),
            audio=Audio(codec=codec.value),
        )
        with anyio.fail_after(100):
            async with phone.attached():
                await phone.until(lambda: phone.is_connected)
                for packet in packets(PCM, codec):
                    await phone.hear(packet)
                await phone.until(lambda: bool(phone.screen.memories))
        [listed] = await rest.ask("GET /v1/memories", query={"limit": 50, "offset": 0})
    [told] = phone.screen.memories
    assert listed["id"] == told["id"]
    shown = {segment.get("id", number): segment for number, segment in enumerate(phone.screen.all_segments)}
    for heard in (words_of(listed), [segment["text"] for segment in shown.values()]):
        assert word_errors(SAID, heard=" ".join(heard)).rate <= 0.15
