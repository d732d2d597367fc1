"""Sessions that outlive their sockets, for clients that can go on with them (docs/resumable-sessions.md)."""
