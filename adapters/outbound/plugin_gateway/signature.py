"""Proof that a call comes from here, after the Standard Webhooks specification 1.0.0."""

import base64
import hashlib
import hmac

from domain.ids import PluginId, UserId

PREFIX = "whsec_"


def signing_secret(key: bytes, *, plugin: PluginId, user: UserId) -> str:
    """The secret that one plugin shares with one user; nobody can tell another one from it."""
    names = [hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest() for name in (plugin, user)]
    derived = hmac.digest(key, b"omi plugin webhook 1" + b"".join(names), hashlib.sha256)
    return PREFIX + base64.b64encode(derived).decode()


def signed(body: bytes, *, secret: str, id: str, timestamp: int) -> dict[str, str]:
    """The headers that prove where a body comes from, and when it was sent.

    Args:
        body: as it is sent, to the byte.
        secret: `whsec_` and base64.
        id: of the delivery; the same when it is repeated.
        timestamp: seconds from the start of 1970.
    """
    content = b".".join((id.encode(), str(timestamp).encode(), body))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    proof = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{proof}"}
