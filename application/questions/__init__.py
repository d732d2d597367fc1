"""Finding, answering, chatting."""
