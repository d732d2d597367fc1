"""A message of the chat as apps expect it beside a notification."""

from domain.chat import Message


def told_message(message: Message, *, occasion: str) -> dict[str, str]:
    """Words only, as push services carry nothing else; the text among them, without which the app cannot show it.

    Args:
        message: as it is kept.
        occasion: why the user is notified: `plugin`, `daily_summary`.
    """
    return {
        "id": message.id,
        "text": message.text,
        "created_at": message.created_at.isoformat(),
        "sender": message.sender.value,
        "plugin_id": message.plugin_id or "",
        "from_integration": "true" if message.from_integration else "false",
        "type": message.kind.value,
        "notification_type": occasion,
    }
