"""The published client, without a server; with one it is tried in tests/end_to_end/test_listen_resumed.py."""

import json
from typing import Any

import anyio
import pytest
from websockets.asyncio.server import ServerConnection, serve

from examples.resumable_client import HEADER, SUBPROTOCOL, Packet, Refused, ResumableClient

SESSION = {"type": "session", "token": "t", "resumed": False, "durable": 0, "transcribed": 0, "messages": 0}


def a_client(url: str = "ws://127.0.0.1:9", **more: Any) -> tuple[ResumableClient, list[Any]]:
    told: list[Any] = []
    return ResumableClient(url, "of a user", 16_000, told.append, **more), told


def test_audio_that_is_too_much_to_hold_is_given_up_from_its_beginning_and_that_is_told() -> None:
    dropped: list[tuple[int, int]] = []
    client, _ = a_client(most_bytes=1_000, on_drop=lambda start, end: dropped.append((start, end)))
    for _ in range(4):
        client.capture(bytes(320), samples=160)
    assert dropped == [(0, 160)]
    assert client.counts.samples_dropped == 160
    assert '"position": 160' in client._introduction()


def test_each_event_is_told_once() -> None:
    client, told = a_client()
    for number in (1, 2, 1, 2, 3):
        client._take({"type": "event", "number": number, "message": {"type": f"event {number}"}})
    assert [message["type"] for message in told] == ["event 1", "event 2", "event 3"]
    assert (client.counts.events_doubled, client.counts.events_missed) == (2, 0)


def test_events_go_on_behind_a_snapshot() -> None:
    client, told = a_client()
    client._take({"type": "snapshot", "number": 40, "message": []})
    client._take({"type": "event", "number": 41, "message": {}})
    assert len(told) == 2
    assert client.counts.events_missed == 0


def test_a_position_goes_on_while_nothing_is_captured() -> None:
    client, _ = a_client()
    client.capture(bytes(320), samples=160)
    client.capture(bytes(320), samples=160, position=16_000)
    client.capture(bytes(320), samples=160)
    assert [item.position for item in client._waiting if isinstance(item, Packet)] == [0, 16_000, 16_160]
    assert client.now >= 16_320


async def test_a_server_that_knows_nothing_of_it_is_refused() -> None:
    async def ordinary(socket: ServerConnection) -> None:
        await socket.wait_closed()

    async with serve(ordinary, "127.0.0.1", 0) as server:
        client, _ = a_client(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(Refused), anyio.fail_after(5):
            await client.run()


async def test_audio_is_held_until_it_is_durable_and_sent_again_until_then() -> None:
    got: list[tuple[int, bytes]] = []

    async def forgetful(socket: ServerConnection) -> None:
        """Acknowledges one packet on each connection, and then goes."""
        await socket.recv()
        durable = len({position for position, _ in got[:-1]}) * 160
        await socket.send(_json(SESSION | {"durable": durable, "messages": int(durable >= 480)}))
        if durable >= 480:
            await socket.close(1000)
        for _ in range(2):
            message = await socket.recv()
            if isinstance(message, bytes):
                got.append((*HEADER.unpack(message[:8]), message[8:]))
        socket.transport.abort()

    async with serve(forgetful, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL]) as server:
        client, _ = a_client(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        packets = [bytes([number]) * 320 for number in range(3)]
        for packet in packets:
            client.capture(packet, samples=160)
        client.finish()
        with anyio.fail_after(8):
            await client.run()
    assert dict(got) == {0: packets[0], 160: packets[1], 320: packets[2]}
    assert client.counts.packets_again > 0


def _json(message: dict[str, Any]) -> str:
    return json.dumps(message)


async def test_what_would_end_again_in_the_same_way_is_not_tried_again() -> None:
    async def strict(socket: ServerConnection) -> None:
        await socket.close(1008, "position and now: expected 0 <= position <= now")

    async with serve(strict, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL]) as server:
        client, _ = a_client(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(Refused, match="position and now"), anyio.fail_after(5):
            await client.run()


def test_packets_of_several_channels_are_named_and_begin_together() -> None:
    client, _ = a_client()
    client.capture(b"left", b"right", samples=320)
    client.say({"type": "end_conversation"})
    client.capture(b"left", b"right", samples=320)
    packets = [item for item in client._waiting if isinstance(item, Packet)]
    assert [(packet.position, packet.payload[:2]) for packet in packets] == [
        (0, b"\0l"),
        (0, b"\1r"),
        (320, b"\0l"),
        (320, b"\1r"),
    ]


async def test_a_session_that_is_unknown_is_begun_anew_with_all_that_is_held() -> None:
    introductions: list[dict[str, Any]] = []

    async def forgetful(socket: ServerConnection) -> None:
        introductions.append(json.loads(await socket.recv()))
        if len(introductions) == 2:
            await socket.send(_json({"type": "refused", "code": "unknown", "reason": ""}))
            await socket.close(4410)
            return
        await socket.send(_json(SESSION))
        if len(introductions) == 3:
            await socket.send(_json({"type": "ack", "durable": 1, "transcribed": 0, "messages": 1}))
            await socket.close(1000)
        else:
            await socket.send(_json({"type": "event", "number": 1, "message": {}}))
            await anyio.sleep(0.05)
            socket.transport.abort()

    async with serve(forgetful, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL]) as server:
        client, told = a_client(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        client.capture(bytes(320), samples=160)
        client.finish()
        with anyio.fail_after(8):
            await client.run()
    assert [said.get("token", "") for said in introductions] == ["", "t", ""]
    assert [said["position"] for said in introductions] == [0, 0, 0]
    assert told == [{}]
    assert client.counts.sessions == 2
