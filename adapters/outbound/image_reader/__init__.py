"""Technologies that read pictures."""
