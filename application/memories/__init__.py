"""From a conversation to a memory, and all that happens to a memory."""
