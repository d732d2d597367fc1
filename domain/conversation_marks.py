"""What a client calls its conversations: kept with them, and told back."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, structs

LONGEST = 100
"""Characters of a mark."""


class ConversationMarks(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Names that mean something to the client. Empty where it gave none."""

    client_conversation_id: str = ""
    """The same on two connections: the same conversation."""
    call_id: str = ""
    """Of the call on the phone that is heard."""
    conversation_role: str = ""
    """What it is to the client: `ambient` and the like."""

    def contradict(self, other: "ConversationMarks") -> bool:
        """Whether these cannot be of the same conversation."""
        return _differ(self.client_conversation_id, other.client_conversation_id) or _differ(
            self.call_id, other.call_id
        )

    def name_the_same(self, other: "ConversationMarks") -> bool:
        """Whether the client says that these are of the same conversation."""
        return bool(self.client_conversation_id) and self.client_conversation_id == other.client_conversation_id

    def filled_up(self, other: "ConversationMarks") -> "ConversationMarks":
        """These, with the others' where there are none. What was given once does not change."""
        return ConversationMarks(**(other.told() | self.told()))

    def of_the_next(self) -> "ConversationMarks":
        """Those of the conversation that follows on the same connection: it is not the one that was named."""
        return structs.replace(self, client_conversation_id="")

    def told(self) -> dict[str, str]:
        """Those that were given, by name."""
        return {name: value for name, value in structs.asdict(self).items() if value}


def without_marks(external: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What was sent along with a memory, but for what its client calls it: that is no business of strangers."""
    rest = {name: value for name, value in (external or {}).items() if name not in ConversationMarks.__struct_fields__}
    return rest or None


def _differ(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one != other
