"""Signatures, against the specification's own example and the check that docs/plugins.md gives to authors."""

import time
from pathlib import Path
from typing import Any

import pytest

from adapters.outbound.plugin_gateway.signature import signed, signing_secret
from domain.ids import PluginId, UserId

DOCUMENT = Path(__file__).parents[5] / "docs" / "plugins.md"
KEY = b"k" * 32


def check_in_the_document() -> Any:
    code = DOCUMENT.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own document
    return names["is_genuine"]


def test_the_example_of_the_specification_is_met() -> None:
    headers = signed(
        b'{"test": 2432232314}',
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # noqa: S106 - published
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_check_in_the_document_lets_ours_through_and_nothing_else() -> None:
    is_genuine = check_in_the_document()
    secret = signing_secret(KEY, plugin=PluginId("echo"), user=UserId("anna"))
    now = int(time.time())
    headers = signed(b"{}", secret=secret, id="d1", timestamp=now)
    assert is_genuine(headers, b"{}", secret)
    assert is_genuine(headers | {"webhook-signature": f"v1,other {headers['webhook-signature']}"}, b"{}", secret)
    assert not is_genuine(headers, b"[]", secret)
    assert not is_genuine(headers | {"webhook-id": "d2"}, b"{}", secret)
    assert not is_genuine(signed(b"{}", secret=secret, id="d1", timestamp=now - 600), b"{}", secret)
    other = signing_secret(KEY, plugin=PluginId("echo"), user=UserId("bert"))
    assert not is_genuine(headers, b"{}", other)


@pytest.mark.parametrize(("plugin", "user"), [("a", "bc"), ("ab", "c"), ("", "abc"), ("abc", ""), ("abc", "\0")])
def test_where_the_plugin_ends_and_the_user_begins_makes_a_difference(plugin: str, user: str) -> None:
    secret = signing_secret(KEY, plugin=PluginId(plugin), user=UserId(user))
    assert secret != signing_secret(KEY, plugin=PluginId("abc"), user=UserId("d"))
    assert secret != signing_secret(KEY, plugin=PluginId("abc\0"), user=UserId(""))
    assert secret != signing_secret(b"K" * 32, plugin=PluginId(plugin), user=UserId(user))
