"""Where clients connect to."""

import pytest

from adapters.inbound.command_line.live_socket import address
from domain.audio import Codec
from domain.errors import InvalidRequest

QUERY = "language=en&sample_rate=8000&codec=pcm8&interim=true"


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("ws://127.0.0.1:8000", "ws://127.0.0.1:8000/listen"),
        ("http://localhost:8000/", "ws://localhost:8000/listen"),
        ("https://omi.example/backend", "wss://omi.example/backend/listen"),
        ("wss://omi.example/listen", "wss://omi.example/listen"),
    ],
)
def test_any_way_to_name_a_server_leads_to_its_socket(url: str, where: str) -> None:
    assert address(url, codec=Codec.PCM8, language="en", interim="true") == f"{where}?{QUERY}"


@pytest.mark.parametrize("url", ["", "nowhere", "ftp://127.0.0.1", "ws://"])
def test_what_is_no_server_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="not an address"):
        address(url, codec=Codec.OPUS, language="en", interim="true")
