"""Text indexes: words to the passages that hold them."""
