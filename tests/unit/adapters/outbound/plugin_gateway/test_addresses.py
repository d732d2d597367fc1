"""Addresses inside, in every form in which somebody has smuggled one: none is ever connected to."""

from pathlib import Path
from typing import Any

import httpcore
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.plugin_gateway.addresses import is_public
from adapters.outbound.plugin_gateway.checked_network import CheckedNetwork
from adapters.outbound.plugin_gateway.http import HttpPluginGateway, HttpPluginGatewaySettings
from domain.ids import PluginId, UserId
from ports.errors import Rejected, TemporarilyUnavailable
from ports.plugin_gateway import PluginCall
from tests.support.memories import a_memory

INSIDE = (
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - nothing is bound
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::10.0.0.1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:c0a8:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2606:4700::1%eth0",
    "4000::1",
    "not an address",
    "",
)
OUTSIDE = (
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "198.17.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
)
ADDRESSES = (
    "https://localhost/",
    "https://localhost./",
    "https://LOCALHOST/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0x7f.1/",
    "https://127.0.0.0x1/",
    "https://00000177.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[::1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/latest/",
    "https://100.100.100.200/",
    "https://user@localhost/",
    "https://user:word@localhost/",
    "https://plugin.example@localhost/",
    "https://plugin.example:443@localhost/",
    "https://@localhost/",
    "https://localhost\\@plugin.example/",
    "https://plugin.example\\@localhost/",
    "https://plugin.example /",
    "https://plugin.example\t/",
    "https://plugin.example\r\nHost: localhost/",
    "https://plugin.example\0/",
    "https:localhost/",
    "https:/localhost/",
    "https:///localhost/",
    "https://",
    "https://./",
    "https://../",
    "https://a..b/",
    "https://-a.example/",
    "https://%6c%6f%63alhost/",
    "https://127%2e0%2e0%2e1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://ⓛocalhost/",
    "https://loc\u00adalhost/",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 200 + "example/",
    "https://localhost:443/",
    "https://localhost:22/",
    "https://plugin.example:22/",
    "https://plugin.example:0/",
    "https://plugin.example:99999/",
    "https://plugin.example:port/",
    "http://plugin.example/",
    "http://localhost/",
    "ftp://plugin.example/",
    "file:///etc/passwd",
    "gopher://localhost/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "//localhost/",
    "localhost",
    "",
    "https://plugin.example/" + "a" * 5_000,
)


class NoNetwork(httpcore.AsyncNetworkBackend):
    """Counts who would have been connected to."""

    def __init__(self) -> None:
        self.connected: list[str] = []

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.connected.append(f"{host}:{port}")
        raise httpcore.ConnectError("counted")


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(address)


def test_the_corpus_is_large_enough() -> None:
    assert len(set(INSIDE)) >= 60
    assert len(set(ADDRESSES)) >= 60


async def _resolved_by_the_system(host: str, _port: int) -> tuple[str, ...]:
    """As a resolver that takes every number for an address, and every name for this machine."""
    return (host,) if ":" in host else ("127.0.0.1",)


async def test_tricky_addresses_are_refused_and_never_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, let_through = NoNetwork(), []
    monkeypatch.setattr(httpcore, "AnyIOBackend", lambda: network)
    settings = HttpPluginGatewaySettings()
    async with HttpPluginGateway(
        settings, data_dir=tmp_path, clock=ManualClock(), resolve=_resolved_by_the_system
    ) as gateway:
        for address in ADDRESSES:
            call = PluginCall(plugin=PluginId("p"), user=UserId("anna"), address=address)
            for ask in (gateway.is_set_up(call), gateway.tell_memory(call, a_memory())):
                try:
                    await ask
                    let_through.append(address)
                except Rejected:
                    continue
    assert (let_through, network.connected) == ([], [])


async def test_a_plugin_outside_is_connected_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def outside(_host: str, _port: int) -> tuple[str, ...]:
        return ("93.184.216.34", "2606:2800:220:1::1")

    network = NoNetwork()
    monkeypatch.setattr(httpcore, "AnyIOBackend", lambda: network)
    settings = HttpPluginGatewaySettings()
    async with HttpPluginGateway(settings, data_dir=tmp_path, clock=ManualClock(), resolve=outside) as gateway:
        call = PluginCall(plugin=PluginId("p"), user=UserId("anna"), address="https://Plügin.example.:8443/hook?ü=1")
        with pytest.raises(TemporarilyUnavailable):
            await gateway.tell_memory(call, a_memory())
    assert network.connected == ["93.184.216.34:8443", "2606:2800:220:1::1:8443"]


@pytest.mark.parametrize("address", INSIDE)
async def test_a_name_that_leads_inside_is_never_connected_to(address: str) -> None:
    async def resolve(_host: str, _port: int) -> tuple[str, ...]:
        return ("93.184.216.34", address)

    network = NoNetwork()
    with pytest.raises(Rejected):
        await CheckedNetwork(allowed=(), resolve=resolve, network=network).connect_tcp("plugin.example", 443)
    assert network.connected == []


async def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    """A name that is public when it is checked and private when it is resolved again is resolved once."""
    answers = [("93.184.216.34",), ("127.0.0.1",)]

    async def rebinding(_host: str, _port: int) -> tuple[str, ...]:
        return answers.pop(0)

    network = NoNetwork()
    checked = CheckedNetwork(allowed=(), resolve=rebinding, network=network)
    with pytest.raises(httpcore.ConnectError):
        await checked.connect_tcp("plugin.example", 443)
    with pytest.raises(Rejected):
        await checked.connect_tcp("plugin.example", 443)
    assert network.connected == ["93.184.216.34:443"]


async def test_a_name_without_addresses_and_an_unknown_name_cannot_be_reached() -> None:
    async def nothing(_host: str, _port: int) -> tuple[str, ...]:
        return ()

    async def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise OSError("unknown")

    for resolve in (nothing, unknown):
        with pytest.raises(httpcore.ConnectError):
            await CheckedNetwork(allowed=(), resolve=resolve).connect_tcp("plugin.example", 443)


async def test_a_plugin_is_never_reached_over_a_socket_in_the_file_system() -> None:
    with pytest.raises(Rejected):
        await CheckedNetwork(allowed=(), resolve=_resolved_by_the_system).connect_unix_socket("/run/x")
