"""Real speech and real kills: what is remembered, compared to a run without kills."""

import tempfile
from pathlib import Path

import anyio
import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from adapters.inbound.command_line.audio_files import read_audio
from adapters.inbound.command_line.packets import packets
from benchmarks.server_process import ServerProcess
from benchmarks.word_error_rate import WordErrors, total, word_errors
from domain.audio import Codec

FILES = ("LJ001-0001.wav", "jfk.wav", "LJ001-0002.wav", "LJ001-0006.wav")
SPEED = 2.0
"""Times real time."""
PACKET_SECONDS = 0.01
PAUSE = bytes(2 * 16_000)
"""A second of silence behind each recording."""
SETTLE_SECONDS = 0.3
"""Between the last packet and the kill: all of it was received, hardly any of it was heard."""
QUERY = "codec=opus&sample_rate=16000&language=en"


async def compared(folder: Path, *, sessions: int) -> WordErrors:
    """Errors of the memories after kills, measured against those of a run without."""
    undisturbed = await _remembered(folder, sessions=sessions, kills=False)
    killed = await _remembered(folder, sessions=sessions, kills=True)
    return total(word_errors(before, heard=after) for before, after in zip(undisturbed, killed, strict=True))


async def _remembered(folder: Path, *, sessions: int, kills: bool) -> list[str]:
    """The transcripts of all users, each of whom plays all recordings, beginning at another one."""
    sound = [[*packets(read_audio(folder / name) + PAUSE, Codec.OPUS)] for name in FILES]
    with tempfile.TemporaryDirectory(prefix="omi-crash-") as data:
        server = ServerProcess(Path(data))
        await server.start()
        try:
            for turn in range(len(FILES)):
                async with anyio.create_task_group() as tasks:
                    for user in range(sessions):
                        tasks.start_soon(_play, server, f"user{user}", sound[(turn + user) % len(FILES)])
                if kills:
                    server.kill()
                    await server.start()
            return [await _memory(server, f"user{user}") for user in range(sessions)]
        finally:
            server.kill()


def _socket(server: ServerProcess, user: str) -> connect:
    headers = {"Authorization": f"Bearer {server.token(user)}"}
    return connect(f"{server.address.replace('http', 'ws', 1)}/listen?{QUERY}", additional_headers=headers)


async def _play(server: ServerProcess, user: str, sound: list[bytes]) -> None:
    async with _socket(server, user) as socket, anyio.create_task_group() as tasks:
        tasks.start_soon(_listen, socket)
        due = anyio.current_time()
        for packet in sound:
            await socket.send(packet)
            due += PACKET_SECONDS / SPEED
            await anyio.sleep(max(due - anyio.current_time(), 0))
        await anyio.sleep(SETTLE_SECONDS)
        tasks.cancel_scope.cancel()


async def _listen(socket: ClientConnection) -> None:
    try:
        async for _ in socket:
            pass
    except WebSocketException:
        return


async def _memory(server: ServerProcess, user: str) -> str:
    """Ends the conversation and reads what became of it."""
    async with _socket(server, user) as socket:
        await socket.send('{"type":"end_conversation"}')
        async with httpx.AsyncClient(base_url=server.address) as client:
            with anyio.fail_after(120):
                while True:
                    headers = {"Authorization": f"Bearer {server.token(user)}"}
                    memories = (await client.get("/v1/memories", headers=headers)).raise_for_status().json()
                    if memories:
                        break
                    await anyio.sleep(0.5)
    assert len(memories) == 1, f"{len(memories)} memories of one conversation"
    return " ".join(segment["text"] for segment in memories[0]["transcript_segments"])
