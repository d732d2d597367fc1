"""Text embedders: text to a vector."""
