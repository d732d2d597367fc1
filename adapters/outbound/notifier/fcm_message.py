"""A notification as Firebase takes it."""

import json
from typing import Any

from ports.notifier import Notification

LARGEST = 3_900
"""Bytes of what is shown and what the app is told; Firebase takes 4,096."""
_LONGEST = 1_000
_SHORTEST = 8
_RESERVED = ("google", "gcm")
_FORBIDDEN = frozenset({"from", "message_type", "notification"})
_LONGEST_TAG = 64


def fcm_message(notification: Notification, *, token: str) -> bytes:
    """The body of a request. What is too long is cut; a notification that comes twice is shown once."""
    longest = _LONGEST
    content = _content(notification, longest=longest)
    while len(json.dumps(content)) > LARGEST and longest > _SHORTEST:
        longest //= 2
        content = _content(notification, longest=longest)
    return json.dumps({"message": {"token": token, **content, **_once(notification.data.get("id", ""))}}).encode()


def _content(notification: Notification, *, longest: int) -> dict[str, Any]:
    shown = {"title": _cut(notification.title, longest), "body": _cut(notification.body, longest)}
    told = {
        _cut(name, longest): _cut(value, longest)
        for name, value in notification.data.items()
        if name not in _FORBIDDEN and not name.startswith(_RESERVED)
    }
    return {"notification": shown, "data": told}


def _cut(text: str, longest: int) -> str:
    whole = text.encode(errors="replace").decode()
    return whole if len(whole) <= longest else f"{whole[: longest - 1]}…"


def _once(name: str) -> dict[str, Any]:
    """What makes a second notification of a name take the place of the first."""
    tag = _cut(name, _LONGEST_TAG).encode("ascii", errors="replace").decode()
    if not tag:
        return {}
    return {"android": {"notification": {"tag": tag}}, "apns": {"headers": {"apns-collapse-id": tag}}}
