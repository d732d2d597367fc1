"""Real speech over the real socket: every codec a device sends becomes words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.inbound.command_line.audio_files import read_audio
from adapters.inbound.command_line.packets import SAMPLE_RATES, packets
from benchmarks.server_process import ServerProcess
from benchmarks.word_error_rate import word_errors
from domain.audio import Codec
from tests.support.listen_client import client

pytestmark = pytest.mark.alone

SAID = "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country."
PCM = read_audio(Path(__file__).parents[2] / "examples" / "sample.wav") + bytes(32_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("server"), settings={"OMI_TEXT_EMBEDDER__NAME": "fake"})
    anyio.run(server.start)
    yield server
    anyio.run(server.stop)


async def memory_of(server: ServerProcess, user: str, codec: Codec, sent: list[bytes]) -> dict[str, Any]:
    query = f"codec={codec}&sample_rate={SAMPLE_RATES[codec]}&language=en"
    async with client(server, user, query) as talker:
        await talker.send(sent)
        await talker.end_conversation()
        created = await talker.until("new_memory_created", seconds=50)
        assert word_errors(SAID, heard=" ".join(talker.words)).rate <= 0.15  # at 8 kHz some sounds are gone
    memory: dict[str, Any] = created["memory"]
    return memory


@pytest.mark.parametrize("codec", list(Codec))
async def test_every_codec_gives_the_words(server: ServerProcess, codec: Codec) -> None:
    memory = await memory_of(server, f"user-{codec}", codec, list(packets(PCM, codec)))
    coverage = memory["coverage"]
    assert coverage["captured"] == pytest.approx(12.0, abs=0.1)
    assert coverage["pending"] == 0.0
    assert coverage["corrupt_packets"] == 0


async def test_corrupt_packets_are_concealed_and_counted(server: ServerProcess) -> None:
    sent = list(packets(PCM, Codec.OPUS))
    for at in range(50, 1_050, 100):
        sent[at] = b"\xff\xff\xff\xff\xff"
    coverage = (await memory_of(server, "corrupt", Codec.OPUS, sent))["coverage"]
    assert coverage["corrupt_packets"] == 10
    assert coverage["concealed"] == pytest.approx(0.1, abs=0.02)
    assert coverage["captured"] == pytest.approx(12.0, abs=0.1)


async def test_a_language_that_nobody_here_understands_is_told(server: ServerProcess) -> None:
    async with client(server, "anna", "codec=pcm16&sample_rate=16000&language=tlh") as talker:
        assert await talker.until_closed() == (1008, "The language is not supported, tlh")
