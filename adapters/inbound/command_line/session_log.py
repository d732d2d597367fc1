"""What a client has been told of its conversations: whether there is still something to wait for."""

from typing import Any


class SessionLog:
    """Follows the messages of one session."""

    def __init__(self) -> None:
        self.unfinished: set[str] = set()
        """Conversations in which something was said, without a memory so far."""
        self.memories: list[str] = []
        """Identifiers of memories made of this session."""
        self.failed = 0
        """Conversations that no memory could be made of now."""
        self.words = 0

    def note(self, message: Any) -> bool:  # noqa: ANN401 - JSON
        """Takes a message of the server, decoded; says whether it is about this session.

        A user's sessions are all told of all memories.
        """
        if isinstance(message, list):
            self.words += sum(len(segment["text"].split()) for segment in message)
            return True
        conversation = message.get("processing_memory_id", "")
        match message.get("type"):
            case "new_processing_memory_created":
                self.unfinished.add(conversation)
            case "new_memory_created":
                if conversation not in self.unfinished:
                    return False
                self.unfinished.discard(conversation)
                self.memories.append(message["memory_id"])
            case "new_memory_create_failed":
                if self.unfinished and conversation not in self.unfinished:
                    return False
                self.unfinished.discard(conversation)
                self.failed += 1
        return True
