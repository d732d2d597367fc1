"""The short way for audio delivers exactly what the frame parser would."""

import asyncio
import socket
from itertools import pairwise
from typing import Any

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from adapters.inbound.server.protocol import BINARY_TAKER, OmiWebSocketProtocol, fast_path_fits

HANDSHAKE = (
    b"GET /listen HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Transport(asyncio.Transport):
    """Takes what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False
        self.reads = True

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002
        return None


async def accepted(kind: type[WebSocketsSansIOProtocol]) -> WebSocketsSansIOProtocol:
    """A connection past its handshake whose application does nothing more."""
    ready, finished = asyncio.Event(), asyncio.Event()

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        ready.set()
        await finished.wait()

    config = uvicorn.Config(
        application,
        interface="asgi3",
        log_config=None,
        ws_max_size=1000,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
    )
    config.load()
    protocol = kind(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(Transport())
    protocol.data_received(HANDSHAKE)
    await ready.wait()
    finished.set()
    await asyncio.gather(*protocol.tasks)
    protocol.transport.closed = False  # type: ignore[attr-defined]
    return protocol


def delivered(protocol: WebSocketsSansIOProtocol, pieces: list[bytes]) -> tuple[list[Any], bytes]:
    """What the application and the client get."""
    before = len(protocol.transport.written)  # type: ignore[attr-defined]
    for piece in pieces:
        if not protocol.transport.is_closing():
            protocol.data_received(piece)
    events = [protocol.queue.get_nowait() for _ in range(protocol.queue.qsize())]
    messages = [event for event in events if event["type"] == "websocket.receive"]
    return messages, b"".join(protocol.transport.written[before:])  # type: ignore[attr-defined]


async def both(pieces: list[bytes], frames: list[bytes]) -> tuple[Any, Any]:
    ours, stock = await accepted(OmiWebSocketProtocol), await accepted(WebSocketsSansIOProtocol)
    result = delivered(ours, pieces), delivered(stock, frames)
    if ours.close_timer:
        ours.close_timer.cancel()
    return result


payloads = st.binary(max_size=140)
whole = st.builds(
    Frame, st.sampled_from([Opcode.BINARY, Opcode.BINARY, Opcode.TEXT]), payloads.map(bytes.hex).map(str.encode)
)
control = st.builds(Frame, st.sampled_from([Opcode.PING, Opcode.PONG]), st.binary(max_size=20))
large = st.just(Frame(Opcode.BINARY, bytes(999)))
too_large = st.just(Frame(Opcode.BINARY, bytes(1001)))
begun = st.just(Frame(Opcode.BINARY, b"begin", fin=False))
continued = st.builds(Frame, st.just(Opcode.CONT), payloads, st.booleans())
reserved = st.just(Frame(Opcode.CONT, b"", fin=True))
frames = st.lists(st.one_of(whole, whole, whole, control, large, begun, continued, reserved, too_large), max_size=30)


@settings(max_examples=150, deadline=None)
@given(frames=frames, cuts=st.lists(st.integers(0, 4000), max_size=40))
def test_any_frames_cut_anywhere_arrive_as_through_the_parser(frames: list[Frame], cuts: list[int]) -> None:
    serialized = [frame.serialize(mask=True) for frame in frames]
    stream = b"".join(serialized)
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    ours, stock = asyncio.run(both(pieces, serialized))
    assert ours == stock


async def test_audio_never_meets_the_frame_parser() -> None:
    protocol = await accepted(OmiWebSocketProtocol)
    protocol.conn.receive_data = None  # type: ignore[method-assign, assignment]
    stream = Frame(Opcode.BINARY, bytes(80)).serialize(mask=True) * 3
    events, _ = delivered(protocol, [stream[:100], stream[100:101], stream[101:]])
    assert [event["bytes"] for event in events] == [bytes(80)] * 3


def test_another_frame_parser_is_left_alone() -> None:
    parser = ServerProtocol(extensions=None)
    assert fast_path_fits(parser)
    del parser.current_size
    assert not fast_path_fits(parser)


async def test_frames_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "uvicorn.error")
    protocol = await accepted(OmiWebSocketProtocol)
    delivered(protocol, [Frame(Opcode.TEXT, b"between us").serialize(mask=True)])
    assert "between us" not in caplog.text


async def test_words_before_a_mistake_are_heard() -> None:
    protocol = await accepted(OmiWebSocketProtocol)
    mistake = Frame(Opcode.BINARY, b"").serialize(mask=False)
    events, answer = delivered(protocol, [Frame(Opcode.TEXT, b"hello").serialize(mask=True) + mistake])
    assert [event["text"] for event in events] == ["hello"]
    assert answer[2:4] == (1002).to_bytes(2, "big")
    protocol.close_timer.cancel()  # type: ignore[union-attr]


async def test_two_mistakes_at_once_are_one() -> None:
    protocol = await accepted(OmiWebSocketProtocol)
    mistakes = Frame(Opcode.TEXT, b"\xff").serialize(mask=True) + Frame(Opcode.BINARY, b"").serialize(mask=False)
    _, answer = delivered(protocol, [mistakes])
    assert answer[2:4] == (1002).to_bytes(2, "big")
    protocol.close_timer.cancel()  # type: ignore[union-attr]


class SocketTransport(Transport):
    """Rests on a socket."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self.connection = connection

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.connection if name == "socket" else default


async def test_a_socket_sends_at_once_and_gives_up_in_time() -> None:
    config = uvicorn.Config(
        "nothing:here", interface="asgi3", log_config=None, ws_ping_interval=2, ws_ping_timeout=1, ws_max_size=1000
    )
    config.loaded, config.loaded_app = True, lambda *_: None
    protocol = OmiWebSocketProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    with socket.socket() as connection:
        protocol.connection_made(SocketTransport(connection))
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 3000


def message(content: bytes | str) -> bytes:
    """A client's frame."""
    if isinstance(content, str):
        return Frame(Opcode.TEXT, content.encode()).serialize(mask=True)
    return Frame(Opcode.BINARY, content).serialize(mask=True)


async def taking(taker: Any) -> tuple[OmiWebSocketProtocol, Any]:
    """A connection whose application has somebody take binary messages."""
    protocol = await accepted(OmiWebSocketProtocol)
    assert isinstance(protocol, OmiWebSocketProtocol)
    offered: Any = protocol.scope["extensions"]
    offered[BINARY_TAKER](taker)
    protocol.data_received(message("past the handshake"))
    await protocol.receive()
    return protocol, asyncio.create_task(protocol.receive())


async def test_a_binary_message_is_taken_at_once_while_the_application_waits() -> None:
    taken: list[bytes] = []

    def take(packet: bytes) -> bool:
        taken.append(packet)
        return True

    protocol, waiting = await taking(take)
    await asyncio.sleep(0)
    protocol.data_received(message(b"one") + message(b"two"))
    assert taken == [b"one", b"two"]
    waiting.cancel()


async def test_what_its_taker_leaves_comes_by_receive() -> None:
    protocol, waiting = await taking(lambda _: False)
    await asyncio.sleep(0)
    protocol.data_received(message(b"one") + message(b"two"))
    assert (await waiting)["bytes"] == b"one"
    assert (await protocol.receive()).get("bytes") == b"two"


async def test_audio_behind_a_text_does_not_overtake_it() -> None:
    taken: list[bytes] = []

    def take(packet: bytes) -> bool:
        taken.append(packet)
        return True

    protocol, waiting = await taking(take)
    await asyncio.sleep(0)
    protocol.data_received(message("end") + message(b"next"))
    protocol.data_received(message(b"and next"))
    assert taken == []
    assert (await waiting)["text"] == "end"
    assert [(await protocol.receive()).get("bytes") for _ in range(2)] == [b"next", b"and next"]


async def test_nothing_is_taken_once_the_application_has_left() -> None:
    taken: list[bytes] = []

    def take(packet: bytes) -> bool:
        taken.append(packet)
        return True

    protocol, waiting = await taking(take)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    protocol.data_received(message(b"late"))
    assert taken == []
