"""Who serves which conversation: within one process, or among servers."""
