"""What plugins answer, read with patience: whatever is not understood is nothing."""

from typing import Any

import msgspec

from domain.plugin import PluginReply, ProactiveNotification

LONGEST_MESSAGE = 10_000
"""Characters; the rest is cut off."""
LONGEST_PROMPT = 128_000
"""Characters. A longer one is not taken."""


def reply_of(body: bytes) -> PluginReply:
    """The message and the notification of an answer. Many plugins answer `ok`, or nothing: that says nothing."""
    answer = _mapping(body)
    message = answer.get("message")
    return PluginReply(
        message=message.strip()[:LONGEST_MESSAGE] if isinstance(message, str) else "",
        notification=_notification(answer.get("notification")),
    )


def is_set_up(body: bytes) -> bool:
    """Whether an answer says that the user has set the plugin up."""
    return _mapping(body).get("is_setup_completed") is True


def _mapping(body: bytes) -> dict[str, Any]:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _notification(value: object) -> ProactiveNotification | None:
    if not isinstance(value, dict):
        return None
    prompt, params, context = value.get("prompt"), value.get("params"), value.get("context")
    if not isinstance(prompt, str) or not 0 < len(prompt) <= LONGEST_PROMPT:
        return None
    return ProactiveNotification(
        prompt=prompt,
        params=tuple(name for name in params if isinstance(name, str)) if isinstance(params, list) else (),
        context=context if isinstance(context, dict) else {},
    )
