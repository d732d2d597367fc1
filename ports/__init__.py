"""What the application asks of the world: one Protocol per file."""
